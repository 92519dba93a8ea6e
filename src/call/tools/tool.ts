import type { Log } from '../../log.js';
import type { ModelTool } from '../../model/model.js';
import type { CallControl } from '../control.js';
import type { CallInfo, Recording } from '../plan.js';

/** What the caller hears while a tool takes its time. */
export interface Filler {
  /** Milliseconds after the call of the tool; nothing is played when it is faster. */
  readonly afterMs: number;
  /** `say`: the model is asked to say this line. `tone`: soft, repeated. A recording is played as it is. */
  readonly play: { readonly say: string } | 'tone' | Recording;
}

/** What a tool may use while it runs. */
export interface ToolContext {
  /** The model's own name for this call of the tool. */
  readonly callId: string;
  readonly call: CallInfo;
  readonly control: CallControl;
  readonly log: Log;
  /** Aborts when the call ends, or when the tool has had its time. */
  readonly signal: AbortSignal;
}

/**
 * What the model is told. `respond: false` asks for no answer to it (the call is being ended or handed over).
 * A rejection of `run` is told to the model as an error without its details, never to the caller.
 */
export interface ToolResult {
  readonly output: string;
  readonly respond?: boolean;
}

/** Why a tool failed, in words that are meant for the model. Of any other error it learns only that there was one. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** One function of an agent. */
export interface Tool {
  readonly declaration: ModelTool;
  readonly timeoutMs: number;
  readonly filler?: Filler;
  /** `args` is the parsed JSON of the model, an object. Runs off the event path, once per call of the model. */
  run(args: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolResult>;
}
