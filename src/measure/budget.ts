import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { VoicebridgeError } from '../errors.js';
import { type Count, isMetricName, METRICS, type Measures, type MetricName } from './metrics.js';
import { PERCENTILES, type PercentileName, type Summary, samplesNeeded, summarise } from './percentile.js';
import { presetOf } from './report/presets.js';
import type { Report } from './report-json.js';

export type Level = 'error' | 'warn' | 'off';
type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';
type Statistic = PercentileName | 'min' | 'max' | 'mean' | 'n' | 'count' | 'share';

/** One line such as `bargein.stop_ms p95 < 300`, understood. */
export interface Budget {
  /** As it was written, without the level. */
  readonly expr: string;
  readonly level: Level;
  readonly metric: MetricName;
  readonly statistic: Statistic;
  readonly operator: Operator;
  readonly limit: number;
  /** Of a preset: what was not measured is a warning then, not an open question. */
  readonly preset?: true;
}

/** What a budget can be held against: the measures of calls, or the metrics of a report. */
export type BudgetBasis = Measures | Pick<Report, 'metrics'>;

export interface BudgetResult {
  readonly expr: string;
  readonly level: Level;
  /** Absent when nothing was measured that it could be held against. */
  readonly actual?: number;
  readonly ok: boolean;
  /** Nothing was measured: the budget is neither kept nor exceeded. */
  readonly unknown?: true;
  /** Why `actual` is not the statistic that was asked for, or is absent. */
  readonly note?: string;
}

const SHAPE = /^(?:(error|warn|off)[\s:]+)?([a-z][\w.]*)(?:\s+([a-z]\w*))?\s*(<=|>=|==|!=|<|>)\s*(\S+)$/i;
const NUMBER = /^-?\d+(?:\.\d+)?(ms|s|%)?$/;
const OF_COUNT: readonly Statistic[] = ['count', 'share'];
const OF_DISTRIBUTION: readonly Statistic[] = ['min', 'p50', 'p90', 'p95', 'p99', 'max', 'mean', 'n'];

/**
 * `[error|warn|off] METRIC [STATISTIC] OPERATOR NUMBER[ms|s|%]`. A distribution needs a statistic; a count has none, or
 * `share`, which is of its chances: `bargein.missed share < 5%`.
 *
 * @throws VoicebridgeError `budget-invalid`
 */
export function parseBudget(text: string): Budget {
  const fail = (reason: string): never => {
    throw new VoicebridgeError('budget-invalid', { expr: text.trim(), reason });
  };
  const [, level, metric, statistic, operator, number] = SHAPE.exec(text.trim()) ?? fail('it has another shape');
  if (!isMetricName(metric!)) return fail(`there is no metric ${metric}${suggestion(metric!)}`);
  if (!NUMBER.test(number!)) return fail(`${number} is not a number`);
  const { kind } = METRICS[metric];
  if (kind === 'count' && !OF_COUNT.includes((statistic ?? 'count') as Statistic)) {
    return fail(`${metric} is a count and has no ${statistic}`);
  }
  if (kind === 'distribution' && statistic === undefined) return fail(`say which: ${metric} p95, or p50, max, …`);
  const known =
    kind === 'count'
      ? ((statistic ?? 'count') as 'count' | 'share')
      : OF_DISTRIBUTION.find((each) => each === statistic);
  if (known === undefined) return fail(`${statistic} is none of ${OF_DISTRIBUTION.join(', ')}`);
  if (number!.endsWith('%') && known !== 'share') return fail(`${number} is a share, and ${metric} ${known} is none`);
  const limit = Number.parseFloat(number!) * scaleOf(number!);
  return {
    expr: text.trim().replace(/^(error|warn|off)[\s:]+/i, ''),
    level: (level?.toLowerCase() as Level | undefined) ?? 'error',
    metric,
    statistic: known,
    operator: operator as Operator,
    limit,
  };
}

function scaleOf(number: string): number {
  if (number.endsWith('ms')) return 1;
  if (number.endsWith('s')) return 1000;
  return number.endsWith('%') ? 0.01 : 1;
}

function suggestion(name: string): string {
  const near = (Object.keys(METRICS) as MetricName[]).filter(
    (metric) => metric.includes(name) || metric.startsWith(name.split('.')[0]!),
  );
  return near.length > 0 ? `; near it are ${near.slice(0, 6).join(', ')}` : '';
}

/**
 * What `--budget` was given: an expression, the name of a preset, or a file with one per line (`#` begins a comment) or a YAML list of them,
 * bare or under `budgets:`. `folder` is where a relative path begins.
 *
 * @throws VoicebridgeError `budget-invalid`, `file-missing`, `file-unreadable`
 */
