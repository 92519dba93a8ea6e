import { METRICS, type MetricName } from './metrics.js';
import type { MetricReport, Report } from './report-json.js';

/** How the report is coloured; the identity for a file or a pipe. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubt: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
export const PLAIN: Paint = { good: same, bad: same, doubt: same, dim: same };

const COLUMNS = ['n', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

/** The whole report for people: what was measured, the table, what the carrier would object to, the budgets, doubts. */
export function formatText(report: Report, paint: Paint = PLAIN, doubts: readonly string[] = []): string {
  const parts = [
    heading(report),
    table(report),
    counts(report),
    lint(report, paint),
    budgets(report, paint),
    warnings(doubts, paint),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function heading(report: Report): string {
  const kept = report.attempted - report.discarded.reduce((sum, { count }) => sum + count, 0);
  const calls = `${report.attempted} ${report.attempted === 1 ? 'call' : 'calls'}`;
  const dropped = report.discarded.map(({ reason, count }) => `${count} discarded: ${reason}`);
  return [
    `${report.endpoint.url}: ${report.scenarios.join(', ')}`,
    `${calls}, ${kept} measured${dropped.length > 0 ? ` (${dropped.join('; ')})` : ''}`,
  ].join('\n');
}

function table(report: Report): string {
  const rows: string[][] = [];
  for (const [name, metric] of entries(report)) {
    if (metric.unit === 'count') continue;
    rows.push([name, metric.unit, ...COLUMNS.map((column) => cell(metric, column))]);
  }
  return rows.length === 0 ? '' : align([['metric', 'unit', ...COLUMNS], ...rows]);
}

type Distribution = Extract<MetricReport, { unit: 'ms' }>;

/** A percentile that falls on a sample which never ended is longer than all that did; too few samples give a dash. */
function cell(metric: Distribution, column: (typeof COLUMNS)[number]): string {
  if (column === 'n') return String(metric.n);
  const value = metric[column];
  if (value !== undefined) return number(value);
  return column === 'max' && metric.censored !== undefined ? 'never' : '–';
}

function number(value: number): string {
  const text = value.toFixed(Math.abs(value) < 10 ? 2 : 1);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

function counts(report: Report): string {
  const rows = entries(report).flatMap(([name, metric]) =>
    metric.unit === 'count' ? [[name, String(metric.count), `of ${metric.of}`]] : [],
  );
  return rows.length === 0 ? '' : align([['count', '', ''], ...rows]);
}

function entries(report: Report): [MetricName, MetricReport][] {
  return (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
    const metric = report.metrics[name];
    return metric ? [[name, metric] as [MetricName, MetricReport]] : [];
  });
}

/** First column to the left, all others to the right, two blanks between. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function lint(report: Report, paint: Paint): string {
  return report.lint
    .map(({ code, rule, level, count, first }) => {
      const name = `${level} ${rule}${code === undefined ? '' : ` (Twilio ${code})`} × ${count}`;
      return `${level === 'error' ? paint.bad(name) : paint.doubt(name)}\n    ${first}`;
    })
    .join('\n');
}

function budgets(report: Report, paint: Paint): string {
  return report.budgets
    .filter(({ level }) => level !== 'off')
    .map(({ expr, level, actual, ok, unknown, note }) => {
      const found = actual === undefined ? '' : ` (${number(actual)})`;
      const line = `${unknown ? '?' : ok ? '✓' : '✗'} ${expr}${found}${note === undefined ? '' : `: ${note}`}`;
      if (ok) return paint.good(line);
      return unknown || level === 'warn' ? paint.doubt(line) : paint.bad(line);
    })
    .join('\n');
}

function warnings(doubts: readonly string[], paint: Paint): string {
  return doubts.map((doubt) => paint.doubt(`warning: ${doubt}`)).join('\n');
}
