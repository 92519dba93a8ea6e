import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../../clock.js';
import { ERRORS, type ErrorCode, VoicebridgeError } from '../../errors.js';
import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { CallerScript } from '../../simulator/phone/script.js';
import type { Network } from '../bench.js';
import type { HostFacts } from '../host.js';
import type { MeasuredCall } from '../measured-call.js';
import { type CountName, type DistributionName, Measures } from '../metrics.js';
import { sharedNow } from '../reference-agent.js';
import { arrivals } from './arrivals.js';
import type { FromGenerator, GeneratedCall, SentCall, ToGenerator } from './messages.js';

/** The thread is compiled: from src as from dist it is that of dist. */
const PROGRAM = new URL('../../../dist/measure/load/generator-thread.js', import.meta.url);
/** From the order to the first call: every thread has read its order by then. */
const LEAD_MS = 300;

export interface Batch {
  readonly url: string;
  readonly caller: CallerScript;
  readonly network?: Network;
  /** One call each, in the order in which they begin. */
  readonly seeds: readonly number[];
  /** The last call begins so long after the first, nearly. */
  readonly rampMs: number;
  readonly outDirs?: readonly string[];
  readonly signal?: AbortSignal;
  /** What the model at the far end did, asked for when all calls are over; absent when it is not ours. */
  readonly takeTrace?: () => Promise<readonly ModelTraceEvent[]>;
}

/** What became of a call of a batch, in the order of its seeds. */
export interface Outcome {
  readonly seed: number;
  readonly failure?: VoicebridgeError;
  readonly call?: MeasuredCall;
  /** What happened to the thread that made it, and to the machine. */
  readonly host?: HostFacts;
}

/**
 * Makes many calls at the same time from threads of their own, so that neither the model nor the arithmetic of the bench
 * delays a frame. What crosses back are measures, no sound. The threads live until `close`.
 */
export class Generator {
  readonly #threads: readonly GeneratorThread[];
  readonly #clock: Clock;

  static async open(threads: number, clock: Clock = systemClock): Promise<Generator> {
    const opened = Array.from({ length: threads }, () => new GeneratorThread());
    await Promise.all(opened.map((thread) => thread.next('ready')));
    return new Generator(opened, clock);
  }

  private constructor(threads: readonly GeneratorThread[], clock: Clock) {
    this.#threads = threads;
    this.#clock = clock;
  }

  get threads(): number {
    return this.#threads.length;
  }

  /** Rejects with the signal's reason when it is aborted, and when a thread breaks down. */
  async make({ url, caller, network, seeds, rampMs, outDirs, signal, takeTrace }: Batch): Promise<Outcome[]> {
    const startMs = sharedNow() + LEAD_MS;
    const calls = arrivals(seeds.length, rampMs).map((afterMs, index) => ({
      ...{ index, seed: seeds[index]!, atSharedMs: startMs + afterMs },
      ...(outDirs && { outDir: outDirs[index]! }),
    }));
    const onAbort = (): void => this.#tell({ type: 'abort' });
    signal?.addEventListener('abort', onAbort, { once: true });
    const over = this.#threads.map((thread) => thread.next('over'));
    this.#threads.forEach((thread, at) => {
      const own = calls.filter(({ index }) => index % this.#threads.length === at);
      thread.tell({ type: 'order', url, caller, calls: own, ...(network && { network }) });
    });
    await Promise.all(over).finally(() => signal?.removeEventListener('abort', onAbort));
    signal?.throwIfAborted();
    const trace = await takeTrace?.();
    const aheadMs = this.#clock.now() - sharedNow();
    const measured = this.#threads.map((thread) => thread.next('measured'));
    this.#tell({ type: 'traces', sessions: trace ? [trace] : [], aheadMs });
    const found = (await Promise.all(measured)).flatMap((message) =>
      message.type === 'measured' ? message.calls.map((call) => outcomeOf(call, seeds, message.host)) : [],
    );
    return found.sort((a, b) => a.index - b.index).map(({ outcome }) => outcome);
  }

  #tell(message: ToGenerator): void {
    for (const thread of this.#threads) thread.tell(message);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class GeneratorThread {
  readonly #worker = new Worker(PROGRAM);

  tell(message: ToGenerator): void {
    this.#worker.postMessage(message);
  }

  /** The next message of this type; rejects when the thread breaks down first. */
  next(type: FromGenerator['type']): Promise<FromGenerator> {
    return new Promise((resolve, reject) => {
      const onMessage = (message: FromGenerator): void => {
        if (message.type !== type) return;
        leave();
        resolve(message);
      };
      const onError = (error: Error): void => {
        leave();
        reject(new VoicebridgeError('internal', { message: `a thread that makes calls broke: ${error.message}` }));
      };
      const onExit = (): void => onError(new Error('it ended'));
      const leave = (): void => {
        this.#worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      };
      this.#worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function outcomeOf(
  { index, failure, call }: GeneratedCall,
  seeds: readonly number[],
  host: HostFacts | undefined,
): { index: number; outcome: Outcome } {
  const seed = seeds[index]!;
  if (!call) return { index, outcome: { seed, failure: rebuilt(failure!.code, failure!.message) } };
  // Of a thread with hundreds of calls each judges for itself: it stood still for this one as long as its latest frame was.
  const maxMs = call.pacing.lateMs.reduce((worst, lateMs) => Math.max(worst, lateMs), 0);
  return { index, outcome: { seed, call: received(call), ...(host && { host: { ...host, maxMs } }) } };
}

function received({ samples, counts, measured, ...call }: SentCall): MeasuredCall {
  const measures = new Measures();
  for (const [name, values] of samples) for (const value of values) measures.add(name as DistributionName, value);
  for (const [name, { count, of }] of counts) measures.count(name as CountName, count, of);
  return { ...call, measured: { ...measured, measures } };
}

/** An error crosses as its sentence: the code stays, and with it the hint and the exit code. */
function rebuilt(code: string, message: string): VoicebridgeError {
  const known = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal';
  const error = new VoicebridgeError(known);
  error.message = message;
  return error;
}
