import { describe, expect, it } from 'vitest';
import { chanceOf, corrected, intervalOf } from '../../../src/measure/comparison/statistics.js';
import { seededRandom } from '../../../src/random.js';

const far = { before: [1, 2, 3, 4, 5, 6, 7, 8], after: [101, 102, 103, 104, 105, 106, 107, 108] };

describe('chanceOf', () => {
  it('finds what chance hardly ever makes', () => {
    expect(chanceOf([far], seededRandom(1))).toBeLessThan(0.001);
  });

  it('finds nothing in the same numbers, nor in numbers that never differ', () => {
    expect(chanceOf([{ before: [1, 5, 9], after: [9, 1, 5] }], seededRandom(1))).toBe(1);
    expect(chanceOf([{ before: [0, 0, 0], after: [0, 0] }], seededRandom(1))).toBe(1);
  });

  it('does not take one kind of call for the noise of another', () => {
    const short = { before: [10, 11, 12, 13, 14], after: [20, 21, 22, 23, 24] };
    const long = { before: [9_010, 9_011, 9_012, 9_013, 9_014], after: [9_020, 9_021, 9_022, 9_023, 9_024] };
    expect(chanceOf([short, long], seededRandom(1))).toBeLessThan(0.001);
    const together = { before: [...short.before, ...long.before], after: [...short.after, ...long.after] };
    expect(chanceOf([together], seededRandom(1))).toBeGreaterThan(0.5);
  });

  it('is never 0', () => {
    const many = { before: new Array(100).fill(0), after: new Array(100).fill(1) };
    expect(chanceOf([many], seededRandom(1))).toBeGreaterThan(0);
  });
});

describe('intervalOf', () => {
  const means = (drawn: readonly { before: readonly number[]; after: readonly number[] }[]): number => {
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    return mean(drawn[0]!.after) - mean(drawn[0]!.before);
  };

  it('lies around the difference, and is the same every time', () => {
    const interval = intervalOf([far], means, 16, seededRandom(1));
    expect(interval.low).toBeGreaterThan(96);
    expect(interval.low).toBeLessThan(100);
    expect(interval.high).toBeGreaterThan(100);
    expect(interval.high).toBeLessThan(104);
    expect(intervalOf([far], means, 16, seededRandom(1))).toEqual(interval);
  });
});

describe('corrected', () => {
  it('multiplies the least by all, the next by one less, and never goes down', () => {
    expect(corrected([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  it('does not go beyond certainty', () => {
    expect(corrected([0.6, 0.9])).toEqual([1, 1]);
  });
});
