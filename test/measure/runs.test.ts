import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRuns, withOneZero } from '../../src/measure/runs.js';
import { join, loud } from '../helpers/call-records.js';

const audio = Buffer.from(loud(2_000, 3));
const runs = (...parts: [number, number][]) =>
  findRuns(audio, Buffer.from(join(...parts.map(([from, to]) => audio.subarray(from, to))))).map(
    ({ at, streamOffset, bytes }) => [at, streamOffset, bytes],
  );

describe('findRuns', () => {
  it('is one run where nothing happened', () => {
    expect(runs([0, 16_000])).toEqual([[0, 0, 16_000]]);
  });

  it('finds what is missing to the byte', () => {
    expect(runs([0, 1_603], [1_763, 16_000])).toEqual([
      [0, 0, 1_603],
      [1_763, 1_603, 14_237],
    ]);
  });

  it('follows what changed places', () => {
    expect(runs([0, 1_600], [1_760, 1_920], [1_600, 1_760], [1_920, 16_000])).toEqual([
      [0, 0, 1_600],
      [1_600, 1_760, 160],
      [1_760, 1_600, 160],
      [1_920, 1_920, 14_080],
    ]);
  });

  it('is not led astray by what came in between', () => {
    const stream = Buffer.from(join(audio.subarray(0, 800), loud(40, 9), audio.subarray(800)));
    expect(findRuns(audio, stream)).toEqual([
      { at: 0, streamOffset: 0, bytes: 800 },
      { at: 800, streamOffset: 1_120, bytes: 15_200 },
    ]);
  });

  it('finds nothing of what never came', () => {
    expect(findRuns(audio, Buffer.from(loud(500, 9)))).toEqual([]);
    expect(findRuns(audio, Buffer.alloc(0))).toEqual([]);
  });

  it('finds every byte again that is left of a stream with holes, and by chance a few at their edges', () => {
    const frames = Array.from({ length: 100 }, (_, index) => audio.subarray(index * 160, (index + 1) * 160));
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 20 }), (dropped) => {
        const kept = frames.filter((_, index) => !dropped.includes(index));
        const found = findRuns(audio, Buffer.concat(kept));
        const surplus = found.reduce((sum, { bytes }) => sum + bytes, 0) - kept.length * 160;
        expect(surplus).toBeGreaterThanOrEqual(0);
        expect(surplus).toBeLessThanOrEqual(dropped.length * 4);
      }),
      { numRuns: 50 },
    );
  });
});

describe('withOneZero', () => {
  it('makes the negative zero of G.711 a zero, and nothing else', () => {
    expect([...withOneZero(Uint8Array.of(0x7f, 0xff, 0x7e, 0x00))]).toEqual([0xff, 0xff, 0x7e, 0x00]);
  });
});
