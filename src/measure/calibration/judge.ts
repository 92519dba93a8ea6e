import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { CallRecord } from '../../simulator/phone/events.js';
import { analyseCall } from '../analyse.js';
import { checkBudget, parseBudget } from '../budget.js';
import type { Measures } from '../metrics.js';
import type { Act } from './agent.js';
import { GOOD_WHEN, type ProvenMetric, type ReferenceAgent } from './agents.js';
import { traceOf, truthOf } from './truth.js';

/** What the measures said of one metric in one call of a reference agent, and what is true. */
export interface Seen {
  readonly metric: ProvenMetric;
  /** Whether the agent does right or wrong by this metric. */
  readonly expected: 'right' | 'wrong';
  /** The true values or count, and the measured ones. */
  readonly truth: readonly number[] | number;
  readonly measured: readonly number[] | number | undefined;
  /** Measured minus true, one by one; empty for a count, and where one of the two has no end. */
  readonly errorsMs: readonly number[];
  /** Told right from wrong, the same number of times, and near enough. */
  readonly seen: boolean;
}

/** Far more than a machine should be off, far less than any fault of a reference agent. */
const NEAR_MS = 10;

/** Measures one call of a reference agent by all it is there to show. Times of `acts` are those of `record`. */
export function judgeAgent(agent: ReferenceAgent, record: CallRecord, acts: readonly Act[]): Seen[] {
  const facts = { behaviour: agent.behaviour, acts, record };
  const trace: ModelTraceEvent[] = traceOf(facts);
  const { measures } = analyseCall(record, trace.length > 0 ? trace : undefined);
  return (['right', 'wrong'] as const).flatMap((expected) =>
    agent[expected].map((metric) => judgeMetric(metric, expected, measures, truthOf(metric, facts) ?? [])),
  );
}

function judgeMetric(
  metric: ProvenMetric,
  expected: Seen['expected'],
  measures: Measures,
  truth: readonly number[] | number,
): Seen {
  const measured = measuredOf(metric, measures);
  const { ok, unknown } = checkBudget(parseBudget(GOOD_WHEN[metric]), measures);
  const told = !unknown && ok === (expected === 'right');
  const base = { metric, expected, truth, measured };
  if (typeof truth === 'number' || typeof measured !== 'object') {
    return { ...base, errorsMs: [], seen: told && truth === measured };
  }
  const errorsMs = truth.flatMap((value, index) => errorOf(measured[index], value));
  const near = truth.every((value, index) => value === measured[index] || errorOf(measured[index], value).some(isNear));
  return { ...base, errorsMs, seen: told && near && measured.length === truth.length };
}

function errorOf(measured: number | undefined, truth: number): number[] {
  const error = (measured ?? Number.NaN) - truth;
  return Number.isFinite(error) ? [error] : [];
}

function isNear(errorMs: number): boolean {
  return Math.abs(errorMs) <= NEAR_MS;
}

function measuredOf(metric: ProvenMetric, measures: Measures): readonly number[] | number | undefined {
  const samples = (measures.samples as ReadonlyMap<string, readonly number[]>).get(metric);
  return samples ?? (measures.counts as ReadonlyMap<string, { count: number }>).get(metric)?.count;
}
