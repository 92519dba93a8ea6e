import type { ToolContext, ToolResult } from './tool.js';

/** A tool as a module of the user's writes it. */
export interface ToolDefinition<Args = Record<string, unknown>> {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** When and what for the model should call it. */
  readonly description: string;
  /** JSON Schema of type object, which `args` are held against before `run` is called. Absent: it takes nothing. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** 10 000 unless told, or unless the configuration says otherwise. */
  readonly timeoutMs?: number;
  /**
   * Text is told to the model as it is, anything else as JSON, and nothing as `{"ok":true}`. `{output, respond: false}` asks
   * for no answer to it. Of an error that is thrown the model learns only that there was one, except of a `ToolError`.
   * Stop when `context.signal` aborts: the call is over, or the tool has had its time.
   */
  run(args: Args, context: ToolContext): unknown;
}

/** Gives a tool its types; does nothing else. */
export function defineTool<Args = Record<string, unknown>>(tool: ToolDefinition<Args>): ToolDefinition<Args> {
  return tool;
}

/** What a tool returned, as the model is told. Throws TypeError for what JSON cannot say. */
export function toResult(returned: unknown): ToolResult {
  if (returned === undefined || returned === null) return { output: '{"ok":true}' };
  if (typeof returned === 'string') return { output: returned };
  if (isResult(returned)) return returned;
  const output = JSON.stringify(returned);
  if (output === undefined) throw new TypeError('a tool returned something that JSON cannot say');
  return { output };
}

function isResult(value: unknown): value is ToolResult {
  const { output, respond } = value as Partial<Record<keyof ToolResult, unknown>>;
  return typeof output === 'string' && typeof respond === 'boolean' && Object.keys(value as object).length === 2;
}
