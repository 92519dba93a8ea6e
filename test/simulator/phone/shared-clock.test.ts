import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SharedClock } from '../../../src/simulator/phone/shared-clock.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

it('fires everything at its time, in order, and what was cancelled never, as one timer each would', () => {
  const step = fc.record({
    atMs: fc.integer({ min: 0, max: 60 }),
    cancel: fc.boolean(),
    again: fc.boolean(),
    cancelsAnother: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const run = (shared: boolean): string[] => {
        const base = new VirtualClock();
        const clock = shared ? new SharedClock(base) : base;
        const fired: string[] = [];
        const cancels: (() => void)[] = steps.map(({ atMs, again, cancelsAnother }, i) =>
          clock.at(atMs, () => {
            fired.push(`${i} at ${clock.now()}`);
            if (cancelsAnother) cancels[(i + 1) % steps.length]!();
            if (again && cancelsAnother) clock.at(atMs + 3, () => fired.push(`${i} soon at ${clock.now()}`));
            if (again) clock.at(atMs + 7, () => fired.push(`${i} again at ${clock.now()}`));
          }),
        );
        for (const [i, { cancel }] of steps.entries()) if (cancel) cancels[i]!();
        base.advanceTo(100);
        for (const cancel of cancels) cancel();
        return fired;
      };
      expect(run(true)).toEqual(run(false));
    }),
  );
});

it('asks for one timer at a time, however many wait', () => {
  const base = new VirtualClock();
  let asked = 0;
  const at = base.at.bind(base);
  base.at = (atMs, act) => {
    asked++;
    return at(atMs, act);
  };
  const clock = new SharedClock(base);
  for (let i = 0; i < 50; i++) clock.at(10 + i, () => {});
  expect(asked).toBe(1);
});

it('keeps its promise in real time with hundreds of timers: none is early, none is lost', async () => {
  const clock = new SharedClock();
  const startMs = clock.now();
  const early: number[] = [];
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => {
      const atMs = startMs + (i % 30);
      return new Promise<void>((resolve) =>
        clock.at(atMs, () => {
          if (clock.now() < atMs) early.push(i);
          resolve();
        }),
      );
    }),
  );
  expect(early).toEqual([]);
});

it('goes on after one of them has thrown', () => {
  const base = new VirtualClock();
  const clock = new SharedClock(base);
  const fired: number[] = [];
  clock.at(1, () => {
    throw new Error('broken');
  });
  clock.at(2, () => fired.push(2));
  expect(() => base.advanceTo(1)).toThrow('broken');
  base.advanceTo(3);
  expect(fired).toEqual([2]);
});
