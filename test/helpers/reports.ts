import type { BenchResult } from '../../src/measure/bench.js';
import { parseBudget } from '../../src/measure/budget.js';
import { Measures } from '../../src/measure/metrics.js';
import { buildReport } from '../../src/measure/report.js';
import type { CallReport, Report } from '../../src/measure/report-json.js';

export interface ReportFacts {
  readonly fill?: (measures: Measures) => void;
  readonly budgets?: readonly string[];
  readonly result?: Partial<BenchResult>;
  readonly concurrency?: number;
  readonly network?: { readonly toServerMs: number; readonly toPhoneMs: number; readonly jitterMs: number };
}

/** A report whose truth is written down: three runs of `greeting` at our own relay, unless it says otherwise. */
export function reportOf({ fill, budgets = [], result = {}, concurrency = 1, network }: ReportFacts = {}): Report {
  const measures = new Measures();
  fill?.(measures);
  const calls = result.calls ?? [1, 2, 3].map((run) => callOf({ run }));
  const whole: BenchResult = {
    endpoint: { url: 'ws://127.0.0.1:8080/media-stream', kind: 'own' },
    ...{ scenarios: ['greeting'], measures, lint: [], failed: [], reliable: true, discarded: [] },
    attempted: calls.length,
    ...result,
    calls,
  };
  const settings = { version: '1.2.3', at: '2026-03-01T12:00:00.000Z', seed: 7, runs: 3, calls: concurrency };
  return buildReport(whole, budgets.map(parseBudget), { ...settings, ...(network && { network }) });
}

export function callOf(rest: Partial<CallReport> = {}): CallReport {
  return {
    ...{ scenario: 'greeting', run: 1, seed: 7, callSid: 'CA1', endReason: 'hangup', durationMs: 10_000 },
    ...rest,
  };
}
