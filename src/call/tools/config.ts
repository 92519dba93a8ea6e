import type { TransferTarget } from '../control.js';
import type { Filler } from './tool.js';

/**
 * What an agent may do, as `buildTools` takes it: the validated `tools:` of an agent, in its order. Texts may hold
 * `${NAME}` for a value of the environment where it says so; secrets come from nowhere else.
 */
export type ToolsConfig = readonly ToolSource[];

/** One entry of the list; a module and an MCP server are several tools each. */
export type ToolSource = BuiltinSource | HttpSource | ModuleSource | McpSource;

/** What may be said of every kind. */
export interface ToolSettings {
  /** Longer than this, and the model is told that it failed. */
  readonly timeoutMs?: number;
  /** Absent: none. */
  readonly filler?: Filler;
}

export type BuiltinName = 'hang_up' | 'transfer' | 'send_sms' | 'wait' | 'collect_digits';

export interface BuiltinSource {
  readonly builtin: BuiltinName;
  /** Replaces what the model is told about it. */
  readonly description?: string;
  /** `transfer` only, and there needed: where a call may go, by the name that the model uses. */
  readonly targets?: Readonly<Record<string, NamedTarget>>;
  /** `send_sms` only: the sender, E.164. Absent: the number that was called. */
  readonly from?: string;
}

/** `description` tells the model when to choose it. */
export type NamedTarget = TransferTarget & { readonly description?: string };

/** A webhook of the user's own. */
export interface HttpSource extends ToolSettings {
  readonly http: {
    readonly name: string;
    readonly description: string;
    /** JSON Schema of type object. Absent: it takes nothing. */
    readonly parameters?: Readonly<Record<string, unknown>>;
    /** May hold `${NAME}`. */
    readonly url: string;
    /** POST unless told. */
    readonly method?: 'POST' | 'GET';
    /** Values may hold `${NAME}`. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The variable of the environment that holds the secret which requests are signed with. Absent: not signed. */
    readonly secretEnv?: string;
    /** `safe`: asking twice does no harm, so a failed request is sent again, at most twice. */
    readonly retry?: 'off' | 'safe';
  };
}

/** Tools written in JavaScript. */
export interface ModuleSource extends ToolSettings {
  /** Path of the module, relative to the configuration. */
  readonly module: string;
  /** Names of its tools that this agent may use. Absent: all. */
  readonly only?: readonly string[];
}

/** Tools of a Model Context Protocol server: a command that speaks it on stdin and stdout, or an address. */
export interface McpSource extends ToolSettings {
  readonly mcp: McpServerConfig;
  /** Names of its tools that this agent may use. Absent: all. */
  readonly only?: readonly string[];
}

export type McpServerConfig =
  | {
      readonly command: string;
      readonly args?: readonly string[];
      /** Variables of the server's environment besides PATH, HOME and their like; values may hold `${NAME}`. */
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      /** Streamable HTTP. May hold `${NAME}`. */
      readonly url: string;
      /** Values may hold `${NAME}`. */
      readonly headers?: Readonly<Record<string, string>>;
    };
