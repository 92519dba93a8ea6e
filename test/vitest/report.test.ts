import { describe, expect, it } from 'vitest';
import '../../src/vitest/index.js';
import { loud, RecordBuilder } from '../helpers/call-records.js';
import { callOf, reportOf } from '../helpers/reports.js';

function complaint(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the expectation holds');
}

const slow = reportOf({ fill: (measures) => measures.add('turn.playout_ms', 900, 950) });
const spoilt = reportOf({
  fill: (measures) => measures.add('turn.playout_ms', 900, 950),
  result: { reliable: false, discarded: [{ reason: 'pacing', count: 1 }], calls: [callOf()] },
});

describe('toMeetBudget', () => {
  it('holds for a report within the budget', () => {
    expect(slow).toMeetBudget('turn.playout_ms p50 <= 900');
    expect(slow).not.toMeetBudget('turn.playout_ms p50 <= 800');
  });

  it('says what was measured, where, and what to do', () => {
    expect(complaint(() => expect(slow).toMeetBudget('turn.playout_ms p50 <= 800'))).toBe(
      [
        'expected the report to meet the budget turn.playout_ms p50 <= 800',
        '',
        '  ✗ measured  900',
        '',
        'at ws://127.0.0.1:8080/media-stream: greeting, 3 calls, 3 measured',
        'advice: turn.playout_ms has 2 samples, its p95 needs 20: try --runs 30',
      ].join('\n'),
    );
  });

  it('neither holds nor not when nothing was measured, or the machine was too busy', () => {
    for (const [report, sentence] of [
      [reportOf(), 'turn.playout_ms was not measured'],
      [spoilt, 'unreliable: 1 call, 0 measured (1 discarded: pacing)'],
    ] as const) {
      const expr = 'turn.playout_ms p50 <= 1000';
      expect(complaint(() => expect(report).toMeetBudget(expr))).toContain(sentence);
      expect(complaint(() => expect(report).not.toMeetBudget(expr))).toContain(sentence);
    }
  });

  it('judges a call too, and refuses what is neither', () => {
    const call = new RecordBuilder().says(500, 1000).hears(1800, loud(1000, 4)).ends(6000);
    expect(call).toMeetBudget('turn.playout_ms max <= 800');
    expect(complaint(() => expect(7).toMeetBudget('gap_ms max <= 0'))).toContain('was not given a call');
    expect(complaint(() => expect(slow).toMeetBudget('nonsense'))).toContain('is not understood');
  });
});

describe('toBeReliable of a report', () => {
  it('is so unless too many calls were spoilt', () => {
    expect(slow).toBeReliable();
    expect(complaint(() => expect(spoilt).toBeReliable())).toContain('✗ 1 call, 0 measured (1 discarded: pacing)');
  });
});
