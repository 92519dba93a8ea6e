import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import { readArguments } from './arguments.js';
import { errorOutput } from './output.js';
import { type Tool, type ToolContext, ToolError, type ToolResult } from './tool.js';

export type ToolOutcome = 'ok' | 'failed' | 'timeout' | 'cancelled';

/** How one call of a tool ended. `output` is what the model is told. */
export interface FinishedTool extends ToolResult {
  readonly outcome: ToolOutcome;
}

export interface RunningToolOptions {
  readonly tool: Tool | undefined;
  readonly name: string;
  /** The text that the model wrote. */
  readonly args: string;
  readonly context: Omit<ToolContext, 'signal'>;
  readonly clock: Clock;
  readonly onFinished: (finished: FinishedTool) => void;
}

/**
 * One call of a tool: starts after the event that asked for it has been dealt with, and finishes once, whatever the tool
 * does or leaves undone. What it still says later goes nowhere, and no timer outlives it.
 */
export class RunningTool {
  readonly #options: RunningToolOptions;
  readonly #abort = new AbortController();
  #cancelTimer: () => void;
  #finished = false;

  constructor(options: RunningToolOptions) {
    this.#options = options;
    this.#cancelTimer = options.clock.at(options.clock.now(), () => this.#start());
  }

  /** The call is over. */
  cancel(): void {
    this.#finish({ outcome: 'cancelled', output: '' });
    this.#abort.abort();
  }

  #start(): void {
    const { tool, name, clock } = this.#options;
    if (!tool) return this.#fail(`there is no tool ${name.slice(0, 64)}`);
    this.#cancelTimer = clock.at(clock.now() + tool.timeoutMs, () => this.#timedOut(tool.timeoutMs));
    this.#run(tool).then(
      (result) => this.#finish({ ...result, outcome: 'ok' }),
      (error: unknown) => this.#threw(error),
    );
  }

  async #run(tool: Tool): Promise<ToolResult> {
    const { args, context } = this.#options;
    const read = await readArguments(tool.declaration.parameters, args);
    if ('error' in read) throw new ToolError(read.error);
    if (this.#finished) return { output: '' };
    return tool.run(read.args, { ...context, signal: this.#abort.signal });
  }

  #timedOut(timeoutMs: number): void {
    this.#finish({ outcome: 'timeout', output: errorOutput(`the tool did not answer within ${timeoutMs / 1000} s`) });
    this.#abort.abort();
  }

  #threw(error: unknown): void {
    // By its name, as a module of the user's may have got it from another copy of this package.
    if (error instanceof Error && error.name === 'ToolError') return this.#fail(error.message);
    if (!this.#finished) warn(this.#options.context.log, this.#options.name, error);
    this.#fail('the tool failed');
  }

  #fail(message: string): void {
    this.#finish({ outcome: 'failed', output: errorOutput(message) });
  }

  #finish(finished: FinishedTool): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#cancelTimer();
    this.#options.onFinished(finished);
  }
}

/** An unforeseen error, for the tool's author: its kind and its place, never its message, which may repeat a caller's words. */
function warn(log: Log, tool: string, error: unknown): void {
  const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
  const at = stack?.match(/^\s+at .*?((?:file:|node:|\/|[A-Z]:\\)[^\s()]+:\d+:\d+)\)?$/m)?.[1];
  log.warn('tool failed', { tool, error: name, at });
}
