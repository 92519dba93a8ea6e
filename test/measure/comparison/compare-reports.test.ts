import { describe, expect, it } from 'vitest';
import { compareReports } from '../../../src/measure/comparison/compare-reports.js';
import type { Comparison } from '../../../src/measure/comparison/comparison.js';
import { keptOfCall } from '../../../src/measure/comparison/kept-per-call.js';
import { Measures } from '../../../src/measure/metrics.js';
import { metricsReport, type Report } from '../../../src/measure/report-json.js';
import { type SimulatedAgent, simulatedReport } from '../../helpers/simulated-reports.js';

const compare = (before: Report, after: Report, mattersMs?: number): Comparison =>
  compareReports({ name: 'before', report: before }, { name: 'after', report: after }, mattersMs ? { mattersMs } : {});

const outcomeOf = (comparison: Comparison, metric: string, of = 'call') =>
  comparison.metrics.find((each) => each.metric === metric && each.of === of)?.outcome;

/** Outcomes of so many pairs of which the second agent differs. */
function pairs(count: number, calls: number, agent: SimulatedAgent): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (let pair = 0; pair < count; pair++) {
    const { outcome } = compare(simulatedReport(calls, 2 * pair + 1), simulatedReport(calls, 2 * pair + 2, agent));
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

/** A report of one metric, the same samples in each of its calls but for what `vary` adds to the call's. */
function steady(values: readonly number[], vary: (call: number) => number = () => 0, calls = 20): Report {
  const all = new Measures();
  const made = Array.from({ length: calls }, (_, call) => {
    const measures = new Measures();
    measures.add('turn.playout_ms', ...values.map((value) => value + vary(call)));
    all.merge(measures);
    return { scenario: 'greeting', run: call + 1, seed: 1, kept: keptOfCall(measures) };
  });
  return { ...simulatedReport(0, 1), scenarios: ['greeting'], metrics: metricsReport(all), calls: made };
}

describe('two reports', () => {
  it('of the same build hardly ever differ', () => {
    expect(pairs(20, 30, {}).worse ?? 0).toBeLessThanOrEqual(1);
  });

  it('of a build that thinks 30 ms longer differ nearly always', () => {
    expect(pairs(20, 30, { slowerMs: 30 }).worse).toBeGreaterThanOrEqual(19);
  });

  it('give the same verdict each time', () => {
    const [before, after] = [simulatedReport(20, 1), simulatedReport(20, 2, { slowerMs: 30 })];
    expect(compare(before, after)).toEqual(compare(before, after));
  });

  it('name the difference with the interval it lies in', () => {
    const metric = compare(simulatedReport(40, 1), simulatedReport(40, 2, { slowerMs: 60 })).metrics[0]!;
    expect(metric).toMatchObject({ metric: 'turn.playout_ms', of: 'call', outcome: 'worse', matters: 5 });
    expect(metric.interval!.low).toBeGreaterThan(30);
    expect(metric.interval!.high).toBeLessThan(90);
    expect(metric.chance!).toBeLessThan(0.01);
  });

  it('are better when the second is faster', () => {
    const comparison = compare(simulatedReport(40, 1, { slowerMs: 60 }), simulatedReport(40, 2));
    expect(comparison.outcome).toBe('better');
  });

  it('take a certain tenth of a millisecond for no difference', () => {
    const { metrics, outcome } = compare(steady([900, 950]), steady([900.1, 950.1]));
    expect(outcome).toBe('same');
    expect(metrics[0]).toMatchObject({ outcome: 'same', chance: expect.closeTo(0, 2) });
    expect(metrics[0]!.difference).toBeCloseTo(0.1);
    expect(outcomeOf(compare(steady([900, 950]), steady([900.1, 950.1]), 0.05), 'turn.playout_ms')).toBe('worse');
  });

  it('do not take the samples of few calls for many witnesses', () => {
    const frames = Array.from({ length: 1_000 }, (_, index) => 900 + (index % 7));
    const unlike = (call: number): number => [0, 40, 80, 10, 60, 30][call % 6]!;
    const shifted = (call: number): number => 20 + unlike(call);
    expect(compare(steady(frames, unlike, 6), steady(frames, shifted, 6)).outcome).toBe('cannot-tell');
  });

  it('say nothing of too few calls, however far apart', () => {
    const { metrics, outcome } = compare(steady([900], undefined, 4), steady([1_900], undefined, 4));
    expect(outcome).toBe('cannot-tell');
    expect(metrics[0]).not.toHaveProperty('interval');
    expect(metrics[0]).toMatchObject({ witnesses: { before: 4, after: 4 }, difference: 1_000 });
  });

  it('take calls at the same time for one witness, since they shared the moment', () => {
    // Every run of ten calls had a moment of its own; the calls of a run hardly differ.
    const moments =
      (offset: number) =>
      (call: number): number =>
        [0, 40, 15, 60, 30, 5][Math.floor(call / 10) + offset]!;
    const runsOf = (report: Report): Report => ({
      ...report,
      concurrency: 10,
      calls: report.calls.map((call, index) => ({ ...call, run: Math.floor(index / 10) + 1 })),
    });
    const [before, after] = [steady([900], moments(0), 50), steady([900], moments(1), 50)];
    expect(outcomeOf(compare(runsOf(before), runsOf(after)), 'turn.playout_ms')).toBe('cannot-tell');
    const { metrics } = compare(runsOf(steady([900], undefined, 40)), runsOf(steady([900], undefined, 40)));
    expect(metrics[0]).toMatchObject({ witnesses: { before: 4, after: 4 }, outcome: 'cannot-tell' });
  });

  it('find a tail that grew where the middle stayed', () => {
    const few = (share: number) => (call: number) => (call % 10 < share ? 800 : 0) + (call % 3);
    const comparison = compare(steady([900, 920], few(0), 100), steady([900, 920], few(2), 100));
    expect(outcomeOf(comparison, 'turn.playout_ms', 'p95')).toBe('worse');
  });

  it('find interruptions that are no longer obeyed', () => {
    const comparison = compare(simulatedReport(80, 1), simulatedReport(80, 2, { missed: 0.5 }));
    expect(outcomeOf(comparison, 'bargein.missed', 'share')).toBe('worse');
    expect(outcomeOf(comparison, 'bargein.stop_ms')).toBe('worse');
  });

  it('take an agent that begins to talk over the caller for worse, although its number is lower', () => {
    expect(outcomeOf(compare(steady([40]), steady([-300])), 'turn.playout_ms')).toBe('worse');
    expect(outcomeOf(compare(steady([-300]), steady([40])), 'turn.playout_ms')).toBe('better');
  });

  it('see nothing smaller than the lateness of the machine that measured', () => {
    const late = { 'host.pacing_ms': { unit: 'ms', n: 100, p99: 45 } } as const;
    const noisy = (report: Report): Report => ({ ...report, metrics: { ...report.metrics, ...late } });
    expect(compare(steady([900]), steady([930])).outcome).toBe('worse');
    expect(compare(noisy(steady([900])), noisy(steady([930]))).outcome).toBe('same');
  });

  it('name a metric that only one of them has', () => {
    const without = steady([900]);
    const comparison = compare(simulatedReport(20, 1, {}, { scenarios: ['greeting'] }), without);
    expect(comparison.missing).toContainEqual({ metric: 'greeting_ms', from: 'after' });
  });
});
