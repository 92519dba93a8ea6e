import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { sharedMinusLocal } from '../../src/measure/shared-time.js';

/** A clock whose readings take time, each as long as the next of `costs`. */
function slowClock(costs: readonly number[]) {
  let nowMs = 100;
  let reading = 0;
  const read = () => {
    nowMs += costs[Math.min(reading++, costs.length - 1)]!;
    return nowMs;
  };
  return { clock: { ...systemClock, now: read }, shared: () => read() + 5_000 };
}

describe('the clock that processes share', () => {
  it('is as far ahead as it is, when reading takes no time', () => {
    const { clock, shared } = slowClock([0]);
    expect(sharedMinusLocal(clock, shared)).toBe(5_000);
  });

  it('goes by the readings that took the least time', () => {
    const { clock, shared } = slowClock([0.5, 0.1, 0.3, 0.4, 0.6, 0.1, 0.002]);
    expect(sharedMinusLocal(clock, shared)).toBeCloseTo(5_000, 6);
  });

  it('stands still between two readings of this process', () => {
    expect(Math.abs(sharedMinusLocal(systemClock) - sharedMinusLocal(systemClock))).toBeLessThan(1);
  });
});
