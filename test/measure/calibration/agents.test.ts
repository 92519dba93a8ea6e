import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../../src/measure/analyse.js';
import { checkBudget, parseBudget } from '../../../src/measure/budget.js';
import { type Act, ReferenceCall } from '../../../src/measure/calibration/agent.js';
import {
  AGENT_NAMES,
  AGENTS,
  type AgentName,
  GOOD_WHEN,
  isAgentName,
  type ProvenMetric,
  type ReferenceAgent,
} from '../../../src/measure/calibration/agents.js';
import { calibrationCaller } from '../../../src/measure/calibration/callers.js';
import { traceOf, truthOf } from '../../../src/measure/calibration/truth.js';
import { METRICS, type Measures, type MetricEntry } from '../../../src/measure/metrics.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { virtualCall } from '../../helpers/virtual-phone.js';

/** One call of a reference agent in virtual time, where journeys take none and timers are exact. */
function call(name: AgentName) {
  const { behaviour, caller }: ReferenceAgent = AGENTS[name];
  const clock = new VirtualClock(5_000);
  const acts: Act[] = [];
  const record = virtualCall(
    clock,
    calibrationCaller(caller, 3),
    (send, close) => new ReferenceCall({ behaviour, clock, send, close, tell: (act) => acts.push(act) }),
  );
  return { behaviour, acts, record };
}

const agents = AGENT_NAMES.map((name) => [name, AGENTS[name] as ReferenceAgent] as const);
const listed = (which: 'right' | 'wrong') => new Set(agents.flatMap(([, agent]) => agent[which]));

function keeps(metric: ProvenMetric, measures: Measures): boolean | 'unknown' {
  const { ok, unknown } = checkBudget(parseBudget(GOOD_WHEN[metric]), measures);
  return unknown ? 'unknown' : ok;
}

function measuredOf(metric: ProvenMetric, measures: Measures): readonly number[] | number | undefined {
  const samples = (measures.samples as ReadonlyMap<string, readonly number[]>).get(metric);
  return samples ?? (measures.counts as ReadonlyMap<string, { count: number }>).get(metric)?.count;
}

const SAMPLE_MS = 0.125;

describe('reference agents', () => {
  it('show every metric right and wrong, but for those that are no agent’s doing', () => {
    const metrics = Object.keys(METRICS).filter(
      (name) => !/^(host|endpoint|model|audio)\.|^frames\.reencoded$/.test(name),
    );
    expect(Object.keys(GOOD_WHEN).sort()).toEqual(metrics.sort());
    expect([...listed('right')].sort()).toEqual(metrics);
    expect([...listed('wrong')].sort()).toEqual(metrics);
  });

  it('are known by their names', () => {
    expect(isAgentName('never-stops')).toBe(true);
    expect(isAgentName('toString')).toBe(false);
    expect(isAgentName(undefined)).toBe(false);
  });

  it.each(agents)('%s is seen for what it is, to the sample', (name, { right, wrong }) => {
    const facts = call(name);
    const { measures } = analyseCall(facts.record, traceOf(facts));
    for (const metric of [...right, ...wrong]) {
      expect([metric, keeps(metric, measures)]).toEqual([metric, right.includes(metric)]);
      const truth = truthOf(metric, facts);
      const measured = measuredOf(metric, measures);
      if (!Array.isArray(truth) || !Array.isArray(measured)) {
        expect([metric, measured]).toEqual([metric, truth]);
        continue;
      }
      expect([metric, measured.length]).toEqual([metric, truth.length]);
      measured.forEach((value, index) => {
        if (value === truth[index]) return;
        // Where playout falls between two samples, both a beginning and an end may be rounded.
        expect(Math.abs(value - truth[index]!), `${metric} ${index}`).toBeLessThanOrEqual(2 * SAMPLE_MS);
      });
    }
  });

  it.each(agents.filter(([, { right, wrong, needsModel }]) => !needsModel && [...right, ...wrong].some(isStrangers)))(
    '%s is seen for what it is behind a stranger’s address too',
    (name, { right, wrong }) => {
      const { measures } = analyseCall(call(name).record);
      for (const metric of [...right, ...wrong].filter(isStrangers)) {
        expect([metric, keeps(metric, measures)]).toEqual([metric, right.includes(metric)]);
      }
    },
  );

  it('makes the same call twice', () => {
    expect(call('filler-first').acts).toEqual(call('filler-first').acts);
  });
});

function isStrangers(metric: ProvenMetric): boolean {
  return (METRICS[metric] as MetricEntry).needsModel !== true;
}
