import { existsSync } from 'node:fs';
import { type Clock, sleepUntil, systemClock } from '../clock.js';
import { packagedSample } from '../samples.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { SimulatedModel } from '../simulator/model/server.js';
import { type DialOptions, dial } from '../simulator/phone/call.js';
import type { CallRecord } from '../simulator/phone/events.js';
import { type CallerSource, loadCaller } from '../simulator/phone/script.js';
import { analyseCall, type CallMeasures } from './analyse.js';
import { inPhoneFormat } from './phone-format.js';
import { matchSessions } from './sessions.js';

export interface MakeCallOptions extends Omit<DialOptions, 'caller'> {
  /** A WAV, a call.yaml, a folder with one (`samples/…` falls back to those of the package), or what `loadCaller` gave. */
  readonly caller: string | CallerSource;
  /** The simulated model behind the server that is called: with it, what the model was told can be judged too. */
  readonly model?: Pick<SimulatedModel, 'listen'>;
}

/** A call that is over, and what it measured. */
export interface MadeCall {
  readonly record: CallRecord;
  readonly measured: CallMeasures;
  /** What the model did in this call; empty when it never saw it, absent without `model`. */
  readonly trace?: readonly ModelTraceEvent[];
}

/** The model's end of a call is over a moment after the phone's. */
const SESSION_END_TIMEOUT_MS = 1_000;
const LOOK_AGAIN_MS = 10;

/**
 * Makes one whole call and measures it: `dial`, `analyseCall` and the model's trace in one step. Rejects as
 * `loadCaller` and `Call.done` do.
 */
export async function makeCall({ caller, model, ...options }: MakeCallOptions): Promise<MadeCall> {
  const script = typeof caller === 'string' ? await loadCaller(findCaller(caller)) : caller;
  const heard: ModelTraceEvent[] = [];
  const stopListening = model?.listen((event) => void heard.push(event));
  try {
    const record = await dial({ ...options, caller: script }).done;
    if (!model) return { record, measured: analyseCall(record) };
    const trace = await traceOf(record, heard, options.clock ?? systemClock);
    return { record, trace, measured: analyseCall(record, trace.length > 0 ? await inPhoneFormat(trace) : undefined) };
  } finally {
    stopListening?.();
  }
}

/** Waits for the end of the session that belongs to this call; other calls may use the same model meanwhile. */
async function traceOf(
  record: CallRecord,
  heard: readonly ModelTraceEvent[],
  clock: Clock,
): Promise<readonly ModelTraceEvent[]> {
  const giveUpMs = clock.now() + SESSION_END_TIMEOUT_MS;
  for (;;) {
    const [trace = []] = matchSessions([record.received], heard);
    const over = trace.length === 0 || trace.some(({ type }) => type === 'closed');
    if (over || clock.now() >= giveUpMs) return trace;
    await sleepUntil(clock, clock.now() + LOOK_AGAIN_MS);
  }
}

function findCaller(path: string): string {
  return existsSync(path) ? path : (packagedSample(path) ?? path);
}
