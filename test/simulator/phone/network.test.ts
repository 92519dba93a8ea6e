import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.js';
import { createLink } from '../../../src/simulator/phone/network.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

it('without delay delivers in the same tick and asks for no timer', () => {
  const clock = new VirtualClock();
  clock.at = () => {
    throw new Error('a timer was asked for');
  };
  const arrived: number[] = [];
  createLink(clock, { delayMs: 0, jitterMs: 0 }, seededRandom(1)).send(() => arrived.push(1));
  expect(arrived).toEqual([1]);
});

it('delivers after exactly the delay when there is no jitter', () => {
  const clock = new VirtualClock();
  const link = createLink(clock, { delayMs: 40, jitterMs: 0 }, seededRandom(1));
  const arrived: number[] = [];
  link.send(() => arrived.push(clock.now()));
  clock.advance(12.5);
  link.send(() => arrived.push(clock.now()));
  clock.advance(100);
  expect(arrived).toEqual([40, 52.5]);
});

it('stays within delay ± jitter unless it waits for the one before, and never lets one pass another', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { maxLength: 50 }),
      fc.integer({ min: 0, max: 80 }),
      fc.integer({ min: 0, max: 40 }),
      fc.nat(),
      (pauses, delayMs, jitterMs, seed) => {
        const clock = new VirtualClock();
        const link = createLink(clock, { delayMs, jitterMs }, seededRandom(seed));
        const arrived: { number: number; tookMs: number; atMs: number }[] = [];
        for (const [number, pauseMs] of pauses.entries()) {
          clock.advance(pauseMs);
          const sentMs = clock.now();
          link.send(() => arrived.push({ number, tookMs: clock.now() - sentMs, atMs: clock.now() }));
        }
        clock.advance(1000);
        expect(arrived.map(({ number }) => number)).toEqual(pauses.map((_, number) => number));
        for (const { tookMs } of arrived) {
          expect(tookMs).toBeGreaterThanOrEqual(Math.max(0, delayMs - jitterMs) - 1e-6);
          expect(tookMs).toBeLessThanOrEqual(delayMs + jitterMs + 1e-6);
        }
      },
    ),
  );
});

it('draws the same delays from the same seed', () => {
  const run = (seed: number): number[] => {
    const clock = new VirtualClock();
    const link = createLink(clock, { delayMs: 50, jitterMs: 20 }, seededRandom(seed));
    const arrived: number[] = [];
    for (let i = 0; i < 5; i++) {
      link.send(() => arrived.push(clock.now()));
      clock.advance(100);
    }
    return arrived;
  };
  expect(run(7)).toEqual(run(7));
  expect(run(7)).not.toEqual(run(8));
});
