import { expect, it } from 'vitest';
import { arrivals } from '../../../src/measure/load/arrivals.js';

it('spreads the calls evenly over the ramp, the first at its start', () => {
  expect(arrivals(4, 10_000)).toEqual([0, 2_500, 5_000, 7_500]);
});

it('lets all begin at once without a ramp', () => {
  expect(arrivals(3, 0)).toEqual([0, 0, 0]);
});
