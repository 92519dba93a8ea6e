import { describe, expect, it } from 'vitest';
import { mrlReport } from '../../../src/measure/report/mrl.js';
import { callOf, reportOf } from '../../helpers/reports.js';

/** The draft's own example, draft-nygate-ippm-mrl-00, "Reporting format": the members that it calls REQUIRED. */
const REQUIRED = {
  instrument: ['name', 'version', 'calibration'],
  measurement: [
    ...['reference_point', 'codec', 'frame_period_ms', 'sample_rate_hz', 'playout_target_ms', 'onset_variants'],
    ...['headline_variant', 'continuity_window_ms', 'continuity_gap_threshold_ms'],
  ],
  subject: ['sut_identifier', 'stimulus_id'],
  results: [
    ...['n_attempted', 'n_reported', 'n_discarded', 'discard_reasons', 'ingress', 'playout'],
    ...['onset_definition_uncertainty_ms', 'continuity', 'advisory_flags'],
  ],
} as const;

const turn = (playoutMs: number, ingressMs: number, rest = {}) => ({
  step: 0,
  endMs: 0,
  playoutMs,
  ingressMs,
  ...rest,
});

describe('mrl-report/1', () => {
  const calls = [
    callOf({ turns: [turn(800, 780, { spreadMs: 4 }), { step: 1, endMs: 5 }] }),
    callOf({ run: 2, turns: [turn(-40, -60, { spreadMs: 10, answerMs: 460 })] }),
    callOf({ run: 3, turns: [turn(9_000, 9_000), turn(1, 1)], discarded: 'frames were late' }),
    callOf({ run: 4, failed: 'gone' }),
  ];
  const report = reportOf({
    result: { calls, endpoint: { url: 'wss://user:pass@example.com/stream?token=secret', kind: 'foreign' } },
  });
  const mrl = mrlReport(report);

  it('has the members that the draft requires', () => {
    expect(mrl.schema).toBe('mrl-report/1');
    for (const [part, names] of Object.entries(REQUIRED)) {
      for (const name of names) expect(mrl[part as keyof typeof REQUIRED]).toHaveProperty(name);
    }
    expect(mrl.measurement.onset_variants[1]).toEqual({
      ...{ name: 'headline', margin_db: 10, absolute_dbov: -50, sustain_ms: 20 },
    });
    expect([mrl.measurement.continuity_window_ms, mrl.measurement.continuity_gap_threshold_ms]).toEqual([2000, 150]);
  });

  it('says that it was not observed at RTP, which the draft demands', () => {
    expect(mrl.measurement.reference_point).not.toBe('rtp-endpoint');
    expect(mrl.measurement.reference_point_notes).toContain('no RTP');
  });

  it('counts what was left out, so that the counts add up', () => {
    expect(mrl.results).toMatchObject({
      n_attempted: 6,
      n_reported: 2,
      n_discarded: 4,
      discard_reasons: { onset_not_found: 1, tx_pacing_deviation: 2, no_packets: 1 },
    });
  });

  it('keeps the sign, and tells a filler from the answer', () => {
    expect(mrl.results.playout).toEqual({ mean_ms: 380, p50_ms: -40, p95_ms: 800, max_ms: 800 });
    expect(mrl.results.ingress).toEqual({ mean_ms: 360, p50_ms: -60, p95_ms: 780, max_ms: 780 });
    expect(mrl.results.onset_definition_uncertainty_ms).toEqual({ p50: 4, max: 10 });
    expect(mrl.results.continuity).toEqual({
      n_discontiguous: 1,
      contiguous: { mean_ms: 610, p50_ms: 440, p95_ms: 780, max_ms: 780 },
    });
  });

  it('gives nothing away that stands in the address', () => {
    expect(mrl.subject.sut_identifier).toBe('wss://example.com/stream');
  });

  it('quotes a calibration of both variants, and none of half of them', () => {
    const accuracy = { n: 40, biasMs: -0.1, p95ErrorMs: 1.2, worstErrorMs: 2 };
    const quoted = (metrics: object) =>
      mrlReport({
        ...report,
        calibration: { at: '2026-03-01', calls: 1, ok: true, metrics, seen: { count: 1, of: 1 } },
      });
    expect(quoted({ 'turn.playout_ms': accuracy }).instrument.calibration).toBeNull();
    expect(
      quoted({ 'turn.playout_ms': accuracy, 'turn.ingress_ms': { ...accuracy, biasMs: 0.2 } }).instrument.calibration,
    ).toMatchObject({
      conditions: expect.stringContaining('20 ms grid, PCMU'),
      ingress: { bias_ms: 0.2, p95_abs_error_ms: 1.2 },
      playout: { bias_ms: -0.1, p95_abs_error_ms: 1.2 },
    });
  });

  it('has figures of null when nothing was measured, not of nothing', () => {
    const none = mrlReport(reportOf({ result: { calls: [callOf({ failed: 'gone' })] } }));
    expect(none.results.playout).toEqual({ mean_ms: null, p50_ms: null, p95_ms: null, max_ms: null });
    expect(none.instrument.calibration).toBeNull();
  });
});
