import { array, assert, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binsOf, blocks } from '../../../src/measure/report/bins.js';

describe('a histogram', () => {
  it('has bins of a width that people read', () => {
    expect(binsOf([700, 705, 712, 740], 10)).toEqual({
      ...{ fromMs: 700, stepMs: 5, counts: [1, 1, 1, 0, 0, 0, 0, 0, 1], beyond: 0, never: 0 },
    });
    expect(binsOf([-40, 90], 10)).toEqual({
      ...{ fromMs: -40, stepMs: 20, counts: [1, 0, 0, 0, 0, 0, 1], beyond: 0, never: 0 },
    });
  });

  it('is not squeezed by one sample far away, which is counted beyond', () => {
    const near = Array.from({ length: 100 }, (_, index) => index / 10);
    expect(binsOf([...near, 5_000], 20)).toMatchObject({ fromMs: 0, beyond: 1 });
  });

  it('counts apart what never ended, and is none of nothing', () => {
    expect(binsOf([1, Number.POSITIVE_INFINITY], 10)).toMatchObject({ counts: [1], never: 1 });
    expect(binsOf([Number.POSITIVE_INFINITY], 10)).toMatchObject({ counts: [], never: 1 });
    expect(binsOf([], 10)).toBeUndefined();
  });

  it('puts every sample into exactly one place, whatever they are', () => {
    const sample = double({ noNaN: true, min: -100_000, max: 10_000_000 });
    assert(
      property(array(sample, { minLength: 1, maxLength: 60 }), integer({ min: 4, max: 60 }), (samples, most) => {
        const { counts, beyond, never, fromMs, stepMs } = binsOf(samples, most)!;
        expect(counts.length).toBeLessThanOrEqual(most);
        expect(counts.reduce((sum, count) => sum + count, 0) + beyond + never).toBe(samples.length);
        expect(fromMs).toBeLessThanOrEqual(Math.min(...samples) + stepMs / 1000);
      }),
    );
  });
});

describe('a histogram in letters', () => {
  it('shows the highest bin full, the lowest not empty, and a hole as a blank', () => {
    const samples = [...new Array(80).fill(0.5), 1.5, 3.5, ...new Array(40).fill(4.5)];
    expect(blocks(samples, 5)).toBe('█▁ ▁▄');
  });

  it('says that there is more', () => {
    const near = Array.from({ length: 100 }, (_, index) => index / 10);
    expect(blocks([...near, 5_000, Number.POSITIVE_INFINITY], 10)).toMatch(/^[▁-█ ]+…∞$/);
    expect(blocks([], 10)).toBe('');
  });
});
