/**
 * What an agent may do, as `buildTools` takes it: the validated `tools:` of an agent, in its order. Times are in
 * milliseconds, paths relative to the configuration. Addresses, headers and the environment of a command may hold `${NAME}`
 * for a value of the relay's environment; secrets come from nowhere else.
 */
export type ToolsConfig = readonly ToolConfig[];

/** One entry of the list. A module and an MCP server are several tools each. */
export type ToolConfig =
  | { readonly type: 'hang_up' | 'wait' | 'collect_digits' }
  | TransferConfig
  | SmsConfig
  | HttpToolConfig
  | ModuleConfig
  | McpConfig;

/** Where a call may go, by the names that the model uses. */
export interface TransferConfig {
  readonly type: 'transfer';
  readonly targets: Readonly<Record<string, NamedTarget>>;
}

export interface NamedTarget {
  /** E.164, or else the address that the carrier asks what to do next. */
  readonly number?: string | undefined;
  readonly url?: string | undefined;
  /** When the model should choose it. */
  readonly description?: string | undefined;
}

export interface SmsConfig {
  readonly type: 'send_sms';
  /** E.164. Absent: the number that was called. */
  readonly from?: string | undefined;
}

/** What may be said of every tool that takes its time. */
export interface WaitingConfig {
  /** Longer than this, and the model is told that it failed. */
  readonly timeout?: number | undefined;
  readonly filler?: FillerConfig | undefined;
}

/** What the caller hears when a tool takes longer than `after`: one of `say`, `tone`, and a WAV `file` with its `text`. */
export interface FillerConfig {
  readonly after: number;
  readonly say?: string | undefined;
  readonly tone?: true | undefined;
  readonly file?: string | undefined;
  readonly text?: string | undefined;
}

/** A function of the user's own server. */
export interface HttpToolConfig extends WaitingConfig {
  readonly type: 'http';
  readonly name: string;
  readonly description: string;
  /** JSON Schema of type object. Absent: it takes nothing. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly url: string;
  /** POST unless told. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The variable of the environment with the secret that requests are signed with. Absent: not signed. */
  readonly secretEnv?: string | undefined;
  /** `safe`: asking twice does no harm, so a request that failed is sent again, at most twice. */
  readonly retry?: 'never' | 'safe' | undefined;
}

/** Tools written in JavaScript. */
export interface ModuleConfig extends WaitingConfig {
  readonly type: 'module';
  readonly path: string;
  /** Those of its tools that this agent may use. Absent: all. */
  readonly names?: readonly string[] | undefined;
}

/** Tools of a Model Context Protocol server: a command that speaks it on stdin and stdout, or an address. */
export interface McpConfig extends WaitingConfig {
  readonly type: 'mcp';
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  /** Variables for the command; besides them it gets PATH, HOME and their like. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Streamable HTTP. */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Those of its tools that this agent may use. Absent: all. */
  readonly tools?: readonly string[] | undefined;
}
