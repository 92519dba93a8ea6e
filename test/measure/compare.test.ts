import { describe, expect, it } from 'vitest';
import { type ComparableCall, changeTexts, comparableCall, compareCalls } from '../../src/measure/compare.js';

const CALL: ComparableCall = {
  greetingMs: 450,
  turns: [{ playoutMs: 900 }],
  interruptions: [{ outcome: 'stopped', stopMs: 200 }],
  truncations: [{ errorMs: -2, verdict: 'told' }],
  lint: [],
};

const rows = (before: ComparableCall, after: ComparableCall) =>
  compareCalls(before, after).map((change) => [change.what, ...changeTexts(change), change.verdict]);

describe('the comparison of two calls', () => {
  it('finds nothing between a call and one like it', () => {
    const alike = {
      ...CALL,
      greetingMs: 465,
      turns: [{ playoutMs: 885 }],
      truncations: [{ errorMs: 2, verdict: 'told' }],
    };
    expect(rows(CALL, alike)).toEqual([
      ['greeting', '450 ms', '465 ms', 'same', 'same'],
      ['turn 1', '900 ms', '885 ms', 'same', 'same'],
      ['interruption 1', '200 ms', '200 ms', 'same', 'same'],
      ['truncation 1', '2 ms', '2 ms', 'same', 'same'],
    ]);
  });

  it('tells what became faster and what slower', () => {
    const after = {
      ...CALL,
      greetingMs: 300,
      turns: [{ playoutMs: 1200 }],
      truncations: [{ errorMs: 90, verdict: 'told' }],
    };
    expect(rows(CALL, after)).toEqual([
      ['greeting', '450 ms', '300 ms', '−150 ms', 'better'],
      ['turn 1', '900 ms', '1200 ms', '+300 ms', 'worse'],
      ['interruption 1', '200 ms', '200 ms', 'same', 'same'],
      ['truncation 1', '2 ms', '90 ms', '+88 ms', 'worse'],
    ]);
  });

  it('tells a failure for what it is', () => {
    const failed: ComparableCall = {
      turns: [{}],
      interruptions: [{ outcome: 'missed' }],
      truncations: [{ verdict: 'missing' }],
      lint: [{ rule: 'media/wav-header' }, { rule: 'media/wav-header' }],
    };
    const rest = { ...CALL, greetingMs: undefined };
    expect(rows(rest, failed)).toEqual([
      ['turn 1', '900 ms', 'never answered', 'worse', 'worse'],
      ['interruption 1', '200 ms', 'missed', 'worse', 'worse'],
      ['truncation 1', '2 ms', 'missing', 'worse', 'worse'],
      ['lint media/wav-header', '0', '2', '+2', 'worse'],
    ]);
    expect(rows(failed, rest).map((row) => row.at(-1))).toEqual(['better', 'better', 'better', 'better']);
    expect(rows(failed, failed).map((row) => row.at(-1))).toEqual(['same', 'same', 'same', 'same']);
  });

  it('judges nothing that only one of them has', () => {
    const after = { ...CALL, turns: [{ playoutMs: 900 }, { playoutMs: 700 }] };
    expect(rows(CALL, after)[2]).toEqual(['turn 2', '–', '700 ms', '', 'other']);
  });

  it('takes an agent that talks over the caller for no faster one', () => {
    expect(rows({ ...CALL, turns: [{ playoutMs: 100 }] }, { ...CALL, turns: [{ playoutMs: -400 }] })[1]).toEqual([
      'turn 1',
      '100 ms',
      '−400 ms',
      '−500 ms',
      'worse',
    ]);
  });

  it('reads only the document of a call', () => {
    expect(comparableCall({ ...CALL, more: 1 })).toMatchObject(CALL);
    for (const other of [undefined, 'text', {}, { ...CALL, turns: 3 }]) expect(comparableCall(other)).toBeUndefined();
  });
});
