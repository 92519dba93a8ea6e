import type { Clock } from '../clock.js';

/** Milliseconds of the machine's monotonic clock, comparable between processes, unlike `performance.now()`. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const READINGS = 50;

/**
 * What to add to a time of `clock` to get the one that all processes of this machine share. Of many readings the
 * tightest: the first ones of a process take a tenth of a millisecond, and that would be an error of every measure.
 */
export function sharedMinusLocal(clock: Clock, shared: () => number = sharedNow): number {
  let tightestMs = Number.POSITIVE_INFINITY;
  let offsetMs = 0;
  for (let reading = 0; reading < READINGS; reading++) {
    const beforeMs = clock.now();
    const sharedMs = shared();
    const afterMs = clock.now();
    if (afterMs - beforeMs >= tightestMs) continue;
    tightestMs = afterMs - beforeMs;
    offsetMs = sharedMs - (beforeMs + afterMs) / 2;
  }
  return offsetMs;
}
