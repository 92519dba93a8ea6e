import type { DistributionName, Measures } from '../metrics.js';

/** More samples than these are thinned: a report is read by people and kept by the hundred. */
export const MOST_SAMPLES = 2_000;

/** The samples behind a summary, in the order they were measured; `Infinity` was longer than could be seen. */
export type KeptSamples = Readonly<Partial<Record<DistributionName, readonly number[]>>>;

/**
 * What the distributions of a report are drawn from and another report is compared with. Of a metric with very many
 * samples every so manyth of the sorted ones is kept, with the smallest and the largest: the shape stays.
 */
export function keptSamples(measures: Measures): KeptSamples {
  const kept: Partial<Record<DistributionName, readonly number[]>> = {};
  for (const [name, values] of measures.samples) if (values.length > 0) kept[name] = thinned(values);
  return kept;
}

function thinned(values: readonly number[]): readonly number[] {
  if (values.length <= MOST_SAMPLES) return [...values];
  const sorted = [...values].sort((a, b) => a - b);
  const step = (sorted.length - 1) / (MOST_SAMPLES - 1);
  return Array.from({ length: MOST_SAMPLES }, (_, index) => sorted[Math.round(index * step)]!);
}
