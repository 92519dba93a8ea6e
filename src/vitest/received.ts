import { analyseCall, type CallMeasures } from '../measure/analyse.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { CallRecord } from '../simulator/phone/events.js';

/** What the matchers judge: a record as `dial` leaves it, or with the model's trace beside it as `makeCall` returns it. */
export type JudgedCall =
  | CallRecord
  | {
      readonly record: CallRecord;
      readonly trace?: readonly ModelTraceEvent[];
      readonly measured?: CallMeasures;
    };

/** The same, measured. */
export interface MeasuredCall {
  readonly record: CallRecord;
  readonly measured: CallMeasures;
  /** Empty when a model was named that never saw the call. */
  readonly trace?: readonly ModelTraceEvent[];
}

/** Several matchers look at one call; measuring it takes longer than all of them together. */
const measuredOnce = new WeakMap<object, MeasuredCall>();

/** Throws TypeError when `received` is no call, with what it is instead. */
export function asCall(received: unknown): MeasuredCall {
  if (typeof received !== 'object' || received === null) throw notACall(received);
  const known = measuredOnce.get(received);
  if (known) return known;
  const call = measure(received);
  measuredOnce.set(received, call);
  return call;
}

function measure(received: object): MeasuredCall {
  if (isRecord(received)) return { record: received, measured: analyseCall(received) };
  const { record, trace, measured } = received as { record?: unknown; trace?: unknown; measured?: CallMeasures };
  if (!isRecord(record) || (trace !== undefined && !Array.isArray(trace))) throw notACall(received);
  const events = trace as readonly ModelTraceEvent[] | undefined;
  return {
    record,
    measured: measured ?? analyseCall(record, events?.length ? events : undefined),
    ...(events && { trace: events }),
  };
}

function isRecord(value: unknown): value is CallRecord {
  const { heardLane, speech, pacing } = (value ?? {}) as Partial<CallRecord>;
  return heardLane instanceof Uint8Array && Array.isArray(speech) && pacing !== undefined;
}

function notACall(received: unknown): TypeError {
  const wanted = 'expect() was not given a call: give it what `await makeCall(…)` or `await dial(…).done` returned';
  if (typeof (received as { then?: unknown } | null)?.then === 'function') return new TypeError(`${wanted} (await it)`);
  if (typeof (received as { done?: { then?: unknown } } | null)?.done?.then === 'function')
    return new TypeError(`${wanted} (this is the call that still goes on: await its \`done\`)`);
  return new TypeError(wanted);
}
