import { setMaxListeners } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { sleepUntil, systemClock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import type { ModelTraceEvent } from '../../simulator/model/events.js';
import { type Call, dial } from '../../simulator/phone/call.js';
import type { CallRecord } from '../../simulator/phone/events.js';
import { type HostFacts, LoopWatch } from '../host.js';
import { measureCall } from '../measured-call.js';
import { sharedNow } from '../reference-agent.js';
import { matchSessions } from '../sessions.js';
import type { Failure, FromGenerator, GeneratedCall, Order, ToGenerator, Traces } from './messages.js';

/**
 * A thread that makes calls and does nothing else while they last: records are looked into when all of them are over,
 * because an analysis takes longer than a frame.
 */
const aheadMs = systemClock.now() - sharedNow();
const abort = new AbortController();
// One listener a call, and they are many.
setMaxListeners(0, abort.signal);
const made = new Map<number, CallRecord | Failure>();
const watch = new LoopWatch();
/** Of the calls alone: the analysis that follows stands still as long as it likes. */
let host: HostFacts | undefined;
const port = parentPort!;

port.on('message', (message: ToGenerator) => {
  if (message.type === 'order') void makeCalls(message);
  else if (message.type === 'traces') measure(message);
  else abort.abort();
});
tell({ type: 'ready' });

async function makeCalls({ url, caller, network, calls }: Order): Promise<void> {
  watch.read();
  await Promise.all(
    calls.map(async ({ index, seed, atSharedMs, outDir }) => {
      try {
        await sleepUntil(systemClock, atSharedMs + aheadMs, abort.signal);
        const call: Call = dial({
          ...{ url, caller, seed, signal: abort.signal },
          ...(network && { network }),
          ...(outDir !== undefined && { outDir }),
        });
        made.set(index, await call.done);
      } catch (error) {
        made.set(index, asFailure(error));
      }
    }),
  );
  host = watch.read();
  tell({ type: 'over' });
}

function asFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof VoicebridgeError ? error.code : 'internal', message };
}

function measure({ sessions, aheadMs: traceAheadMs }: Traces): void {
  const records = [...made].filter((entry): entry is [number, CallRecord] => 'received' in entry[1]);
  const shiftMs = aheadMs - traceAheadMs;
  const traces = matchSessions(
    records.map(([, record]) => record.received),
    sessions.flat(),
  );
  const calls: GeneratedCall[] = [...made].flatMap(([index, outcome]) =>
    'received' in outcome ? [] : [{ index, failure: outcome }],
  );
  records.forEach(([index, record], at) => {
    const trace = traces[at]?.map((event): ModelTraceEvent => ({ ...event, atMs: event.atMs + shiftMs }));
    const { report, measured, lint, pacing } = measureCall(record, trace);
    const { measures, ...rest } = measured;
    const { samples, counts } = measures;
    calls.push({ index, call: { report, measured: rest, samples, counts, lint, pacing } });
    made.delete(index);
  });
  made.clear();
  tell({ type: 'measured', calls, ...(host && { host }) });
}

function tell(message: FromGenerator): void {
  port.postMessage(message);
}
