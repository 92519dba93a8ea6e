import { describe, expect, it } from 'vitest';
import { cpuShares, parseSchedstat, parseStat, readCpuCounters } from '../../src/measure/host-cpu.js';

describe('what the kernel counts', () => {
  it('is how long a thread waited for a processor', () => {
    expect(parseSchedstat('502528 175496 3\n')).toEqual({ waitedMs: 0.175496 });
    expect(parseSchedstat('')).toEqual({});
    expect(parseSchedstat('0 nothing 3')).toEqual({});
  });

  it('is what the host of a virtual machine kept for itself', () => {
    const text = 'cpu  716465 2998 298040 1888475 2239 0 21798 1310 500 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n';
    expect(parseStat(text)).toEqual({ stolenTicks: 1310, allTicks: 2931325 });
    expect(parseStat('cpu  1 2 3 4\n')).toEqual({});
    expect(parseStat('intr 5')).toEqual({});
  });

  it('becomes shares of the time between two readings', () => {
    const before = { waitedMs: 100, stolenTicks: 10, allTicks: 1_000 };
    const after = { waitedMs: 350, stolenTicks: 30, allTicks: 2_000 };
    expect(cpuShares(before, after, 5_000)).toEqual({ waitedShare: 0.05, stolenShare: 0.02 });
    expect(cpuShares({}, after, 5_000)).toEqual({});
    expect(cpuShares(before, before, 0)).toEqual({});
  });

  it('is read from this machine without a word where it has none', () => {
    for (const value of Object.values(readCpuCounters())) expect(value).toBeGreaterThanOrEqual(0);
  });
});
