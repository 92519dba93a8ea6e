import { DEFAULTS } from '../../options.js';
import type { Random } from '../../random.js';

/** How far a timestamp may lie off its place on the 20 ms grid, in whole milliseconds either way. */
const WOBBLE_MS = 1;

/**
 * The values of `media.timestamp`, as real streams show them: the first is not 0, and the steps are 20 ms give or take
 * 1 to 2. Only the value wobbles, not the time at which the message is sent.
 */
export function mediaTimestamps(random: Random): (chunk: number) => number {
  const [low, high] = DEFAULTS.phone.firstTimestampMs;
  const first = low + Math.floor(random() * (high - low + 1));
  return (chunk) => {
    if (chunk === 0) return first;
    const wobble = Math.floor(random() * (2 * WOBBLE_MS + 1)) - WOBBLE_MS;
    return first + chunk * DEFAULTS.phone.frameMs + wobble;
  };
}
