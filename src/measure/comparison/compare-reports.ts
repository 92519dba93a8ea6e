import { mean } from 'simple-statistics';
import { type Random, seededRandom } from '../../random.js';
import { type Count as Happened, METRICS, type MetricEntry, type MetricName } from '../metrics.js';
import { nearestRank } from '../percentile.js';
import type { Report } from '../report-json.js';
import type { ComparedMetric, Comparison, Outcome } from './comparison.js';
import { obstacles } from './obstacles.js';
import { chanceOf, corrected, type Group, intervalOf } from './statistics.js';
import { MATTERS_MS, type Worth, worthOf } from './what-matters.js';
import { type Witness, witnessesOf } from './witnesses.js';

export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

export interface CompareOptions {
  /** Milliseconds below which a difference is none. */
  readonly mattersMs?: number;
}

/** The probability with which the whole comparison may call a difference what is none. */
const ALARM = 0.01;
/** Below this nothing can be said of how they differ from each other. */
const FEWEST_WITNESSES = 5;
/** Samples of each report before its p95 is more than its largest ones. */
const FEWEST_FOR_P95 = 40;
/** The same two reports give the same verdict. */
const SEED = 1;
/** What a sample that never ended counts for at least: an agent that went on for two seconds was not going to stop. */
const NEVER_MS = 2_000;

/**
 * Holds a report against an earlier one, metric by metric. The unit is the call, or the run of calls at the same
 * time: samples of one call hang together, so that ten thousand frames of ten calls are ten witnesses. Pure, and the
 * same for the same two reports.
 */
export function compareReports(before: NamedReport, after: NamedReport, options: CompareOptions = {}): Comparison {
  const random = seededRandom(SEED);
  const calls = { before: witnessesOf(before.report), after: witnessesOf(after.report) };
  const mattersMs = Math.max(options.mattersMs ?? MATTERS_MS, pacingOf(before.report), pacingOf(after.report));
  const rows: Row[] = [];
  const missing: Comparison['missing'][number][] = [];
  for (const metric of Object.keys(METRICS) as MetricName[]) {
    const worth = worthOf(metric, mattersMs);
    if (!worth || otherVersion(metric, before.report, after.report)) continue;
    const has = { before: before.report.metrics[metric], after: after.report.metrics[metric] };
    if (has.before && has.after) rows.push(...rowsOf(metric, worth, calls, random));
    else if (has.before || has.after) missing.push({ metric, from: has.before ? 'after' : 'before' });
  }
  const metrics = decide(rows);
  return {
    schema: 'voicebridge-comparison/1',
    outcome: overall(metrics),
    before: about(before),
    after: about(after),
    metrics,
    missing,
    forced: obstacles(before.report, after.report),
  };
}

function about({ name, report }: NamedReport): Comparison['before'] {
  const { tool, at, concurrency, calls } = report;
  return { name, version: tool.version, at, concurrency, calls: calls.filter(({ kept }) => kept).length };
}

/** How late this machine was itself: it cannot see what is smaller. */
function pacingOf(report: Report): number {
  const pacing = report.metrics['host.pacing_ms'];
  return pacing?.unit === 'ms' ? (pacing.p99 ?? 0) : 0;
}

function otherVersion(metric: MetricName, before: Report, after: Report): boolean {
  return (before.metrics[metric]?.version ?? 1) !== (after.metrics[metric]?.version ?? 1);
}

/** A metric before it is decided what its difference is worth. */
type Row = Omit<ComparedMetric, 'outcome'> & { readonly worth: Worth };

interface Calls {
  readonly before: readonly Witness[];
  readonly after: readonly Witness[];
}

function rowsOf(metric: MetricName, worth: Worth, calls: Calls, random: Random): Row[] {
  const entry: MetricEntry = METRICS[metric];
  const rows = entry.kind === 'count' ? [shareRow] : [callRow, tailRow];
  return rows.flatMap((row) => row(metric, worth, calls, random) ?? []);
}

