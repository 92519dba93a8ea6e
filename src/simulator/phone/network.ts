import type { Clock } from '../../clock.js';
import type { Random } from '../../random.js';
import { Fifo } from './fifo.js';

/** One direction of the carrier's network. Messages arrive in the order they were sent. */
export interface Link {
  /** Calls `arrive` when the message has crossed; at once, without a timer, when there is no delay. */
  send(arrive: () => void): void;
}

/** Delay in milliseconds one way; each message takes it give or take up to `jitterMs`, drawn uniformly, never below 0. */
export interface LinkOptions {
  readonly delayMs: number;
  readonly jitterMs: number;
}

export function createLink(clock: Clock, { delayMs, jitterMs }: LinkOptions, random: Random): Link {
  if (delayMs === 0 && jitterMs === 0) return { send: (arrive) => arrive() };
  const waiting = new Fifo<{ readonly atMs: number; readonly arrive: () => void }>();
  let lastMs = Number.NEGATIVE_INFINITY;

  // One timer for the foremost message: a timer for each could let two of them pass each other.
  const wait = (): void => {
    clock.at(waiting.first!.atMs, deliver);
  };
  const deliver = (): void => {
    const nowMs = clock.now();
    while (waiting.length > 0 && waiting.first!.atMs <= nowMs) waiting.shift()!.arrive();
    if (waiting.length > 0) wait();
  };
  return {
    send(arrive) {
      const crossingMs = Math.max(0, delayMs + (2 * random() - 1) * jitterMs);
      lastMs = Math.max(lastMs, clock.now() + crossingMs);
      waiting.push({ atMs: lastMs, arrive });
      if (waiting.length === 1) wait();
    },
  };
}
