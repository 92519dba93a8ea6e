import { dirname, relative, sep } from 'node:path';
import { formatQuote } from '../calibration/format.js';
import { type DistributionName, METRICS, type MetricName } from '../metrics.js';
import type { CallReport, Report } from '../report-json.js';
import { type Bins, binsOf } from './bins.js';
import { callsLine, number, OUTCOMES } from './words.js';

/** What the page of a report is given. Times are milliseconds; the page shows every text as text. */
export interface HtmlData {
  readonly title: string;
  readonly verdict: {
    readonly kind: Report['verdict']['outcome'];
    readonly says: string;
    readonly reasons: readonly string[];
  };
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly advice: readonly string[];
  readonly budgets: readonly HtmlBudget[];
  readonly distributions: readonly HtmlDistribution[];
  readonly counts: readonly {
    readonly name: string;
    readonly says: string;
    readonly count: number;
    readonly of: number;
  }[];
  readonly findings: readonly {
    readonly side: string;
    readonly level: string;
    readonly rule: string;
    readonly times: number;
    readonly first: string;
  }[];
  /** Which sounds of the caller stopped the agent; `fine` when it was speech and nothing else. */
  readonly sounds: readonly {
    readonly kind: string;
    readonly clip: string;
    readonly level: string;
    readonly times: string;
    readonly fine: boolean;
  }[];
  readonly calls: readonly HtmlCall[];
  readonly machine: readonly (readonly [label: string, value: string])[];
}

export interface HtmlBudget {
  readonly expr: string;
  /** `kept` · `exceeded` · `warned`: over a budget that only warns · `open`: could not be judged. */
  readonly kind: 'kept' | 'exceeded' | 'warned' | 'open';
  readonly measured: string;
  readonly note: string;
}

export interface HtmlDistribution {
  readonly name: DistributionName;
  readonly says: string;
  readonly summary: readonly (readonly [name: string, value: string])[];
  readonly bins: Bins;
  readonly p50?: number;
  readonly p95?: number;
  /** Of its budgets, where they draw the line. */
  readonly limits: readonly number[];
}

export interface HtmlCall {
  readonly scenario: string;
  readonly name: string;
  readonly durationMs: number;
  readonly speech: readonly (readonly [fromMs: number, toMs: number, interrupts: boolean])[];
  readonly answers: readonly (readonly [fromMs: number, toMs: number])[];
  readonly clears: readonly number[];
  /** When the caller had finished, and how long until the answer; absent when none came. */
  readonly turns: readonly (readonly [endMs: number, playoutMs?: number])[];
  readonly interruptions: readonly (readonly [startMs: number, outcome: string, stopMs?: number])[];
  /** Why it is not counted. */
  readonly trouble?: string;
  /** From the page of the report to the page of the call. */
  readonly page?: string;
}

const MOST_BINS = 48;

