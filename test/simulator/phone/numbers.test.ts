import { expect, it } from 'vitest';
import { GrowingNumbers } from '../../../src/simulator/phone/numbers.js';

it('keeps numbers in order across blocks, and knows none beyond', () => {
  const numbers = new GrowingNumbers(4);
  for (let i = 0; i < 10; i++) numbers.push(i / 2);
  expect(numbers.length).toBe(10);
  expect([...numbers.slice()]).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]);
  expect([...numbers.slice(3, 6)]).toEqual([1.5, 2, 2.5]);
  expect([...numbers.slice(8, 20)]).toEqual([4, 4.5]);
  expect([numbers.at(9), numbers.at(10), numbers.at(-1)]).toEqual([4.5, undefined, undefined]);
});
