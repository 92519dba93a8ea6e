import type { ModelTraceEvent } from '../simulator/model/events.js';
import { withOneZero } from './runs.js';

/**
 * The part of a model's trace that belongs to each of several calls; absent for a call the model never saw. A call may
 * have had several sessions, one after the other, when its stream was broken and opened again.
 */
export function matchSessions(
  received: readonly Uint8Array[],
  trace: readonly ModelTraceEvent[],
): (ModelTraceEvent[] | undefined)[] {
  const sessions = new Map<string, ModelTraceEvent[]>();
  for (const event of trace) {
    const session = sessions.get(event.sessionId);
    if (session) session.push(event);
    else sessions.set(event.sessionId, [event]);
  }
  if (received.length === 1 && sessions.size === 1) return [...sessions.values()];
  return received.map(withOneZero).map((stream) => {
    const own = [...sessions.values()].filter((session) => spokeInto(stream, session)).flat();
    return own.length > 0 ? own : undefined;
  });
}

/** Long enough that two sessions cannot share it: every session has noise of its own. */
const PROOF_BYTES = 160;

/** The first delta may have been dropped; in the others, a frame may be missing. */
function spokeInto(stream: Buffer, session: readonly ModelTraceEvent[]): boolean {
  return session.some((event) => {
    if (event.type !== 'delta') return false;
    const audio = withOneZero(Buffer.from(event.audio, 'base64'));
    return audio.length >= PROOF_BYTES && stream.includes(audio.subarray(0, PROOF_BYTES));
  });
}
