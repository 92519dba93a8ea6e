import { describe, expect, it } from 'vitest';
import { parseProc, parsePs, sumOfTree, usageOf } from '../../../src/measure/load/process-usage.js';

// proc_pid_stat(5): a name may hold blanks and brackets.
const STAT = '4711 (node (relay) x) S 4700 4711 4711 0 -1 4194304 9000 0 3 0 250 50 0 0 20 0 11 0 123456 1100000 25000';

describe('what /proc says of a process', () => {
  it('is its parent, its processor time in ticks of 10 ms, and its memory', () => {
    expect(parseProc(STAT, 'Name:\tnode\nVmRSS:\t  102400 kB\n')).toEqual({
      ...{ pid: 4711, parent: 4700, cpuMs: 3_000, rssKb: 102_400 },
    });
  });

  it('is no memory for a zombie, and nothing for what is no stat', () => {
    expect(parseProc(STAT, 'Name:\tnode\n')?.rssKb).toBe(0);
    expect(parseProc('nonsense', '')).toBeUndefined();
  });
});

describe('what ps says', () => {
  it('is understood as Linux and macOS print it', () => {
    expect(parsePs('    1     0  1024 00:01:02\n  200   1 2048   1:02.50\n 300 200 5 2-03:00:00\n')).toEqual([
      { pid: 1, parent: 0, rssKb: 1_024, cpuMs: 62_000 },
      { pid: 200, parent: 1, rssKb: 2_048, cpuMs: 62_500 },
      { pid: 300, parent: 200, rssKb: 5, cpuMs: 183_600_000 },
    ]);
  });

  it('is left out where it is something else', () => {
    expect(parsePs('PID PPID RSS TIME\n\n')).toEqual([]);
  });
});

describe('the usage of a process', () => {
  const processes = [
    { pid: 30, parent: 20, cpuMs: 100, rssKb: 1_000 },
    { pid: 20, parent: 10, cpuMs: 10, rssKb: 100 },
    { pid: 10, parent: 1, cpuMs: 1, rssKb: 10 },
    { pid: 11, parent: 1, cpuMs: 7_777, rssKb: 7_777 },
  ];

  it('is that of all it has started, too', () => {
    expect(sumOfTree(processes, 10)).toEqual({ cpuMs: 111, rssKb: 1_110 });
    expect(sumOfTree(processes, 30)).toEqual({ cpuMs: 100, rssKb: 1_000 });
  });

  it('is unknown when there is no such process', () => {
    expect(sumOfTree(processes, 99)).toBeUndefined();
  });

  it('can be read of this one', async () => {
    const usage = await usageOf(process.pid);
    expect(usage?.cpuMs).toBeGreaterThan(0);
    expect(usage?.rssKb).toBeGreaterThan(10_000);
  });
});
