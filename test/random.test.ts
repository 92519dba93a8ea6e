import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../src/random.js';

describe('seededRandom', () => {
  it('gives the numbers of Mulberry32', () => {
    const random = seededRandom(1);
    expect([random(), random()].map((value) => Math.floor(value * 2 ** 32))).toEqual([2_693_262_067, 11_749_833]);
  });

  it('stays from 0 to below 1 for any seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        for (let i = 0; i < 50; i++) {
          const value = random();
          expect(value >= 0 && value < 1).toBe(true);
        }
      }),
    );
  });
});
