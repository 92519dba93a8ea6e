import { keptOfCall } from '../../src/measure/comparison/kept-per-call.js';
import { Measures } from '../../src/measure/metrics.js';
import { type CallReport, metricsReport, type Report } from '../../src/measure/report-json.js';
import { type Random, seededRandom } from '../../src/random.js';

export interface SimulatedAgent {
  /** Added to every answer. */
  readonly slowerMs?: number;
  /** Share of the interruptions that are not obeyed. */
  readonly missed?: number;
  /** Added to one answer in ten. */
  readonly tailMs?: number;
}

/** Calls of an agent as they really are: each has luck of its own, its turns are unlike, and now and then one takes long. */
export function simulatedReport(
  calls: number,
  seed: number,
  agent: SimulatedAgent = {},
  more: Partial<Report> = {},
): Report {
  const random = seededRandom(seed);
  const all = new Measures();
  const made = Array.from({ length: calls }, (_, index): CallReport => {
    const scenario = index % 2 === 0 ? 'greeting' : 'interrupt';
    const measures = simulatedCall(random, agent, scenario === 'interrupt');
    all.merge(measures);
    return { scenario, run: 1, seed: index, kept: keptOfCall(measures) };
  });
  return {
    schema: 'voicebridge-report/1',
    tool: { name: 'voicebridge', version: '0.1.0' },
    at: '2026-11-21T10:00:00.000Z',
    host: { node: 'v20.19.0', platform: 'linux', cpus: 4, cpu: 'A processor' },
    endpoint: { url: 'ws://127.0.0.1:8080/', kind: 'foreign' },
    scenarios: ['greeting', 'interrupt'],
    runs: calls,
    concurrency: 1,
    seed: 1,
    network: { toServerMs: 0, toPhoneMs: 0, jitterMs: 0 },
    attempted: calls,
    discarded: [],
    reliable: true,
    verdict: { exitCode: 0, outcome: 'good', reasons: [] },
    metrics: metricsReport(all),
    samples: {},
    budgets: [],
    lint: [],
    advice: [],
    calls: made,
    ...more,
  };
}

function simulatedCall(
  random: Random,
  { slowerMs = 0, missed = 0, tailMs = 0 }: SimulatedAgent,
  interrupted: boolean,
): Measures {
  const measures = new Measures();
  const luckMs = 8 * normal(random);
  const answerMs = (middleMs: number): number => {
    const outlierMs = random() < 0.03 ? 150 * random() : 0;
    return middleMs + luckMs + 10 * normal(random) + outlierMs + slowerMs + (random() < 0.1 ? tailMs : 0);
  };
  measures.add('greeting_ms', 440 + luckMs + 10 * normal(random));
  measures.add('turn.playout_ms', ...(interrupted ? [922, 940, 1_130] : [922, 1_130]).map(answerMs));
  if (interrupted) {
    const obeyed = random() >= missed;
    measures.add('bargein.stop_ms', obeyed ? 25 + 5 * Math.abs(normal(random)) : Number.POSITIVE_INFINITY);
    measures.count('bargein.missed', obeyed ? 0 : 1, 1);
  }
  measures.count('turn.unanswered', 0, 2);
  return measures;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