/** `path`: where the page will lie, from where its links begin. */
export function htmlData(report: Report, path: string): HtmlData {
  const { verdict, endpoint, tool, host } = report;
  return {
    title: `voicebridge bench · ${endpoint.kind === 'own' ? 'our own relay' : hostOf(endpoint.url)}`,
    verdict: { kind: verdict.outcome, says: OUTCOMES[verdict.outcome], reasons: verdict.reasons },
    facts: [
      ['measured', endpoint.url],
      ['calls', callsLine(report)],
      ['scenarios', report.scenarios.join(', ')],
      ['began', report.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
      ['by', `voicebridge ${tool.version}`],
    ],
    advice: report.advice,
    budgets: report.budgets.map((budget) => htmlBudget(budget, report.reliable)),
    distributions: distributions(report),
    counts: countsOf(report),
    findings: findingsOf(report),
    sounds: soundsOf(report),
    calls: report.calls.map((call) => htmlCall(call, path)),
    machine: [
      ['machine', `${host.cpus} × ${host.cpu ?? 'unknown processor'}`],
      ['system', host.platform],
      ['Node', host.node],
      ['seed', String(report.seed)],
      ['runs', String(report.runs)],
      ['calls at once', String(report.concurrency)],
      ['network', networkText(report.network)],
      ...(report.calibration ? [['calibration', formatQuote(report.calibration)] as const] : []),
    ],
  };
}

function networkText({ toServerMs, toPhoneMs, jitterMs }: Report['network']): string {
  if (toServerMs + toPhoneMs + jitterMs === 0) return 'none added';
  return `${toServerMs} ms to the server, ${toPhoneMs} ms to the phone, jitter ${jitterMs} ms`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function htmlBudget(
  { expr, level, actual, ok, unknown, note = '' }: Report['budgets'][number],
  reliable: boolean,
): HtmlBudget {
  const kind = unknown || !reliable ? 'open' : ok ? 'kept' : level === 'warn' ? 'warned' : 'exceeded';
  return { expr, kind, measured: actual === undefined ? '–' : number(actual), note };
}

function distributions({ metrics, samples, budgets }: Report): HtmlDistribution[] {
  return (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
    const metric = metrics[name];
    const values = samples[name as DistributionName];
    const bins = values && binsOf(values, MOST_BINS);
    if (!metric || metric.unit === 'count' || !bins) return [];
    const { n, p50, p90, p95, p99, max, censored } = metric;
    const summary = Object.entries({ p50, p90, p95, p99, max }).flatMap(([label, value]) =>
      value === undefined ? [] : [[label, number(value)] as const],
    );
    return [
      {
        ...{ name: name as DistributionName, says: METRICS[name].says, bins },
        summary: [['n', String(n)], ...summary, ...(censored ? [['never', String(censored)] as const] : [])],
        ...(p50 !== undefined && { p50 }),
        ...(p95 !== undefined && { p95 }),
        limits: budgets.flatMap(({ expr }) => limitOf(expr, name) ?? []),
      },
    ];
  });
}

/** Of `turn.playout_ms p50 <= 800`, when it is about this metric and in milliseconds. */
function limitOf(expr: string, name: string): number | undefined {
  const [metric, statistic, , limit = ''] = expr.split(/\s+/);
  if (metric !== name || statistic === 'n') return undefined;
  const found = Number.parseFloat(limit) * (/\ds$/.test(limit) ? 1000 : 1);
  return Number.isFinite(found) ? found : undefined;
}

function countsOf({ metrics }: Report): HtmlData['counts'] {
  return (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
    const metric = metrics[name];
    return metric?.unit === 'count' ? [{ name, says: METRICS[name].says, count: metric.count, of: metric.of }] : [];
  });
}

function soundsOf({ discrimination = [] }: Report): HtmlData['sounds'] {
  return discrimination.map(({ kind, clip, dbov, chances, stopped }) => ({
    ...{ kind, clip, level: dbov === undefined ? '–' : `${dbov} dBov`, times: `${stopped} of ${chances}` },
    fine: stopped === (kind === 'speech' ? chances : 0),
  }));
}

function findingsOf({ lint, modelFindings = [] }: Report): HtmlData['findings'] {
  return [
    ...lint.map(({ rule, code, level, count, first }) => {
      return { side: 'carrier', level, rule: code === undefined ? rule : `${rule} (${code})`, times: count, first };
    }),
    ...modelFindings.map(({ code, level, count, first }) => ({
      side: 'model',
      level,
      rule: code,
      times: count,
      first,
    })),
  ];
}

function htmlCall(call: CallReport, path: string): HtmlCall {
  const { scenario, run, durationMs = 0, speech = [], answers = [], clears = [], turns = [], bargeIns = [] } = call;
  const trouble = call.failed ?? call.discarded;
  const page = call.files?.page;
  return {
    scenario,
    name: `run ${run}`,
    durationMs: whole(durationMs),
    speech: speech.map(({ startMs, endMs, interrupts }) => [whole(startMs), whole(endMs), interrupts] as const),
    answers: answers.map(({ startMs, endMs }) => [whole(startMs), whole(endMs)] as const),
    clears: clears.map(whole),
    turns: turns.map(({ endMs, playoutMs }) =>
      playoutMs === undefined ? [whole(endMs)] : [whole(endMs), whole(playoutMs)],
    ),
    interruptions: bargeIns.map(({ startMs, outcome, stopMs }) =>
      stopMs === undefined || !Number.isFinite(stopMs)
        ? [whole(startMs), outcome]
        : [whole(startMs), outcome, whole(stopMs)],
    ),
    ...(trouble !== undefined && { trouble }),
    ...(page !== undefined && { page: linkTo(page, path) }),
  };
}

/** A relative address, so that the folder can be moved, zipped and kept as an artifact. */
function linkTo(page: string, from: string): string {
  return relative(dirname(from), page).split(sep).map(encodeURIComponent).join('/');
}

function whole(ms: number): number {
  return Math.round(ms);
}
