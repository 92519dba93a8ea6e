import { describe, expect, it } from 'vitest';
import { seconds, shorten, stamp } from '../../../src/cli/screen/text.js';

describe('stamp', () => {
  it.each([
    [0, '0:00.0'],
    [7_349, '0:07.3'],
    [59_999, '0:59.9'],
    [60_000, '1:00.0'],
    [754_200, '12:34.2'],
    [-5, '0:00.0'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(stamp(ms)).toBe(text);
  });
});

describe('seconds', () => {
  it('keeps one digit', () => {
    expect(seconds(3100)).toBe('3.1 s');
    expect(seconds(49)).toBe('0.0 s');
  });
});

describe('shorten', () => {
  it.each([
    ['hello', 5, 'hello'],
    ['hello', 4, 'hel…'],
    ['▁▂▃▄', 3, '▁▂…'],
    ['hello', 1, '…'],
    ['hello', Number.POSITIVE_INFINITY, 'hello'],
  ])('makes %j fit %d columns', (text, width, short) => {
    expect(shorten(text, width)).toBe(short);
  });
});
