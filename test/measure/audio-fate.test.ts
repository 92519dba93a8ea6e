import { describe, expect, it } from 'vitest';
import { fateOf } from '../../src/measure/audio-fate.js';
import { findRuns, withOneZero } from '../../src/measure/runs.js';
import { join, loud } from '../helpers/call-records.js';

const audio = Buffer.from(loud(1_000, 3));
const FINE = { pieces: 50, lost: 0, reordered: 0, duplicated: 0, foreign: 0, reencoded: 0 };

function fate(received: Uint8Array, sent = audio, bounds = [0]) {
  return fateOf({ sent, received, runs: findRuns(withOneZero(sent), withOneZero(received), bounds), bounds });
}

const frames = (...wanted: [number, number][]) => join(...wanted.map(([a, b]) => audio.subarray(a * 160, b * 160)));

describe('the fate of audio', () => {
  it('is fine when all of it came', () => {
    expect(fate(audio)).toEqual(FINE);
  });

  it.each([
    ['lost', frames([0, 10], [11, 30], [32, 50]), { lost: 3 }],
    ['reordered', frames([0, 10], [11, 12], [10, 11], [12, 50]), { reordered: 1 }],
    ['duplicated', frames([0, 10], [9, 50]), { duplicated: 1 }],
    ['foreign', join(frames([0, 10]), loud(60, 8), frames([10, 50])), { foreign: 3 }],
    ['changed in the middle', join(frames([0, 10]), loud(20, 8), frames([11, 50])), { lost: 1, foreign: 1 }],
  ])('is told when something was %s', (_, received, found) => {
    expect(fate(received)).toEqual({ ...FINE, ...found });
  });

  it('is not lost what was dropped behind the last sound of an item', () => {
    expect(fate(frames([0, 20], [30, 50]), audio, [0, 30 * 160])).toEqual(FINE);
  });

  it('is the same sound in other bytes when a negative zero became a zero', () => {
    const sent = Buffer.from(audio);
    sent[100] = 0x7f;
    sent[8 * 160 + 3] = 0x7f;
    expect(fate(withOneZero(sent), sent)).toEqual({ ...FINE, reencoded: 2 });
  });
});
