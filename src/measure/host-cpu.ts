import { readFileSync } from 'node:fs';

/** What the kernel has counted so far; absent where it does not count (anything but Linux). */
export interface CpuCounters {
  /** This thread was ready to run and had no processor. */
  readonly waitedMs?: number;
  /** The virtual machine was ready to run and had no processor of the host's, of all ticks of its processors. */
  readonly stolenTicks?: number;
  readonly allTicks?: number;
}

/** Reads `/proc`; some microseconds. */
export function readCpuCounters(): CpuCounters {
  return {
    ...parseSchedstat(textOf('/proc/thread-self/schedstat')),
    ...parseStat(textOf('/proc/stat')),
  };
}

/** `time on a processor, time waiting for one, turns`, in nanoseconds: the kernel's Documentation/scheduler/sched-stats. */
export function parseSchedstat(text: string): Pick<CpuCounters, 'waitedMs'> {
  const match = /^\d+ (\d+) \d+/.exec(text);
  return match ? { waitedMs: Number(match[1]) / 1e6 } : {};
}

/** First line `cpu  user nice system idle iowait irq softirq steal guest guest_nice` in ticks: proc_stat(5). */
export function parseStat(text: string): Pick<CpuCounters, 'stolenTicks' | 'allTicks'> {
  const fields = /^cpu +(\d+(?: \d+)*)/.exec(text)?.[1]?.split(' ').map(Number);
  const stolenTicks = fields?.[7];
  if (!fields || stolenTicks === undefined) return {};
  // Guests' time is counted in user time already.
  return { stolenTicks, allTicks: fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0) };
}

/** Shares of the time between two readings, 0 to 1. */
export function cpuShares(
  before: CpuCounters,
  after: CpuCounters,
  elapsedMs: number,
): { waitedShare?: number; stolenShare?: number } {
  const waited = difference(before.waitedMs, after.waitedMs);
  const stolen = difference(before.stolenTicks, after.stolenTicks);
  const ticks = difference(before.allTicks, after.allTicks);
  return {
    ...(waited !== undefined && elapsedMs > 0 && { waitedShare: waited / elapsedMs }),
    ...(stolen !== undefined && ticks !== undefined && ticks > 0 && { stolenShare: stolen / ticks }),
  };
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
