import { describe, expect, it } from 'vitest';
import { formatCalibration } from '../../../src/measure/calibration/format.js';
import { accuracyOf, type Calibration, faultsOf } from '../../../src/measure/calibration/result.js';

const exact = { n: 20, biasMs: 0.5, p95ErrorMs: 2.5, worstErrorMs: 3 };
const agent = { agent: 'never-stops', does: 'speaks on', metric: 'bargein.missed', expected: 'wrong' } as const;

function calibration(changes: Partial<Calibration> = {}): Calibration {
  const made = {
    schema: 'voicebridge-calibration/2',
    at: '2026-02-03T04:05:06.000Z',
    tool: { name: 'voicebridge', version: '1.2.3' },
    host: '2 × processor',
    calls: 1,
    metrics: { 'turn.playout_ms': exact, 'bargein.stop_ms': exact },
    agents: [{ ...agent, seen: true, truth: 1, measured: 1 }],
    attempted: 2,
    discarded: [],
    ...changes,
  } as const;
  const faults = faultsOf(made);
  return { ...made, faults, ok: faults.length === 0 };
}

describe('a calibration', () => {
  it('knows bias from scatter', () => {
    expect(accuracyOf([1, -1, 1, -1])).toEqual({ n: 4, biasMs: 0, p95ErrorMs: 1, worstErrorMs: 1 });
    expect(accuracyOf([2, 2, 3])).toMatchObject({ biasMs: 7 / 3, p95ErrorMs: 3 });
  });

  it('is good at its limits and not beyond them', () => {
    expect(calibration().faults).toEqual([]);
    const off = { ...exact, biasMs: -0.51, p95ErrorMs: 2.51 };
    expect(calibration({ metrics: { 'turn.playout_ms': off, 'bargein.stop_ms': exact } }).faults).toEqual([
      'turn.playout_ms is off by -0.51 ms on average (limit ±0.5 ms)',
      'turn.playout_ms has a p95 error of 2.51 ms (limit 2.5 ms)',
    ]);
    expect(calibration({ metrics: { 'turn.playout_ms': exact } }).faults).toEqual(['bargein.stop_ms was not measured']);
  });

  it('allows many calls at the same time five milliseconds', () => {
    const metrics = (p95ErrorMs: number) => {
      const each = { ...exact, biasMs: 2.4, p95ErrorMs };
      return { 'turn.playout_ms': each, 'bargein.stop_ms': each };
    };
    expect(calibration({ calls: 100, metrics: metrics(4.9) }).ok).toBe(true);
    expect(calibration({ calls: 100, metrics: metrics(5.1) }).ok).toBe(false);
    expect(calibration({ calls: 1, metrics: metrics(4.9) }).ok).toBe(false);
  });

  it('is no good when a wrong agent was not seen', () => {
    const unseen = calibration({ agents: [{ ...agent, seen: false, truth: 1, measured: 0 }] });
    expect(unseen.faults).toEqual(['bargein.missed did not show never-stops wrong']);
    expect(formatCalibration(unseen)).toContain('✗ bargein.missed  speaks on (0, truly 1)');
  });

  it('prints what it found', () => {
    const discarded = [{ reason: 'it waited', count: 1 }];
    expect(formatCalibration(calibration({ discarded }))).toBe(
      [
        'against agents whose behaviour is known, one call at a time',
        '2 × processor',
        '',
        'metric                   n       bias  p95 error      worst',
        'turn.playout_ms         20       0.50       2.50       3.00',
        'bargein.stop_ms         20       0.50       2.50       3.00',
        '',
        '✓ bargein.missed  speaks on (1)',
        '0 of 0 times what was right was left alone',
        '',
        '1 of 2 calls spoilt by this machine: it waited',
        '✓ bias within ±0.5 ms, p95 error ≤ 2.5 ms; every wrong agent was seen',
        '',
      ].join('\n'),
    );
  });
});
