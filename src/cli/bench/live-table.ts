import { METRICS, type Measures, type MetricName } from '../../measure/metrics.js';
import { summarise } from '../../measure/percentile.js';
import { blocks } from '../../measure/report/bins.js';
import { number } from '../../measure/report/words.js';

/** What is worth watching while calls are made. */
const WATCHED: readonly MetricName[] = [
  'turn.playout_ms',
  'greeting_ms',
  'bargein.stop_ms',
  'bargein.missed',
  'bargein.false',
  'truncation.abs_error_ms',
  'truncation.missing',
  'relay.in_ms',
  'relay.out_ms',
  'gap_ms',
];

const WIDTHS = [24, 6, 9, 9] as const;
const MOST_BINS = 16;

/** A line per watched metric that has been measured so far, under a heading; nothing before the first. */
export function liveTable(soFar: Measures): string[] {
  const rows = WATCHED.flatMap((name) => {
    const row = METRICS[name].kind === 'count' ? countRow(name, soFar) : distributionRow(name, soFar);
    return row ? [row] : [];
  });
  return rows.length === 0 ? [] : [aligned('so far', ['n', 'p50', 'p95']), ...rows];
}

function distributionRow(name: MetricName, soFar: Measures): string | undefined {
  const samples = (soFar.samples as ReadonlyMap<string, readonly number[]>).get(name) ?? [];
  const summary = summarise(samples);
  if (!summary) return undefined;
  const { n, p50, p95 } = summary;
  const shown = [p50, p95].map((value) => (value === undefined ? '–' : number(value)));
  return `${aligned(name, [String(n), ...shown])}  ${blocks(samples, MOST_BINS)}`.trimEnd();
}

function countRow(name: MetricName, soFar: Measures): string | undefined {
  const found = (soFar.counts as ReadonlyMap<string, { count: number; of: number }>).get(name);
  return found && aligned(name, [String(found.count), `of ${found.of}`]);
}

function aligned(name: string, cells: readonly string[]): string {
  return [name.padEnd(WIDTHS[0]), ...cells.map((cell, index) => cell.padStart(WIDTHS[index + 1]!))].join('');
}
