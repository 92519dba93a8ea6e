import { expect, it } from 'vitest';
import { type Behind, Pacer } from '../../../src/simulator/phone/pacer.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

/** A clock whose timers fire late by what a list says, then on time. */
class LateClock extends VirtualClock {
  readonly #lateMs: number[];

  constructor(startMs: number, lateMs: number[]) {
    super(startMs);
    this.#lateMs = lateMs;
  }

  override at(atMs: number, act: () => void): () => void {
    return super.at(atMs + (this.#lateMs.shift() ?? 0), act);
  }
}

it('computes every due time from the first, so that lateness does not add up', () => {
  const clock = new LateClock(0, [3, 0, 7.5, 0]);
  const ticks: [number, number, number][] = [];
  const pacer = new Pacer(clock, 100, 20, (frame, dueMs) => ticks.push([frame, dueMs, clock.now()]));
  clock.advanceTo(181);
  pacer.stop();
  expect(ticks).toEqual([
    [0, 100, 103],
    [1, 120, 120],
    [2, 140, 147.5],
    [3, 160, 160],
    [4, 180, 180],
  ]);
  expect([...pacer.pacing().lateMs]).toEqual([3, 0, 7.5, 0, 0]);
  expect(pacer.pacing()).toMatchObject({ frames: 5, bunched: 0 });
});

it('sends what it is behind with at once, leaves none out and counts them', () => {
  const clock = new LateClock(0, [0, 45]);
  const ticks: [number, number][] = [];
  const pacer = new Pacer(clock, 0, 20, (frame) => ticks.push([frame, clock.now()]));
  clock.advanceTo(85);
  pacer.stop();
  expect(ticks).toEqual([
    [0, 0],
    [1, 65],
    [2, 65],
    [3, 65],
    [4, 80],
  ]);
  expect(pacer.pacing().bunched).toBe(2);
});

it('does not drift in ten minutes of odd lateness', () => {
  const clock = new LateClock(
    0,
    Array.from({ length: 30_000 }, (_, i) => (i * 7) % 3),
  );
  let lastMs = 0;
  const pacer = new Pacer(clock, 0, 20, () => {
    lastMs = clock.now();
  });
  clock.advanceTo(600_002);
  pacer.stop();
  expect(pacer.pacing().frames).toBe(30_001);
  expect(lastMs).toBeLessThan(600_002);
});

it('says that the machine cannot keep time when more than one frame in a hundred was late, and only then', () => {
  const told = (late: number): Behind[] => {
    const clock = new LateClock(0, [...Array<number>(late).fill(9), ...Array<number>(250).fill(1)]);
    const behind: Behind[] = [];
    const pacer = new Pacer(
      clock,
      0,
      20,
      () => {},
      (each) => behind.push(each),
    );
    clock.advanceTo(260 * 20);
    pacer.stop();
    return behind;
  };
  expect(told(2)).toEqual([]);
  expect(told(3)).toEqual([{ lateFrames: 3, frames: 250, limitMs: 5, worstMs: 9 }]);
});

it('stops when told to from inside a tick, which then does not count as a frame', () => {
  const clock = new VirtualClock();
  let ticks = 0;
  const pacer = new Pacer(clock, 0, 20, () => {
    if (++ticks === 2) pacer.stop();
  });
  clock.advance(1000);
  expect([ticks, pacer.pacing().frames]).toEqual([2, 1]);
});
