import type { ModelTraceEvent } from '../simulator/model/events.js';

/** The part of a model's trace that belongs to each of several calls; absent for a call the model never saw. */
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
  const streams = received.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return streams.map((stream) => [...sessions.values()].find((session) => spokeInto(stream, session)));
}

/** Long enough that two sessions cannot share it: every session has noise of its own. */
const PROOF_BYTES = 160;

function spokeInto(stream: Buffer, session: readonly ModelTraceEvent[]): boolean {
  return session.some((event) => {
    if (event.type !== 'delta') return false;
    const audio = Buffer.from(event.audio, 'base64');
    return audio.length >= PROOF_BYTES && stream.includes(audio.subarray(0, PROOF_BYTES));
  });
}
