import { samplesNeeded } from '../percentile.js';
import type { MetricReport, Report } from '../report-json.js';

/** Two decimals below ten, one above; never minus nothing. */
export function number(value: number): string {
  const text = value.toFixed(Math.abs(value) < 10 ? 2 : 1);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

export const COLUMNS = ['n', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

type Distribution = Exclude<MetricReport, { unit: 'count' }>;

/** A percentile that falls on a sample which never ended is longer than all that did; too few samples give a dash. */
export function cell(metric: Distribution, column: (typeof COLUMNS)[number]): string {
  if (column === 'n') return String(metric.n);
  const value = metric[column];
  if (value !== undefined) return number(value);
  if (metric.censored === undefined) return '–';
  return column === 'max' || metric.n >= samplesNeeded(column) ? 'never' : '–';
}

/** `9 calls, 8 measured (1 discarded: pacing)`. */
export function callsLine({ attempted, discarded }: Pick<Report, 'attempted' | 'discarded'>): string {
  const kept = attempted - discarded.reduce((sum, { count }) => sum + count, 0);
  const dropped = discarded.map(({ reason, count }) => `${count} discarded: ${reason}`);
  const calls = `${attempted} ${attempted === 1 ? 'call' : 'calls'}`;
  return `${calls}, ${kept} measured${dropped.length > 0 ? ` (${dropped.join('; ')})` : ''}`;
}

export const OUTCOMES: Readonly<Record<Report['verdict']['outcome'], string>> = {
  good: 'within budget',
  exceeded: 'over budget',
  broken: 'calls broke',
  unreliable: 'not reliable: neither passed nor failed',
};
