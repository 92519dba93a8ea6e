import { describe, expect, it } from 'vitest';
import { Estimate, leftText } from '../../../src/cli/bench/estimate.js';

describe('the estimate of what is left of a bench', () => {
  it('knows nothing before a run is over, then takes every run for as long as those before', () => {
    const estimate = new Estimate(1_000);
    estimate.tell(0, 4, 1_000);
    expect([estimate.leftMs(9_000), estimate.share()]).toEqual([undefined, 0]);
    estimate.tell(1, 4, 11_000);
    expect([estimate.leftMs(11_000), estimate.share()]).toEqual([30_000, 0.25]);
    expect(estimate.leftMs(15_000)).toBe(26_000);
    estimate.tell(2, 4, 41_000);
    expect(estimate.leftMs(41_000)).toBe(40_000);
  });

  it('does not count below nothing when a run takes longer, nor when it is over', () => {
    const estimate = new Estimate(0);
    estimate.tell(3, 4, 30_000);
    expect(estimate.leftMs(70_000)).toBe(0);
    estimate.tell(4, 4, 80_000);
    expect([estimate.leftMs(80_000), estimate.share()]).toEqual([0, 1]);
  });

  it.each([
    [4_000, 'a few seconds left'],
    [42_000, 'about 40 s left'],
    [130_000, 'about 2 min left'],
  ])('says %i ms as %j', (ms, words) => {
    expect(leftText(ms)).toBe(words);
  });
});
