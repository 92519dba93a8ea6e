import { type Paint, PLAIN } from '../report-text.js';
import type { ComparedMetric, Comparison, Outcome } from './comparison.js';

const SIGN: Readonly<Record<Outcome, string>> = { same: '=', better: '✓', worse: '✗', 'cannot-tell': '?' };
const WORDS: Readonly<Record<Outcome, string>> = {
  same: 'no difference',
  better: 'better',
  worse: 'worse',
  'cannot-tell': 'cannot tell',
};

/** The comparison for people: what was held against what, one line per metric, and the verdict. */
export function formatComparison(comparison: Comparison, paint: Paint = PLAIN): string {
  const { before, after, metrics, missing, forced } = comparison;
  const side = (report: Comparison['before']): string => `${report.name} (${report.calls} calls)`;
  const header = ['metric', 'of', 'before', 'after', 'difference', '95 of 100 times'];
  // Calls at the same time are one witness together.
  const unit = Math.max(before.concurrency, after.concurrency) > 1 ? 'runs' : 'calls';
  const table = align([header, ...metrics.map(cells)]);
  const lines = table.map((line, row) => {
    if (row === 0) return `  ${line}`;
    const { outcome, witnesses, interval } = metrics[row - 1]!;
    const few = interval ? '' : `: ${Math.min(witnesses.before, witnesses.after)} ${unit} are too few`;
    return colour(outcome, paint)(`${SIGN[outcome]} ${line}  ${WORDS[outcome]}${few}`);
  });
  const notes = [
    ...forced.map((reason) => paint.doubt(`warning: compared although ${reason}`)),
    ...missing.map(({ metric, from }) =>
      paint.doubt(`warning: ${metric} is missing ${from === 'after' ? 'now' : 'before'}`),
    ),
  ];
  const parts = [
    `before: ${side(before)}\nafter:  ${side(after)}`,
    lines.join('\n'),
    notes.join('\n'),
    summary(comparison),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The verdict in a sentence. */
export function summary({ outcome, metrics }: Comparison): string {
  const named = (wanted: Outcome): string =>
    metrics
      .filter((metric) => metric.outcome === wanted)
      .map(nameAndChange)
      .join(', ');
  const open = metrics.filter((metric) => metric.outcome === 'cannot-tell').length;
  const rest = open > 0 ? `; ${open} of ${metrics.length} cannot be told, for which more --runs would help` : '';
  if (outcome === 'worse') return `worse: ${named('worse')}${rest}`;
  if (outcome === 'better') return `better, and nothing worse: ${named('better')}${rest}`;
  if (outcome === 'same') return `no difference${rest}`;
  return 'cannot tell: the calls are too few, or too unlike each other; give both more --runs';
}

function nameAndChange(metric: ComparedMetric): string {
  const of = metric.of === 'p95' ? ' p95' : '';
  return `${metric.metric}${of} (${signed(metric.difference, metric)})`;
}

function cells(metric: ComparedMetric): string[] {
  const { interval } = metric;
  return [
    metric.metric,
    metric.of === 'call' ? 'calls' : metric.of,
    amount(metric.before, metric),
    amount(metric.after, metric),
    signed(metric.difference, metric),
    interval ? `${signed(interval.low, metric)} … ${signed(interval.high, metric)}` : '–',
  ];
}

function amount(value: number, { unit }: ComparedMetric): string {
  if (unit === 'count') return `${number(value * 100)} %`;
  return `${number(value)} ms`;
}

function signed(value: number, metric: ComparedMetric): string {
  const text = amount(Math.abs(value), metric);
  return /^0(\.0+)? /.test(text) ? text : `${value < 0 ? '−' : '+'}${text}`;
}

function number(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((text, column) => (column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))).join('  '),
  );
}

function colour(outcome: Outcome, paint: Paint): (text: string) => string {
  return { same: paint.dim, better: paint.good, worse: paint.bad, 'cannot-tell': paint.doubt }[outcome];
}
