import { arch, cpus, platform, release } from 'node:os';
import type { LintFinding } from '../simulator/phone/lint.js';
import type { CallMeasures } from './analyse.js';
import type { BudgetResult } from './budget.js';
import type { LastCalibration } from './calibration/last.js';
import type { KeptOfCall } from './comparison/kept-per-call.js';
import type { Discrimination } from './discrimination.js';
import { type Count, METRICS, type Measures, type MetricEntry, type MetricName } from './metrics.js';
import type { ModelFinding } from './model-findings.js';
import { type Summary, summarise } from './percentile.js';
import type { KeptSamples } from './report/samples.js';
import type { Verdict } from './report/verdict.js';

export type MetricReport = (({ readonly unit: 'ms' | 'kB' } & Summary) | ({ readonly unit: 'count' } & Count)) & {
  /** Of its definition: numbers of another version cannot be compared. 1 when absent. */
  readonly version?: number;
};

/** `voicebridge-report/1`. A metric without samples is absent. All times are milliseconds. */
export interface Report {
  readonly schema: 'voicebridge-report/1';
  readonly tool: { readonly name: 'voicebridge'; readonly version: string };
  /** When it began, as ISO 8601 says it. */
  readonly at: string;
  readonly host: { readonly node: string; readonly platform: string; readonly cpus: number; readonly cpu?: string };
  /** What was measured: the address, and whether the model behind it was the bench's own. */
  readonly endpoint: {
    readonly url: string;
    /** `foreign`: with a model of its own. `sandwich`: somebody's relay between our phone and our model. */
    readonly kind: 'own' | 'foreign' | 'sandwich';
    /** What the relay under test printed. */
    readonly log?: string;
  };
  /** The simulated model behind our own relay. */
  readonly model?: { readonly provider: string; readonly audio: string };
  readonly scenarios: readonly string[];
  /** Of all that the callers of the scenarios did and said, in hexadecimal: equal when two reports heard the same callers. */
  readonly stimulusSha256?: string;
  /** Runs of every scenario. */
  readonly runs: number;
  /** Calls at the same time. */
  readonly concurrency: number;
  /** The calls at the same time came in one after the other within so long; absent when they came at once. */
  readonly rampMs?: number;
  readonly seed: number;
  readonly network: { readonly toServerMs: number; readonly toPhoneMs: number; readonly jitterMs: number };
  readonly attempted: number;
  readonly discarded: readonly { readonly reason: string; readonly count: number }[];
  readonly reliable: boolean;
  /** What the exit code says, and why. */
  readonly verdict: Verdict;
  readonly metrics: Readonly<Partial<Record<MetricName, MetricReport>>>;
  /** What the summaries were made of, thinned where there are thousands. */
  readonly samples: KeptSamples;
  readonly budgets: readonly BudgetResult[];
  readonly lint: readonly LintReport[];
  /** Which sounds of the caller stopped the agent, and how often; absent when there were none over it. */
  readonly discrimination?: readonly Discrimination[];
  /** What the relay did wrong towards the model; absent when the model was not the bench's. */
  readonly modelFindings?: readonly ModelFinding[];
  /** How far the numbers are off on this machine, as last measured against agents whose behaviour is known; or why nobody knows. */
  readonly calibration?: LastCalibration;
  /** What to doubt in the numbers, and what to do about them. */
  readonly advice: readonly string[];
  readonly calls: readonly CallReport[];
}

export interface LintReport {
  readonly code?: number;
  readonly rule: string;
  readonly level: LintFinding['level'];
  readonly count: number;
  /** The first message that broke the rule, with what was wrong with it. */
  readonly first: string;
}

export interface CallReport {
  readonly scenario: string;
  readonly run: number;
  readonly seed: number;
  /** Why this call was not counted. */
  readonly discarded?: string;
  /** Why this call left nothing to measure. */
  readonly failed?: string;
  readonly callSid?: string;
  readonly endReason?: string;
  readonly greetingMs?: number;
  readonly turns?: CallMeasures['turns'];
  readonly bargeIns?: CallMeasures['bargeIns'];
  readonly discrimination?: readonly Discrimination[];
  readonly truncations?: CallMeasures['truncations'];
  readonly notes?: readonly string[];
  /** What the metrics were made of, for comparing reports call by call; absent when the call was not counted. */
  readonly kept?: KeptOfCall;
  /** From `start` to the end of the call; every time of the call counts from its start. */
  readonly durationMs?: number;
  /** When the caller spoke. */
  readonly speech?: readonly { readonly startMs: number; readonly endMs: number; readonly interrupts: boolean }[];
  /** When the agent was heard. */
  readonly answers?: readonly { readonly startMs: number; readonly endMs: number }[];
  /** When a clear took effect. */
  readonly clears?: readonly number[];
  readonly files?: {
    readonly directory: string;
    readonly wav: string;
    readonly events: string;
    /** The page of the call, to look into it. */
    readonly page?: string;
  };
}

/** Rounds to whole microseconds: more digits than the clock has would be a claim. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function metricsReport(measures: Measures): Partial<Record<MetricName, MetricReport>> {
  const report: Partial<Record<MetricName, MetricReport>> = {};
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const summary = summarise((measures.samples as ReadonlyMap<string, readonly number[]>).get(name) ?? []);
    const count = (measures.counts as ReadonlyMap<string, Count>).get(name);
    const { version, unit }: MetricEntry = METRICS[name];
    const versioned = version === undefined ? {} : { version };
    if (summary) report[name] = { unit: unit === 'kB' ? 'kB' : 'ms', ...summary, ...versioned };
    else if (count) report[name] = { unit: 'count', ...count, ...versioned };
  }
  return report;
}

/** One entry per rule, in the order the rules were first broken. */
export function lintReport(findings: readonly LintFinding[]): LintReport[] {
  const byRule = new Map<string, { finding: LintFinding; count: number }>();
  for (const finding of findings) {
    const known = byRule.get(finding.rule);
    if (known) known.count++;
    else byRule.set(finding.rule, { finding, count: 1 });
  }
  return [...byRule.values()].map(({ finding: { code, rule, level, message, excerpt }, count }) => ({
    ...(code !== undefined && { code }),
    rule,
    level,
    count,
    first: excerpt === undefined ? message : `${message}: ${excerpt}`,
  }));
}

export function hostReport(): Report['host'] {
  const all = cpus();
  const model = all[0]?.model;
  return {
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpus: all.length,
    ...(model !== undefined && { cpu: model }),
  };
}

/** The document as text. Numbers are rounded to the microsecond; `Infinity` (right-censored) becomes `null`. */
export function formatJson(report: Report): string {
  const text = JSON.stringify(
    report,
    (_key, value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? rounded(value) : value),
    2,
  );
  // A list of samples on one line, not on a hundred. Within a string no line ends.
  return `${text.replace(NUMBERS, (_, list: string) => `[${list.replace(/\s+/g, ' ').trim()}]`)}\n`;
}

const NUMBERS = /\[\n((?:\s*(?:-?\d[\d.e+-]*|null),?\n)+)\s*\]/g;
