import type { PhoneEvent } from '../simulator/phone/events.js';

/** Frames are due 20 ms apart: what differs by less is the same frame. */
const SAME_FRAME_MS = 1;

/**
 * When what was due to leave the phone really left it. The schedule is kept to a fraction of a millisecond, mostly; but
 * what the phone itself was late is nobody's answering time. A frame that was never sent left when it was due.
 */
export function leavingTimes(events: readonly PhoneEvent[]): (dueMs: number) => number {
  const frames = events.filter((event) => event.type === 'frame');
  return (dueMs) => {
    let low = 0;
    let high = frames.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const frame = frames[middle]!;
      if (Math.abs(frame.dueMs - dueMs) < SAME_FRAME_MS) return frame.atMs;
      if (frame.dueMs < dueMs) low = middle + 1;
      else high = middle - 1;
    }
    return dueMs;
  };
}
