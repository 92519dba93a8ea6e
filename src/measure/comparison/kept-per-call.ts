import type { Count, CountName, DistributionName, Measures } from '../metrics.js';

/** What a report keeps of one call, so that another report can be held against it. `Infinity` was longer than could be seen. */
export interface KeptOfCall {
  readonly samples: Readonly<Partial<Record<DistributionName, readonly number[]>>>;
  readonly counts: Readonly<Partial<Record<CountName, Count>>>;
}

/**
 * Of a metric with more samples in one call (one per frame, most of them) so many are kept: the middles of as many equal
 * shares of the sorted ones. Median and p95 of a call stay what they were to within a hundredth of its samples.
 */
export const MOST_PER_CALL = 64;

export function keptOfCall(measures: Measures): KeptOfCall {
  const samples: Partial<Record<DistributionName, readonly number[]>> = {};
  for (const [name, values] of measures.samples) if (values.length > 0) samples[name] = thinned(values);
  return { samples, counts: Object.fromEntries(measures.counts) };
}

function thinned(values: readonly number[]): readonly number[] {
  if (values.length <= MOST_PER_CALL) return [...values];
  const sorted = [...values].sort((a, b) => a - b);
  const share = sorted.length / MOST_PER_CALL;
  return Array.from({ length: MOST_PER_CALL }, (_, index) => sorted[Math.floor((index + 0.5) * share)]!);
}
