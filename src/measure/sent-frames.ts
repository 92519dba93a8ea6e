import type { CallRecord } from '../simulator/phone/events.js';
import type { SentFrame } from './relay.js';

const BYTES_PER_MS = 8;

/** The caller's frames with their audio, cut out of the caller's lane where the schedule says that they belong. */
export function sentFrames(record: CallRecord): SentFrame[] {
  return record.events.flatMap((event) => {
    if (event.type !== 'frame') return [];
    const from = Math.round((event.dueMs - record.startedAtMs) * BYTES_PER_MS);
    const payload = record.callerLane.subarray(from, from + event.bytes);
    return payload.length === event.bytes ? [{ atMs: event.atMs, payload }] : [];
  });
}