export async function readBudgets(argument: string, folder = '.'): Promise<Budget[]> {
  const preset = presetOf(argument);
  if (preset) return preset.map((line) => ({ ...parseBudget(line), preset: true }));
  const [firstWord] = argument.trim().split(/\s/, 1);
  if (/[<>=]/.test(argument) || isMetricName(firstWord!)) return [parseBudget(argument)];
  let text: string;
  try {
    text = await readFile(resolve(folder, argument), 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    const hint = "a budget is a file of lines, or one line: --budget 'bargein.stop_ms p95 < 300'";
    if (reason === 'ENOENT') throw new VoicebridgeError('file-missing', { path: argument, hint });
    throw new VoicebridgeError('file-unreadable', { path: argument, reason, hint });
  }
  return linesOf(text, argument).map(parseBudget);
}

function linesOf(text: string, path: string): string[] {
  if (!/\.(ya?ml|json)$/i.test(path)) {
    return text
      .split(/\r?\n/)
      .map((line) => line.replace(/#.*$/, '').trim())
      .filter((line) => line !== '');
  }
  const fail = (reason: string): never => {
    throw new VoicebridgeError('budget-invalid', { expr: path, reason });
  };
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (error) {
    return fail((error as Error).message.split('\n')[0]!);
  }
  const list = Array.isArray(content) ? content : (content as { budgets?: unknown } | null)?.budgets;
  if (!Array.isArray(list)) return fail('the file holds no list of budgets');
  return list.map((line) => (typeof line === 'string' ? line : fail(`${JSON.stringify(line)} is not a line of text`)));
}

/**
 * Holds a budget against what was measured. Where the samples are too few for the percentile, all of them are held
 * against the limit instead: kept by every sample is kept by any percentile, and a single one over it is not let pass.
 */
export function checkBudget(budget: Budget, basis: BudgetBasis): BudgetResult {
  const { expr, preset } = budget;
  const measured = measure(budget, basis);
  if (measured.value === undefined) {
    const level = preset && budget.level === 'error' ? 'warn' : budget.level;
    if (measured.censored) {
      return { expr, level: budget.level, ok: holds(budget, Number.POSITIVE_INFINITY), note: measured.note! };
    }
    return { expr, level, ok: false, unknown: true, note: measured.note! };
  }
  const note = measured.note === undefined ? {} : { note: measured.note };
  return { expr, level: budget.level, actual: measured.value, ok: holds(budget, measured.value), ...note };
}

interface Measured {
  readonly value?: number;
  readonly censored?: true;
  readonly note?: string;
}

function measure({ metric, statistic, operator }: Budget, basis: BudgetBasis): Measured {
  if (statistic === 'count' || statistic === 'share') {
    const count = countOf(metric, basis);
    if (!count) return { note: `${metric} was not measured` };
    if (statistic === 'count') return { value: count.count };
    return count.of > 0 ? { value: count.count / count.of } : { note: `${metric} had no chance to happen` };
  }
  const summary = summaryOf(metric, basis);
  if (statistic === 'n') return { value: summary?.n ?? 0 };
  if (!summary) return { note: `${metric} was not measured` };
  const value = summary[statistic];
  if (value !== undefined) return { value };
  if (isPercentile(statistic) && summary.n < samplesNeeded(statistic)) return tooFew(statistic, operator, summary);
  return { censored: true, note: `${summary.censored} of ${summary.n} were longer than could be seen` };
}

function countOf(name: MetricName, basis: BudgetBasis): Count | undefined {
  if ('counts' in basis) return (basis.counts as ReadonlyMap<string, Count>).get(name);
  const metric = basis.metrics[name];
  return metric?.unit === 'count' ? metric : undefined;
}

function summaryOf(name: MetricName, basis: BudgetBasis): Summary | undefined {
  if ('counts' in basis) return summarise((basis.samples as ReadonlyMap<string, readonly number[]>).get(name) ?? []);
  const metric = basis.metrics[name];
  return metric && metric.unit !== 'count' ? metric : undefined;
}

function tooFew(statistic: PercentileName, operator: Operator, summary: Summary): Measured {
  const samples = summary.n === 1 ? '1 sample is' : `${summary.n} samples are`;
  const note = `${samples} too few for ${statistic} (it needs ${samplesNeeded(statistic)})`;
  if (operator === '>' || operator === '>=') return { value: summary.min!, note: `${note}: held against the smallest` };
  if (operator === '==' || operator === '!=') return { note };
  if (summary.max === undefined) return { censored: true, note };
  return { value: summary.max, note: `${note}: held against the largest` };
}

function isPercentile(statistic: Statistic): statistic is PercentileName {
  return Object.hasOwn(PERCENTILES, statistic);
}

function holds({ operator, limit }: Budget, value: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}
