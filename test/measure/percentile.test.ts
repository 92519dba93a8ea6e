import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestRank, samplesNeeded, summarise } from '../../src/measure/percentile.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

describe('percentiles', () => {
  it('takes the nearest rank, which is a sample', () => {
    expect(summarise(upTo(100))).toEqual({ n: 100, min: 1, p50: 50, p90: 90, p95: 95, p99: 99, max: 100, mean: 50.5 });
    expect(summarise([30, 10, 20])).toMatchObject({ min: 10, p50: 20, max: 30, mean: 20 });
  });

  it('has none where there are too few samples', () => {
    expect(summarise(upTo(19))).not.toHaveProperty('p95');
    expect(summarise(upTo(20))).toHaveProperty('p95', 19);
    expect(summarise(upTo(99))).not.toHaveProperty('p99');
    expect(summarise([7])).toEqual({ n: 1, min: 7, max: 7, mean: 7 });
    expect(summarise([])).toBeUndefined();
    expect(samplesNeeded('p90')).toBe(10);
  });

  it('ranks censored samples above all others and gives no number for them', () => {
    const summary = summarise([...upTo(18), Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(summary).toEqual({ n: 20, censored: 2, min: 1, p50: 10, p90: 18 });
    expect(summarise([Number.POSITIVE_INFINITY])).toEqual({ n: 1, censored: 1 });
  });

  it('agrees with counting: at least the share lies at or below it, and less than the share below it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99),
        (samples, share) => {
          const value = nearestRank(
            [...samples].sort((a, b) => a - b),
            share,
          );
          expect(samples.filter((each) => each <= value).length).toBeGreaterThanOrEqual(share * samples.length - 1e-6);
          expect(samples.filter((each) => each < value).length).toBeLessThan(share * samples.length);
        },
      ),
    );
  });
});
