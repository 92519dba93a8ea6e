import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/measure/bench.js';
import { parseBudget } from '../../src/measure/budget.js';
import { METRICS, Measures } from '../../src/measure/metrics.js';
import { buildReport } from '../../src/measure/report.js';
import { formatJson, lintReport } from '../../src/measure/report-json.js';
import { formatText } from '../../src/measure/report-text.js';

function resultOf(fill: (measures: Measures) => void, rest: Partial<BenchResult> = {}): BenchResult {
  const measures = new Measures();
  fill(measures);
  return {
    endpoint: { url: 'ws://127.0.0.1:8080/media-stream', kind: 'own' },
    scenarios: ['greeting'],
    measures,
    calls: [],
    lint: [],
    attempted: 1,
    discarded: [],
    failed: [],
    reliable: true,
    ...rest,
  };
}

const report = (result: BenchResult, ...budgets: string[]) =>
  buildReport(result, budgets.map(parseBudget), {
    version: '1.2.3',
    at: '2026-03-01T12:00:00.000Z',
    seed: 7,
    runs: 3,
    calls: 1,
  });

describe('the JSON report', () => {
  it('has the fields of voicebridge-report/1', () => {
    const document = JSON.parse(formatJson(report(resultOf(() => {})))) as Record<string, unknown>;
    expect(Object.keys(document)).toEqual([
      'schema',
      'tool',
      'at',
      'host',
      'endpoint',
      'scenarios',
      'runs',
      'concurrency',
      'seed',
      'network',
      'attempted',
      'discarded',
      'reliable',
      'metrics',
      'samples',
      'budgets',
      'lint',
      'verdict',
      'advice',
      'calls',
    ]);
    expect(document.schema).toBe('voicebridge-report/1');
    expect(document.tool).toEqual({ name: 'voicebridge', version: '1.2.3' });
  });

  it('leaves out a metric without samples and keeps a count of zero', () => {
    const { metrics } = report(
      resultOf((measures) => {
        measures.add('turn.playout_ms');
        measures.add('greeting_ms', 100.00049, 200);
        measures.count('bargein.missed', 0, 3);
      }),
    );
    expect(metrics).toEqual({
      greeting_ms: { unit: 'ms', n: 2, min: 100.00049, p50: 100.00049, max: 200, mean: 150.000245 },
      'bargein.missed': { unit: 'count', count: 0, of: 3 },
    });
  });

  it('rounds to the microsecond and writes null for what never ended', () => {
    const result = resultOf((measures) => measures.add('greeting_ms', 100.00049), {
      calls: [
        {
          scenario: 'greeting',
          run: 1,
          seed: 1,
          bargeIns: [
            { step: 1, startMs: 1, intoMs: 1, outcome: 'missed', stopMs: Number.POSITIVE_INFINITY, recovered: false },
          ],
        },
      ],
    });
    const text = formatJson(report(result));
    expect(text).toContain('"min": 100,');
    expect(text).toContain('"stopMs": null');
  });

  it('counts the findings of each rule and shows the first', () => {
    const finding = { rule: 'media/wav-header', level: 'error', twilio: 'noise', atMs: 1 } as const;
    expect(
      lintReport([
        { ...finding, message: 'a WAV header', excerpt: '{"event":"media"}' },
        { ...finding, message: 'again' },
        { ...finding, rule: 'json', level: 'warning', code: 31951, message: 'not JSON' },
      ]),
    ).toEqual([
      { rule: 'media/wav-header', level: 'error', count: 2, first: 'a WAV header: {"event":"media"}' },
      { code: 31951, rule: 'json', level: 'warning', count: 1, first: 'not JSON' },
    ]);
  });
});

