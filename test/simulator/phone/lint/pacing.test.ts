import { describe, expect, it } from 'vitest';
import { PacingTest } from '../../../../src/simulator/phone/lint/pacing.js';

/** What is found in messages of `bytes` that come at these times. */
function found(bytes: number, times: readonly number[]): number | undefined {
  const test = new PacingTest();
  let factor: number | undefined;
  for (const atMs of times) factor = test.hear(bytes, atMs) ?? factor;
  return factor;
}
const every = (ms: number, count: number, late: (i: number) => number = () => 0): number[] =>
  Array.from({ length: count }, (_, i) => 1000 + i * ms + late(i));

describe('a timer that counts samples wrongly', () => {
  it.each([
    [320, 20, 2],
    [480, 20, 3],
    [640, 40, 2],
    [160, 10, 2],
  ])('is found with %i bytes every %i ms', (bytes, ms, factor) => {
    expect(found(bytes, every(ms, 100))).toBe(factor);
  });

  it('is found on a busy machine, where some messages are late by 30 ms', () => {
    expect(
      found(
        320,
        every(20, 100, (i) => (i % 7 === 0 ? 30 : 0)),
      ),
    ).toBe(2);
  });

  it.each([
    [160, 20],
    [320, 10],
    [320, 15],
    [800, 20],
    [160, 0],
  ])('is not seen in %i bytes every %i ms', (bytes, ms) => {
    expect(found(bytes, every(ms, 200))).toBeUndefined();
  });

  it('is not seen in answers that come in bursts, whatever their mean', () => {
    expect(found(8000, every(500, 20))).toBeUndefined();
    expect(
      found(
        1600,
        every(10, 400, (i) => Math.floor(i / 20) * 300),
      ),
    ).toBeUndefined();
  });

  it('is not believed before 75 messages', () => {
    expect(found(320, every(20, 74))).toBeUndefined();
    expect(found(320, every(20, 76))).toBe(2);
  });
});
