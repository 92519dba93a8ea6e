/**
 * The one clock of the program. Everything that needs the time is handed a Clock, so that tests move time instead of
 * waiting for it, and so that all timestamps of a call can be subtracted from each other.
 */
export interface Clock {
  /** Monotonic milliseconds with fractions. The zero is arbitrary: only differences mean something. */
  now(): number;
  /**
   * Calls `act` once, never before `atMs` on this clock and as soon after it as the event loop allows (at once, but
   * not synchronously, when `atMs` has passed). Returns a function that cancels it.
   */
  at(atMs: number, act: () => void): () => void;
}

/**
 * `performance.now()` and timers. Node's timers count whole milliseconds and may fire up to one early, so the last
 * fraction is bridged by `setImmediate`: less than one millisecond of turns of the loop, each doing its I/O.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  at(atMs, act) {
    let timer: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const wake = (): void => {
      const leftMs = atMs - performance.now();
      if (leftMs <= 0) act();
      else if (leftMs < 1) immediate = setImmediate(wake);
      else timer = setTimeout(wake, Math.floor(leftMs));
    };
    const leftMs = atMs - performance.now();
    if (leftMs < 1) immediate = setImmediate(wake);
    else timer = setTimeout(wake, Math.floor(leftMs));
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  },
};

/** Resolves at `atMs` on `clock`, or rejects with the signal's reason when it is aborted first. */
export function sleepUntil(clock: Clock, atMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.at(atMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
