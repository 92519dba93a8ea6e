import type { PhoneEvent } from '../../simulator/phone/events.js';

/** How much audio waits to be played: two lists of the same length, whole milliseconds, straight lines between them. */
export interface Depth {
  readonly atMs: readonly number[];
  readonly waitingMs: readonly number[];
}

/** Points are told apart by this much: more would only make the page heavy. */
const BUCKET_MS = 25;

/** The playout buffer over the call: jumps up with every media message, runs down in real time, is emptied by a clear. */
export function bufferDepth(events: readonly PhoneEvent[], startedAtMs: number, endedAtMs: number): Depth {
  const atMs: number[] = [];
  const waitingMs: number[] = [];
  const endMs = Math.round(endedAtMs - startedAtMs);
  const point = (at: number, waiting: number): void => {
    if (atMs.at(-1) === at && waitingMs.at(-1) === waiting) return;
    atMs.push(at);
    waitingMs.push(waiting);
  };
  let lastMs = 0;
  let waiting = 0;
  let bucketMs = Number.NEGATIVE_INFINITY;
  /** The buffer as it runs down until `now`, empty from where it runs out. */
  const runDown = (now: number): void => {
    if (waiting > 0 && lastMs + waiting < now) point(Math.round(lastMs + waiting), 0);
    waiting = Math.max(0, waiting - (now - lastMs));
    lastMs = now;
  };
  point(0, 0);
  for (const event of events) {
    if (event.type !== 'media' && event.type !== 'clear') continue;
    const now = Math.min(endMs, Math.max(lastMs, Math.round(event.atMs - startedAtMs)));
    runDown(now);
    const after = event.type === 'media' ? Math.round(event.bufferedMs) : 0;
    // Several messages at once are one step.
    if (event.type === 'media' && now - bucketMs < BUCKET_MS) {
      waitingMs[waitingMs.length - 1] = Math.max(0, after + now - atMs.at(-1)!);
    } else {
      point(now, Math.round(waiting));
      point(now, after);
      bucketMs = event.type === 'media' ? now : Number.NEGATIVE_INFINITY;
    }
    waiting = after;
  }
  runDown(endMs);
  point(endMs, Math.round(waiting));
  return { atMs, waitingMs };
}
