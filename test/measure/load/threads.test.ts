import { expect, it } from 'vitest';
import { threadsFor } from '../../../src/measure/load/threads.js';

it.each([
  [1, 8, 0],
  [19, 8, 0],
  [20, 8, 1],
  [250, 8, 1],
  [251, 8, 2],
  [500, 2, 1],
  [500, 1, 1],
])('makes %i calls on %i processors with %i threads', (calls, processors, threads) => {
  expect(threadsFor(calls, processors)).toBe(threads);
});
