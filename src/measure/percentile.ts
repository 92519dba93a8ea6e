/** A percentile is absent when there are too few samples for it, and when it falls on a censored one. */
export interface Summary {
  readonly n: number;
  /** Samples known only to be longer than could be seen; they rank above all others. */
  readonly censored?: number;
  readonly min?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p95?: number;
  readonly p99?: number;
  readonly max?: number;
  readonly mean?: number;
}

export const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type PercentileName = keyof typeof PERCENTILES;

/** Samples needed before a percentile is more than the largest sample under another name: 2, 10, 20, 100. */
export function samplesNeeded(name: PercentileName): number {
  return Math.round(1 / (1 - PERCENTILES[name]));
}

/** Nearest rank: always a sample that was really measured. `sorted` is ascending and not empty. */
export function nearestRank(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length - 1e-9)) - 1]!;
}

/** `undefined` for no samples. `Infinity` counts as censored. */
export function summarise(samples: readonly number[]): Summary | undefined {
  if (samples.length === 0) return undefined;
  const sorted = [...samples].sort((a, b) => a - b);
  const known = sorted.filter((value) => Number.isFinite(value));
  const censored = sorted.length - known.length;
  const percentiles: Partial<Record<PercentileName, number>> = {};
  for (const name of Object.keys(PERCENTILES) as PercentileName[]) {
    if (sorted.length < samplesNeeded(name)) continue;
    const value = nearestRank(sorted, PERCENTILES[name]);
    if (Number.isFinite(value)) percentiles[name] = value;
  }
  return {
    n: sorted.length,
    ...(censored > 0 && { censored }),
    ...(known.length > 0 && { min: known[0]! }),
    ...percentiles,
    ...(censored === 0 && { max: known.at(-1)!, mean: known.reduce((sum, value) => sum + value, 0) / known.length }),
  };
}
