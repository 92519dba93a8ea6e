import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import { DEFAULTS } from '../../options.js';
import type { CallControl } from '../control.js';
import type { CallEventBody } from '../events.js';
import type { CallInfo } from '../plan.js';
import { cutOutput } from './output.js';
import { type FinishedTool, RunningTool } from './running.js';
import { type Filler, type Tool, ToolError } from './tool.js';

/** A tool that a response of the model calls. */
export interface ToolCall {
  readonly responseId: string;
  readonly callId: string;
  readonly name: string;
  /** The JSON text that the model wrote. */
  readonly args: string;
}

/** What the model is to be told of one call. `respond`: the model should say something about it. */
export interface ToolAnswer {
  readonly callId: string;
  readonly name: string;
  readonly output: string;
  readonly respond: boolean;
}

export interface ToolRunnerOptions {
  readonly tools: readonly Tool[];
  readonly call: CallInfo;
  readonly control: CallControl;
  readonly clock: Clock;
  readonly log: Log;
  /** More of an output is cut. */
  readonly maxOutputBytes?: number;
  /** The answers to all calls of one response, in their order: every one is sent, then at most one response is asked for. */
  readonly onResults: (answers: readonly ToolAnswer[]) => void;
  /** The caller has waited long enough to be told so. The filler speaks for every tool that runs at this moment. */
  readonly onFiller: (filler: Filler, callId: string) => void;
  readonly onEvent: (event: CallEventBody) => void;
}

interface Call {
  readonly callId: string;
  readonly name: string;
  readonly startMs: number;
  running?: RunningTool;
  cancelFiller?: () => void;
  answer?: ToolAnswer;
}

/** The calls of one response. Their answers go out together, when the response has ended and all of them are there. */
interface Batch {
  readonly calls: Call[];
  responseDone: boolean;
}

/**
 * Runs the tools of one call, side by side and off the event path: whatever they do, the audio goes on. Nothing of it
 * outlives `end`.
 */
export class ToolRunner {
  readonly #options: ToolRunnerOptions;
  readonly #maxOutputBytes: number;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #batches = new Map<string, Batch>();
  readonly #seen = new Set<string>();
  #lastDone: string | undefined;
  #running = 0;
  #fillerAtMs = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
    this.#maxOutputBytes = options.maxOutputBytes ?? DEFAULTS.tools.maxOutputBytes;
    this.#tools = new Map(options.tools.map((tool) => [tool.declaration.name, tool]));
  }

  /** Tools that have not finished. */
  get running(): number {
    return this.#running;
  }

  /** The model called a tool. Returns before the tool starts. The same callId again is ignored. */
  called({ responseId, callId, name, args }: ToolCall): void {
    if (this.#ended || this.#seen.has(callId)) return;
    this.#seen.add(callId);
    const { clock, call, control, log, onEvent } = this.#options;
    const pending: Call = { callId, name, startMs: clock.now() };
    let batch = this.#batches.get(responseId);
    if (!batch) {
      batch = { calls: [], responseDone: responseId === this.#lastDone };
      this.#batches.set(responseId, batch);
    }
    batch.calls.push(pending);
    const tool = this.#running < DEFAULTS.tools.maxRunning ? this.#tools.get(name) : TOO_MANY;
    this.#running++;
    onEvent({ type: 'tool-started', callId, name, args: cutOutput(args, this.#maxOutputBytes) });
    if (tool?.filler) this.#fillLater(pending, tool.filler);
    pending.running = new RunningTool({
      ...{ tool, name, args, clock, context: { callId, call, control, log } },
      onFinished: (finished) => this.#finished(responseId, pending, finished),
    });
  }

  /** The response has ended, in whatever way: it calls nothing more. */
  responseDone(responseId: string): void {
    this.#lastDone = responseId;
    const batch = this.#batches.get(responseId);
    if (!batch) return;
    batch.responseDone = true;
    this.#deliver(responseId, batch);
  }

  /** The model is gone, so no response of it will end: what it asked for is answered as soon as it is known. */
  modelLost(): void {
    for (const responseId of [...this.#batches.keys()]) this.responseDone(responseId);
  }

  /** The call is over: every tool is told to stop, and none is waited for. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { calls } of this.#batches.values()) for (const { running } of calls) running?.cancel();
    this.#batches.clear();
  }

  #fillLater(call: Call, filler: Filler): void {
    const { clock, onEvent, onFiller } = this.#options;
    call.cancelFiller = clock.at(call.startMs + filler.afterMs, () => {
      // What was said meanwhile for another tool was said for this one too.
      if (call.startMs <= this.#fillerAtMs) return;
      this.#fillerAtMs = clock.now();
      onEvent({ type: 'filler', callId: call.callId });
      onFiller(filler, call.callId);
    });
  }

  #finished(responseId: string, call: Call, { outcome, output, respond = true }: FinishedTool): void {
    const { clock, onEvent } = this.#options;
    const { callId, name } = call;
    const tookMs = Math.round(clock.now() - call.startMs);
    const told = cutOutput(output, this.#maxOutputBytes);
    this.#running--;
    call.cancelFiller?.();
    call.answer = { callId, name, output: told, respond };
    onEvent({ type: 'tool-finished', callId, name, outcome, ...(told !== '' && { output: told }), tookMs });
    if (!this.#ended) this.#deliver(responseId, this.#batches.get(responseId)!);
  }

  #deliver(responseId: string, { calls, responseDone }: Batch): void {
    if (!responseDone || calls.some(({ answer }) => !answer)) return;
    this.#batches.delete(responseId);
    this.#options.onResults(calls.map(({ answer }) => answer!));
  }
}

/** Stands in for a tool when a model calls without end. */
const TOO_MANY: Tool = {
  declaration: { name: '', description: '', parameters: { type: 'object' } },
  timeoutMs: 1000,
  run: () => Promise.reject(new ToolError('too many tools are running')),
};
