import { describe, expect, it } from 'vitest';
import { parseBudget } from '../../../src/measure/budget.js';
import { verdictOf } from '../../../src/measure/report/verdict.js';
import type { Report } from '../../../src/measure/report-json.js';

describe('the verdict on a bench', () => {
  type Measured = Parameters<typeof verdictOf>[0];
  const report = (rest: Partial<Report> = {}): Measured => ({
    ...{ calls: [], attempted: 2, discarded: [], reliable: true, budgets: [], lint: [] },
    ...rest,
  });
  const kept = { expr: 'gap_ms max < 60', level: 'error', ok: true } as const;
  const exceeded = { expr: 'gap_ms max < 60', level: 'error', ok: false, actual: 71.5 } as const;
  const unknown = { ...exceeded, actual: undefined, unknown: true, note: 'gap_ms was not measured' } as const;
  const finding = { rule: 'json', level: 'error', count: 1, first: 'not JSON' } as const;
  const exitCode = (...given: Parameters<typeof verdictOf>): number => verdictOf(...given).exitCode;

  it('is good within budget, and names what is over it', () => {
    expect(verdictOf(report({ budgets: [kept] }), [])).toEqual({ exitCode: 0, outcome: 'good', reasons: [] });
    expect(verdictOf(report({ budgets: [kept, exceeded] }), [])).toEqual({
      exitCode: 1,
      outcome: 'exceeded',
      reasons: ['gap_ms max < 60, measured 71.5'],
    });
    expect(exitCode(report({ budgets: [{ ...exceeded, level: 'warn' }] }), [])).toBe(0);
  });

  it('counts what the carrier would have objected to, unless a budget says what that is worth', () => {
    expect(verdictOf(report({ lint: [finding] }), []).reasons).toEqual(['json × 1: not JSON']);
    expect(exitCode(report({ lint: [{ ...finding, level: 'warning' }] }), [])).toBe(0);
    expect(exitCode(report({ lint: [finding], budgets: [kept] }), [parseBudget('lint.errors <= 5')])).toBe(0);
    expect(exitCode(report({ lint: [finding] }), [parseBudget('off lint.errors == 0')])).toBe(0);
  });

  it('counts what the model refused, unless a budget says what that is worth', () => {
    const refused = { code: 'unknown_parameter', level: 'error', count: 2, first: "Unknown parameter: 'x'." } as const;
    expect(verdictOf(report({ modelFindings: [refused] }), []).reasons).toEqual([
      "model: unknown_parameter × 2: Unknown parameter: 'x'.",
    ]);
    expect(exitCode(report({ modelFindings: [{ ...refused, level: 'warning' }] }), [])).toBe(0);
    expect(exitCode(report({ modelFindings: [refused] }), [parseBudget('model.errors <= 5')])).toBe(0);
  });

  it('is none when the machine or missing samples leave none', () => {
    const spoilt = { reliable: false, discarded: [{ reason: 'pacing', count: 2 }], budgets: [exceeded] };
    expect(verdictOf(report(spoilt), [])).toEqual({
      exitCode: 4,
      outcome: 'unreliable',
      reasons: ['2 of 2 calls were spoilt by the measuring machine (pacing)'],
    });
    expect(exitCode(report({ budgets: [unknown] }), [])).toBe(4);
    expect(exitCode(report({ budgets: [unknown, exceeded] }), [])).toBe(1);
  });

  it('is that calls broke, whatever else there is', () => {
    const failed = { scenario: 'x', run: 1, seed: 1, failed: 'gone' };
    expect(verdictOf(report({ calls: [failed, failed], reliable: false }), [])).toEqual({
      exitCode: 3,
      outcome: 'broken',
      reasons: ['gone'],
    });
  });
});
