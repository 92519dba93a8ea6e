import type { MetricName } from '../metrics.js';
import type { Interval } from './statistics.js';

/** `cannot-tell`: too few calls, or too unlike each other, for a difference that matters to be seen or ruled out. */
export type Outcome = 'same' | 'better' | 'worse' | 'cannot-tell';

/** One metric of two reports: the middle of its calls, its tail, or how often it happened. */
export interface ComparedMetric {
  readonly metric: MetricName;
  /** `call`: mean over the calls (or runs) of the median of each. `p95`: of all samples. `share`: times happened among the chances. */
  readonly of: 'call' | 'p95' | 'share';
  readonly unit: 'ms' | 'count';
  readonly before: number;
  readonly after: number;
  /** After − before, kinds of call weighted alike in both; milliseconds, or a share of the chances. */
  readonly difference: number;
  /** In which 95 of 100 repetitions would find the difference; absent where there are too few calls. */
  readonly interval?: Interval;
  /** A difference smaller than this would be none. */
  readonly matters: number;
  /** How likely chance alone makes such a difference, corrected for the number of metrics; absent as `interval` is. */
  readonly chance?: number;
  /** Calls, or runs of calls at the same time: what of each report can be told apart. */
  readonly witnesses: { readonly before: number; readonly after: number };
  readonly outcome: Outcome;
}

/** `voicebridge-comparison/1`: what `bench compare --json` prints, and what stands in a report made with `--baseline`. */
export interface Comparison {
  readonly schema: 'voicebridge-comparison/1';
  readonly outcome: Outcome;
  readonly before: ComparedReport;
  readonly after: ComparedReport;
  readonly metrics: readonly ComparedMetric[];
  /** Metrics that only one of the reports has. */
  readonly missing: readonly { readonly metric: MetricName; readonly from: 'before' | 'after' }[];
  /** Why the reports should not have been compared; empty unless it was forced. */
  readonly forced: readonly string[];
}

export interface ComparedReport {
  readonly name: string;
  readonly version: string;
  readonly at?: string;
  readonly calls: number;
  /** At the same time: then a run is one witness, else a call. */
  readonly concurrency: number;
}
