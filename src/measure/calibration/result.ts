import type { MetricName } from '../metrics.js';
import { nearestRank } from '../percentile.js';
import type { AgentName } from './agents.js';
import type { Seen } from './judge.js';

/** How far a metric is off: measured minus true. */
export interface Accuracy {
  readonly n: number;
  readonly biasMs: number;
  readonly p95ErrorMs: number;
  readonly worstErrorMs: number;
}

/** Whether one agent was seen for what it is, by one metric. */
export interface AgentSeen extends Pick<Seen, 'metric' | 'expected' | 'seen'> {
  readonly agent: AgentName;
  readonly does: string;
  /** The true value or count, and the measured one; of several the first. Absent: `null` in JSON, it never ended. */
  readonly truth?: number;
  readonly measured?: number;
}

/** `voicebridge-calibration/2`. */
export interface Calibration {
  readonly schema: 'voicebridge-calibration/2';
  /** ISO 8601. */
  readonly at: string;
  readonly tool: { readonly name: 'voicebridge'; readonly version: string };
  /** What the numbers hold for: see `hostClass`. */
  readonly host: string;
  /** Precise agents called at the same time. */
  readonly calls: number;
  readonly metrics: Readonly<Partial<Record<MetricName, Accuracy>>>;
  readonly agents: readonly AgentSeen[];
  readonly attempted: number;
  /** Calls that this machine spoilt, by their reason. */
  readonly discarded: readonly { readonly reason: string; readonly count: number }[];
  /** What keeps these numbers from being believed; empty when nothing does. */
  readonly faults: readonly string[];
  readonly ok: boolean;
}

/** What a report says of the calibration behind it. */
export interface QuotedCalibration {
  readonly at: string;
  readonly calls: number;
  readonly ok: boolean;
  readonly metrics: Calibration['metrics'];
  /** Wrong agents that were seen, of how many. */
  readonly seen: { readonly count: number; readonly of: number };
}

/** What must hold: with one call at a time, and with many. */
export const LIMITS = {
  one: { biasMs: 0.5, p95ErrorMs: 2.5 },
  many: { biasMs: 2.5, p95ErrorMs: 5 },
} as const;

/** The metrics that the limits are for. */
export const HEADLINES = ['turn.playout_ms', 'bargein.stop_ms'] as const;

export function limitsFor(calls: number): { readonly biasMs: number; readonly p95ErrorMs: number } {
  return calls === 1 ? LIMITS.one : LIMITS.many;
}

/** @param errors not empty */
export function accuracyOf(errors: readonly number[]): Accuracy {
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  return {
    n: errors.length,
    biasMs: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    p95ErrorMs: nearestRank(sizes, 0.95),
    worstErrorMs: sizes.at(-1)!,
  };
}

/** Sentences about what is not as it must be. */
export function faultsOf({ metrics, agents, calls }: Pick<Calibration, 'metrics' | 'agents' | 'calls'>): string[] {
  const limits = limitsFor(calls);
  const off = HEADLINES.flatMap((name) => {
    const accuracy = metrics[name];
    if (!accuracy) return [`${name} was not measured`];
    const faults: string[] = [];
    if (Math.abs(accuracy.biasMs) > limits.biasMs)
      faults.push(`${name} is off by ${accuracy.biasMs.toFixed(2)} ms on average (limit ±${limits.biasMs} ms)`);
    if (accuracy.p95ErrorMs > limits.p95ErrorMs)
      faults.push(`${name} has a p95 error of ${accuracy.p95ErrorMs.toFixed(2)} ms (limit ${limits.p95ErrorMs} ms)`);
    return faults;
  });
  const unseen = agents
    .filter(({ seen }) => !seen)
    .map(({ agent, metric, expected }) => `${metric} did not show ${agent} ${expected}`);
  return [...off, ...unseen];
}

export function quote({ at, calls, ok, metrics, agents }: Calibration): QuotedCalibration {
  const wrong = agents.filter(({ expected }) => expected === 'wrong');
  return { at, calls, ok, metrics, seen: { count: wrong.filter(({ seen }) => seen).length, of: wrong.length } };
}
