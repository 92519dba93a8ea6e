import { expect, it } from 'vitest';
import { isOverloaded } from '../../../src/simulator/phone/overload.js';

it.each([
  ['ten megabytes of brackets', '['.repeat(10_000_000), true],
  ['an object in an object', '{"a":'.repeat(20_000), true],
  ['a small message of brackets, which costs nothing', '['.repeat(1000), false],
  ['ten megabytes of audio', `{"event":"media","media":{"payload":"${'/'.repeat(10_000_000)}"}}`, false],
])('knows a message that is made to be expensive: %s', (_, text, expected) => {
  expect(isOverloaded(text)).toBe(expected);
});
