import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { VoicebridgeError } from '../errors.js';
import { isMetricName, METRICS, type Measures, type MetricName } from './metrics.js';
import { PERCENTILES, type PercentileName, type Summary, samplesNeeded, summarise } from './percentile.js';

export type Level = 'error' | 'warn' | 'off';
type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';
type Statistic = PercentileName | 'min' | 'max' | 'mean' | 'n' | 'count';

/** One line such as `bargein.stop_ms p95 < 300`, understood. */
export interface Budget {
  /** As it was written, without the level. */
  readonly expr: string;
  readonly level: Level;
  readonly metric: MetricName;
  readonly statistic: Statistic;
  readonly operator: Operator;
  readonly limit: number;
}

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
const NUMBER = /^-?\d+(?:\.\d+)?(ms|s)?$/;
const OF_DISTRIBUTION: readonly Statistic[] = ['min', 'p50', 'p90', 'p95', 'p99', 'max', 'mean', 'n'];

/**
 * `[error|warn|off] METRIC [STATISTIC] OPERATOR NUMBER[ms|s]`. A distribution needs a statistic, a count has none.
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
  if (kind === 'count' && statistic !== undefined && statistic !== 'count') {
    return fail(`${metric} is a count and has no ${statistic}`);
  }
  if (kind === 'distribution' && statistic === undefined) return fail(`say which: ${metric} p95, or p50, max, …`);
  const known = kind === 'count' ? 'count' : OF_DISTRIBUTION.find((each) => each === statistic);
  if (known === undefined) return fail(`${statistic} is none of ${OF_DISTRIBUTION.join(', ')}`);
  const limit = number!.endsWith('ms')
    ? Number(number!.slice(0, -2))
    : number!.endsWith('s')
      ? Number(number!.slice(0, -1)) * 1000
      : Number(number);
  return {
    expr: text.trim().replace(/^(error|warn|off)[\s:]+/i, ''),
    level: (level?.toLowerCase() as Level | undefined) ?? 'error',
    metric,
    statistic: known,
    operator: operator as Operator,
    limit,
  };
}

function suggestion(name: string): string {
  const near = (Object.keys(METRICS) as MetricName[]).filter(
    (metric) => metric.includes(name) || metric.startsWith(name.split('.')[0]!),
  );
  return near.length > 0 ? `; near it are ${near.slice(0, 6).join(', ')}` : '';
}

/**
 * What `--budget` was given: an expression, or a file with one per line (`#` begins a comment) or a YAML list of them,
 * bare or under `budgets:`. `folder` is where a relative path begins.
 *
 * @throws VoicebridgeError `budget-invalid`, `file-missing`, `file-unreadable`
 */
export async function readBudgets(argument: string, folder = '.'): Promise<Budget[]> {
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
export function checkBudget(budget: Budget, measures: Measures): BudgetResult {
  const { expr, level } = budget;
  const measured = measure(budget, measures);
  if (measured.value === undefined) {
    if (measured.censored) return { expr, level, ok: holds(budget, Number.POSITIVE_INFINITY), note: measured.note! };
    return { expr, level, ok: false, unknown: true, note: measured.note! };
  }
  const note = measured.note === undefined ? {} : { note: measured.note };
  return { expr, level, actual: measured.value, ok: holds(budget, measured.value), ...note };
}

interface Measured {
  readonly value?: number;
  readonly censored?: true;
  readonly note?: string;
}

function measure({ metric, statistic, operator }: Budget, measures: Measures): Measured {
  if (statistic === 'count') {
    const count = (measures.counts as ReadonlyMap<string, { count: number }>).get(metric);
    return count ? { value: count.count } : { note: `${metric} was not measured` };
  }
  const samples = (measures.samples as ReadonlyMap<string, readonly number[]>).get(metric) ?? [];
  const summary = summarise(samples);
  if (statistic === 'n') return { value: samples.length };
  if (!summary) return { note: `${metric} was not measured` };
  const value = summary[statistic];
  if (value !== undefined) return { value };
  if (isPercentile(statistic) && summary.n < samplesNeeded(statistic)) return tooFew(statistic, operator, summary);
  return { censored: true, note: `${summary.censored} of ${summary.n} were longer than could be seen` };
}

function tooFew(statistic: PercentileName, operator: Operator, summary: Summary): Measured {
  const note = `${summary.n} samples are too few for ${statistic} (it needs ${samplesNeeded(statistic)})`;
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
