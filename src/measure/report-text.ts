import { formatQuote } from './calibration/format.js';
import { METRICS, type MetricName } from './metrics.js';
import { blocks } from './report/bins.js';
import { COLUMNS, callsLine, cell, number } from './report/words.js';
import type { MetricReport, Report } from './report-json.js';

/** How the report is coloured; the identity for a file or a pipe. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubt: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
/** Of a histogram in the table. */
const MOST_BINS = 14;

export const PLAIN: Paint = { good: same, bad: same, doubt: same, dim: same };

/** The whole report for people: what was measured, the table, what the carrier would object to, the budgets, advice. */
export function formatText(report: Report, paint: Paint = PLAIN): string {
  const parts = [
    heading(report),
    table(report),
    counts(report),
    discrimination(report, paint),
    lint(report, paint),
    modelSide(report, paint),
    budgets(report, paint),
    warnings(report, paint),
    report.calibration ? paint.dim(formatQuote(report.calibration)) : '',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function heading(report: Report): string {
  return `${report.endpoint.url}: ${report.scenarios.join(', ')}\n${callsLine(report)}`;
}

function table(report: Report): string {
  const rows: string[][] = [];
  for (const [name, metric] of entries(report)) {
    if (metric.unit === 'count') continue;
    const shape = blocks((report.samples as Readonly<Record<string, readonly number[]>>)[name] ?? [], MOST_BINS);
    rows.push([name, metric.unit, ...COLUMNS.map((column) => cell(metric, column)), shape.padEnd(MOST_BINS)]);
  }
  return rows.length === 0 ? '' : align([['metric', 'unit', ...COLUMNS, 'min … max'.padEnd(MOST_BINS)], ...rows]);
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

/** Which sounds stopped the agent: all speech should, nothing else. */
function discrimination({ discrimination: all = [] }: Report, paint: Paint): string {
  if (all.length === 0) return '';
  const rows = all.map(({ kind, clip, dbov, chances, stopped }) => [
    `${kind} "${clip}"`,
    dbov === undefined ? '–' : String(dbov),
    `${stopped} of ${chances}`,
  ]);
  const [head, ...lines] = align([['what stopped the agent', 'dBov', 'times'], ...rows]).split('\n');
  const isFine = all.map(({ kind, chances, stopped }) => stopped === (kind === 'speech' ? chances : 0));
  return [head, ...lines.map((line, index) => (isFine[index] ? line : paint.doubt(line)))].join('\n');
}

function lint(report: Report, paint: Paint): string {
  return report.lint
    .map(({ code, rule, level, count, first }) => {
      const name = `${level} ${rule}${code === undefined ? '' : ` (Twilio ${code})`} × ${count}`;
      return `${level === 'error' ? paint.bad(name) : paint.doubt(name)}\n    ${first}`;
    })
    .join('\n');
}

/** The other side of the relay: what the model refused, and what to do about it. */
function modelSide({ modelFindings = [] }: Report, paint: Paint): string {
  return modelFindings
    .map(({ code, level, count, first, hint }) => {
      const name = `${level} model: ${code} × ${count}`;
      const lines = [first, ...(hint === undefined ? [] : [hint])].map((line) => `\n    ${line}`).join('');
      return `${level === 'error' ? paint.bad(name) : paint.doubt(name)}${lines}`;
    })
    .join('\n');
}

function budgets(report: Report, paint: Paint): string {
  return report.budgets
    .filter(({ level }) => level !== 'off')
    .map(({ expr, level, actual, ok, unknown: nothing, note }) => {
      const found = actual === undefined ? '' : ` (${number(actual)})`;
      // What an unreliable machine measured is neither kept nor exceeded.
      const unknown = nothing || !report.reliable;
      const line = `${unknown ? '?' : ok ? '✓' : '✗'} ${expr}${found}${note === undefined ? '' : `: ${note}`}`;
      if (ok && !unknown) return paint.good(line);
      return unknown || level === 'warn' ? paint.doubt(line) : paint.bad(line);
    })
    .join('\n');
}

function warnings({ advice }: Report, paint: Paint): string {
  return advice.map((doubt) => paint.doubt(`warning: ${doubt}`)).join('\n');
}