describe('the report for people', () => {
  it('is a table with a dash where samples are too few', () => {
    const measured = report(
      resultOf((measures) => {
        measures.add('turn.playout_ms', 800, 900.25);
        measures.add('bargein.stop_ms', 100, Number.POSITIVE_INFINITY);
        measures.count('bargein.missed', 1, 2);
      }),
      'turn.playout_ms p50 <= 800',
      'bargein.missed == 0',
      'warn relay.in_ms p50 < 1',
      'off lint.errors == 0',
    );
    const text = formatText({ ...measured, advice: ['be careful'] });
    expect(text).toBe(`ws://127.0.0.1:8080/media-stream: greeting
1 call, 1 measured

metric           unit  n    p50  p90  p95  p99    max  min … max
turn.playout_ms    ms  2  800.0    –    –    –  900.3  █         █
bargein.stop_ms    ms  2  100.0    –    –    –  never  █∞

count
bargein.missed  1  of 2

✓ turn.playout_ms p50 <= 800 (800.0)
✗ bargein.missed == 0 (1.00)
? relay.in_ms p50 < 1: relay.in_ms was not measured

warning: be careful
`);
  });

  it('says how many calls were discarded and why', () => {
    const result = resultOf(() => {}, { attempted: 4, discarded: [{ reason: 'pacing', count: 1 }] });
    expect(formatText(report(result))).toContain('4 calls, 3 measured (1 discarded: pacing)');
  });
});

describe('the table of metrics', () => {
  it('gives every time the unit in its name', () => {
    for (const [name, { kind, unit }] of Object.entries(METRICS)) {
      expect([name, unit === 'count']).toEqual([name, kind === 'count']);
      expect([name, /_(ms|kb)(_|$)/.exec(name)?.[1]]).toEqual([
        name,
        unit === 'count' ? undefined : unit.toLowerCase(),
      ]);
    }
  });
});

describe('the side of the model', () => {
  it('is told with what to do, and kept in the document', () => {
    const modelFindings = [
      { code: 'unknown_parameter', level: 'error', count: 2, first: 'Unknown parameter.', hint: 'leave it out' },
    ] as const;
    const made = report(resultOf(() => {}, { modelFindings }));
    expect(made.modelFindings).toEqual(modelFindings);
    expect(formatText(made)).toContain('error model: unknown_parameter × 2\n    Unknown parameter.\n    leave it out');
    expect(formatText(report(resultOf(() => {})))).not.toContain('model:');
  });

  it('tells a percentile that never came to an end from one without samples', () => {
    const stops = resultOf((measures) =>
      measures.add('bargein.stop_ms', ...Array(8).fill(100), ...Array(4).fill(Infinity)),
    );
    expect(formatText(report(stops))).toMatch(/bargein\.stop_ms +ms +12 +100\.0 +never +– +– +never/);
  });

  it('ends with the calibration behind its numbers, or with the want of one', () => {
    const settings = { version: '1.2.3', at: '2026-03-01T12:00:00.000Z', seed: 7, runs: 3, calls: 1 };
    const quiet = resultOf(() => {});
    const missing = buildReport(quiet, [], { ...settings, calibration: { missing: 'not calibrated here yet' } });
    expect(missing.calibration).toEqual({ missing: 'not calibrated here yet' });
    expect(formatText(missing)).toMatch(/\nnot calibrated here yet: voicebridge bench --calibrate\n$/);
    const metrics = { 'turn.playout_ms': { n: 30, biasMs: 0.2, p95ErrorMs: 0.6, worstErrorMs: 1 } };
    const quoted = { at: '2026-02-03T04:05:06.000Z', calls: 1, ok: false, metrics, seen: { count: 29, of: 30 } };
    expect(formatText(buildReport(quiet, [], { ...settings, calibration: quoted }))).toMatch(
      /\ncalibrated 2026-02-03, NOT within its limits: turns bias 0.20 ms, p95 error 0.60 ms; 29 of 30 wrong agents seen\n$/,
    );
    expect(formatText(report(quiet))).not.toContain('calibrat');
  });
});

describe('what stopped the agent', () => {
  it('is a table of clips and levels, of the calls that count', () => {
    const cough = { kind: 'cough', clip: 'cough.wav', dbov: -38, chances: 1, stopped: 1 } as const;
    const call = { scenario: 'coughs', run: 1, seed: 1, discrimination: [cough] };
    const made = report(resultOf(() => {}, { calls: [call, call, { ...call, discarded: 'pacing' }] }));
    expect(made.discrimination).toEqual([{ ...cough, chances: 2, stopped: 2 }]);
    expect(formatText(made)).toContain('what stopped the agent  dBov   times\ncough "cough.wav"        -38  2 of 2');
  });
});
