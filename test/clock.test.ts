import { describe, expect, it } from 'vitest';
import { type Clock, sleepUntil, systemClock } from '../src/clock.js';
import { VirtualClock } from './helpers/virtual-clock.js';

const CLOCKS: readonly [string, () => { clock: Clock; letPass: (ms: number) => Promise<void> }][] = [
  [
    'systemClock',
    () => ({
      clock: systemClock,
      letPass: async (ms) => {
        await new Promise((resolve) => setTimeout(resolve, ms + 20));
        // On a busy machine both timers come due in one turn of the loop; the last fraction takes one more.
        await new Promise((resolve) => setImmediate(resolve));
      },
    }),
  ],
  [
    'VirtualClock',
    () => {
      const clock = new VirtualClock(1000);
      return { clock, letPass: async (ms) => clock.advance(ms) };
    },
  ],
];

describe.each(CLOCKS)('%s', (_, make) => {
  it('calls once, never before the time asked for', async () => {
    const { clock, letPass } = make();
    const calledAt: number[] = [];
    const dueMs = clock.now() + 7.3;
    clock.at(dueMs, () => calledAt.push(clock.now()));
    expect(calledAt).toEqual([]);
    await letPass(8);
    expect(calledAt).toHaveLength(1);
    expect(calledAt[0]).toBeGreaterThanOrEqual(dueMs);
  });

  it('calls for a time that has passed, but not synchronously', async () => {
    const { clock, letPass } = make();
    let calls = 0;
    clock.at(clock.now() - 5, () => calls++);
    expect(calls).toBe(0);
    await letPass(1);
    expect(calls).toBe(1);
  });

  it('does not call what was cancelled', async () => {
    const { clock, letPass } = make();
    let calls = 0;
    const cancelFar = clock.at(clock.now() + 5, () => calls++);
    const cancelNear = clock.at(clock.now() + 0.5, () => calls++);
    cancelFar();
    cancelNear();
    await letPass(8);
    expect(calls).toBe(0);
  });

  it('calls in the order of the times asked for, not of the asking', async () => {
    const { clock, letPass } = make();
    const order: string[] = [];
    const startMs = clock.now();
    clock.at(startMs + 15, () => order.push('late'));
    clock.at(startMs + 3, () => order.push('early'));
    await letPass(20);
    expect(order).toEqual(['early', 'late']);
  });
});

describe('sleepUntil', () => {
  it('resolves at its time', async () => {
    const clock = new VirtualClock();
    let awake = false;
    const sleep = sleepUntil(clock, 50).then(() => {
      awake = true;
    });
    clock.advanceTo(49);
    await Promise.resolve();
    expect(awake).toBe(false);
    clock.advanceTo(50);
    await sleep;
    expect(awake).toBe(true);
  });

  it("rejects with the signal's reason when aborted, before and during the sleep", async () => {
    const clock = new VirtualClock();
    await expect(sleepUntil(clock, 50, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    const controller = new AbortController();
    const sleep = sleepUntil(clock, 50, controller.signal);
    controller.abort(new Error('hung up'));
    await expect(sleep).rejects.toThrow('hung up');
  });

  it('does not wake once more after it was aborted', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const sleep = sleepUntil(clock, 50, controller.signal);
    controller.abort(new Error('hung up'));
    clock.advanceTo(100);
    await expect(sleep).rejects.toThrow('hung up');
  });
});