function callRow(metric: MetricName, worth: Worth, calls: Calls, random: Random): Row | undefined {
  const groups = grouped(calls, (call) => {
    const values = samplesOf(call, metric);
    return values && medianOf(values);
  });
  if (groups.length === 0) return undefined;
  const means = (side: 'before' | 'after'): number => mean(groups.flatMap((group) => group[side]));
  const base = { metric, of: 'call', unit: 'ms', before: means('before'), after: means('after'), worth } as const;
  return withChance(base, groups, meanDifference, groups, groupSize(groups), random);
}

/** How often the tail of both together is reached, call by call, is what chance is asked about. */
function tailRow(metric: MetricName, worth: Worth, calls: Calls, random: Random): Row | undefined {
  const groups = grouped(calls, (call) => samplesOf(call, metric));
  const all = { before: pool(groups, 'before'), after: pool(groups, 'after') };
  if (all.before.length < FEWEST_FOR_P95 || all.after.length < FEWEST_FOR_P95) return undefined;
  const both = Float64Array.of(...all.before, ...all.after).sort();
  const edge = rankOf(both, 0.95);
  const reached = groups.map(({ before, after }) => ({
    before: before.map((values) => shareAbove(values, edge)),
    after: after.map((values) => shareAbove(values, edge)),
  }));
  const [beforeMs, afterMs] = [rankOf(all.before, 0.95), rankOf(all.after, 0.95)];
  const base = { metric, of: 'p95', unit: 'ms', before: beforeMs, after: afterMs, worth } as const;
  const tails = (drawn: readonly Group<readonly number[]>[]): number =>
    rankOf(pool(drawn, 'after'), 0.95) - rankOf(pool(drawn, 'before'), 0.95);
  return withChance(base, groups, tails, reached, both.length, random);
}

function shareRow(metric: MetricName, worth: Worth, calls: Calls, random: Random): Row | undefined {
  const groups = grouped(calls, (call) => {
    const count = (call.kept.counts as Readonly<Record<string, Happened>> | undefined)?.[metric];
    return count && count.of > 0 ? count : undefined;
  });
  if (groups.length === 0) return undefined;
  const rate = (side: 'before' | 'after', from: readonly Group<Happened>[] = groups): number => {
    const counts = from.flatMap((group) => group[side]);
    return counts.reduce((sum, { count }) => sum + count, 0) / counts.reduce((sum, { of }) => sum + of, 0);
  };
  const counts = groups.flatMap(({ before, after }) => [...before, ...after]);
  const expected = counts.reduce((sum, { count }) => sum + count, 0) / counts.reduce((sum, { of }) => sum + of, 0);
  const beyond = groups.map(({ before, after }) => ({
    before: before.map(({ count, of }) => count - expected * of),
    after: after.map(({ count, of }) => count - expected * of),
  }));
  const base = { metric, of: 'share', unit: 'count', before: rate('before'), after: rate('after'), worth } as const;
  const difference = (drawn: readonly Group<Happened>[]): number => rate('after', drawn) - rate('before', drawn);
  return withChance(base, groups, difference, beyond, counts.length, random);
}

function withChance<Value>(
  base: Pick<Row, 'metric' | 'of' | 'unit' | 'before' | 'after' | 'worth'>,
  groups: readonly Group<Value>[],
  differenceOf: (groups: readonly Group<Value>[]) => number,
  tested: readonly Group<number>[],
  size: number,
  random: Random,
): Row {
  const witnesses = { before: sideSize(groups, 'before'), after: sideSize(groups, 'after') };
  const row = { ...base, difference: differenceOf(groups), matters: base.worth.matters, witnesses };
  if (witnesses.before < FEWEST_WITNESSES || witnesses.after < FEWEST_WITNESSES) return row;
  return { ...row, chance: chanceOf(tested, random), interval: intervalOf(groups, differenceOf, size, random) };
}

