import { describe, expect, it } from 'vitest';
import { judgeStep } from '../../../src/measure/load/limit.js';
import { formatLimit, sentenceOf } from '../../../src/measure/load/limit-text.js';
import type { Report } from '../../../src/measure/report-json.js';
import { simulatedReport } from '../../helpers/simulated-reports.js';

const report = (more: Partial<Report> = {}): Report => simulatedReport(0, 1, {}, more);
const metrics: Report['metrics'] = {
  'turn.playout_ms': { unit: 'ms', n: 40, p50: 930, p95: 1_210 },
  'host.pacing_ms': { unit: 'ms', n: 4_000, p99: 2.25 },
  'endpoint.cpu_ms_per_call_s': { unit: 'ms', n: 1, mean: 3.5 },
  'endpoint.rss_kb_per_call': { unit: 'kB', n: 1, mean: 412 },
};

describe('a step of the load', () => {
  it('is carried when the budgets were kept', () => {
    expect(judgeStep(40, report({ metrics }))).toEqual({
      calls: 40,
      outcome: 'carried',
      facts: {
        ...{ answerP50Ms: 930, answerP95Ms: 1_210, pacingP99Ms: 2.25 },
        ...{ cpuMsPerCallSecond: 3.5, rssKbPerCall: 412, discarded: 0 },
      },
    });
  });

  it('breaks the server when a budget was exceeded, or calls failed', () => {
    const verdict = {
      exitCode: 1,
      outcome: 'exceeded',
      reasons: ['turn.playout_ms p95 < 1000, measured 1210'],
    } as const;
    expect(judgeStep(40, report({ metrics, verdict }))).toMatchObject({
      ...{ outcome: 'broke', why: 'turn.playout_ms p95 < 1000, measured 1210' },
    });
  });

  it('tires the generator when too many calls were spoilt, or too many frames late, whatever the budgets say', () => {
    const verdict = { exitCode: 1, outcome: 'exceeded', reasons: ['slow'] } as const;
    const spoilt = { reliable: false, attempted: 40, discarded: [{ reason: 'pacing', count: 30 }] };
    expect(judgeStep(40, report({ verdict, ...spoilt }))).toMatchObject({
      ...{ outcome: 'tired', why: 'this machine spoilt 30 of 40 calls' },
    });
    const late: Report['metrics'] = { ...metrics, 'host.pacing_ms': { unit: 'ms', n: 4_000, p99: 7.19 } };
    expect(judgeStep(40, report({ verdict, metrics: late }))).toMatchObject({
      ...{ outcome: 'tired', why: 'this machine sent 1 % of the frames more than 7.2 ms late' },
    });
  });
});

describe('the limit', () => {
  it('is a table of the steps and a sentence', () => {
    const facts = {
      answerP50Ms: 930,
      answerP95Ms: 1_210,
      pacingP99Ms: 2.25,
      cpuMsPerCallSecond: 3.5,
      rssKbPerCall: 412,
    };
    const steps = [
      { calls: 10, outcome: 'carried', facts: { ...facts, discarded: 0 } },
      { calls: 20, outcome: 'broke', why: 'gone' },
    ] as const;
    expect(formatLimit({ carried: 10, next: steps[1], steps })).toBe(
      [
        'calls     p50      p95  pacing p99  cpu/call·s  kB/call',
        '   10  930 ms  1210 ms      2.3 ms      3.5 ms      412  carried',
        '   20       –        –           –           –        –  broke: gone',
        '',
        'it carries 10 calls; with 20 it breaks: gone\n',
      ].join('\n'),
    );
  });

  it('names who gave in', () => {
    const tired = { calls: 160, outcome: 'tired', why: 'late' } as const;
    expect(sentenceOf({ carried: 150, next: tired, steps: [] })).toBe(
      'it carries 150 calls, and perhaps more; with 160 the generator tires: late',
    );
    expect(sentenceOf({ carried: 0, next: tired, steps: [] })).toBe(
      'nothing is known of it; with 160 the generator tires: late',
    );
    expect(sentenceOf({ carried: 0, next: { ...tired, outcome: 'broke' }, steps: [] })).toBe(
      'it does not carry the first calls; with 160 it breaks: late',
    );
    expect(sentenceOf({ carried: 50, steps: [] })).toBe(
      'it carries all 50 calls that were tried: the limit lies higher',
    );
  });
});
