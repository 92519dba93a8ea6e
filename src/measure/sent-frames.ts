import type { CallRecord } from '../simulator/phone/events.js';
import type { SentFrame } from './relay.js';

/** The caller's frames with their audio: the lane is made of them, one after the other, with a hole only where there was no stream. */
export function sentFrames(record: CallRecord): SentFrame[] {
  let from = 0;
  return record.events.flatMap((event) => {
    if (event.type === 'reconnect') from = event.laneSample;
    if (event.type !== 'frame') return [];
    const payload = record.callerLane.subarray(from, from + event.bytes);
    from += event.bytes;
    // The last frame may reach past the end of the call, where the lane ends.
    return payload.length === event.bytes ? [{ atMs: event.atMs, payload }] : [];
  });
}