/** The calls of each scenario that both reports have, as what `read` finds in them; those without it left out. */
function grouped<Value>(calls: Calls, read: (call: Witness) => Value | undefined): Group<Value>[] {
  const names = [...new Set(calls.before.map(({ scenario }) => scenario))];
  const of = (side: readonly Witness[], name: string): Value[] =>
    side
      .filter(({ scenario }) => scenario === name)
      .map(read)
      .filter((value) => value !== undefined);
  return names
    .map((name) => ({ before: of(calls.before, name), after: of(calls.after, name) }))
    .filter(({ before, after }) => before.length > 0 && after.length > 0);
}

function samplesOf(call: Witness, metric: MetricName): readonly number[] | undefined {
  const values = (call.kept.samples as Record<string, readonly (number | null)[]> | undefined)?.[metric];
  if (!values || values.length === 0) return undefined;
  const ended = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const never = Math.max(NEVER_MS, ...ended);
  return values.map((value) => (value === null || !Number.isFinite(value) ? never : value));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Every kind of call counts by how many of it there are in both reports together, so that a discarded one shifts nothing. */
function meanDifference(groups: readonly Group<number>[]): number {
  const size = groupSize(groups);
  return groups.reduce((sum, { before, after }) => {
    return sum + ((before.length + after.length) / size) * (mean(after as number[]) - mean(before as number[]));
  }, 0);
}

function groupSize<Value>(groups: readonly Group<Value>[]): number {
  return sideSize(groups, 'before') + sideSize(groups, 'after');
}

function sideSize<Value>(groups: readonly Group<Value>[], side: 'before' | 'after'): number {
  return groups.reduce((sum, group) => sum + group[side].length, 0);
}

function pool(groups: readonly Group<readonly number[]>[], side: 'before' | 'after'): Float64Array {
  let size = 0;
  for (const group of groups) for (const values of group[side]) size += values.length;
  const all = new Float64Array(size);
  let at = 0;
  for (const group of groups) {
    for (const values of group[side]) {
      all.set(values, at);
      at += values.length;
    }
  }
  return all.sort();
}

function rankOf(sorted: Float64Array, share: number): number {
  return nearestRank(sorted as unknown as readonly number[], share);
}

function shareAbove(values: readonly number[], edge: number): number {
  return values.filter((value) => value > edge).length / values.length;
}

/** All chances are corrected together, then each metric is judged. */
function decide(rows: readonly Row[]): ComparedMetric[] {
  const asked = rows.filter(({ chance }) => chance !== undefined);
  const chances = corrected(asked.map(({ chance }) => chance!));
  const byRow = new Map(asked.map((row, index) => [row, chances[index]!]));
  return rows.map((row) => {
    const { worth, ...plain } = row;
    const chance = byRow.get(row);
    return { ...plain, ...(chance !== undefined && { chance }), outcome: outcomeOf(row, worth, chance) };
  });
}

function outcomeOf(row: Row, { better, matters }: Worth, chance: number | undefined): Outcome {
  const { interval, difference, before, after } = row;
  if (chance === undefined || !interval) return 'cannot-tell';
  if (chance <= ALARM) {
    if (Math.abs(difference) < matters) return 'same';
    const grew = better === 'zero' ? Math.abs(after) > Math.abs(before) : difference > 0;
    return grew === (better === 'higher') ? 'better' : 'worse';
  }
  return interval.low > -matters && interval.high < matters ? 'same' : 'cannot-tell';
}

/** That nothing went wrong in either report is no proof of sameness: that takes a measured time. */
function overall(metrics: readonly ComparedMetric[]): Outcome {
  const some = (wanted: Outcome, unit?: 'ms'): boolean =>
    metrics.some((metric) => metric.outcome === wanted && (unit === undefined || metric.unit === unit));
  if (some('worse')) return 'worse';
  if (some('better')) return 'better';
  return some('same', 'ms') ? 'same' : 'cannot-tell';
}
