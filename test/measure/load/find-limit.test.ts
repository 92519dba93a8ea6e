import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLimit, type LoadStep } from '../../../src/measure/load/find-limit.js';

/** A server that carries so many calls, called by somebody who can make so many. */
const world =
  (carries: number, makes: number) =>
  async (calls: number): Promise<LoadStep> => {
    if (calls > makes) return { calls, outcome: 'tired', why: 'late' };
    return calls > carries ? { calls, outcome: 'broke', why: 'slow' } : { calls, outcome: 'carried' };
  };

const find = (carries: number, makes: number, most = 500) =>
  findLimit({ first: 10, most, step: world(carries, makes) });

describe('the search for the most calls', () => {
  it('doubles until the server breaks, then halves the distance', async () => {
    const { carried, next, steps } = await find(140, 1_000);
    expect(steps.map(({ calls }) => calls)).toEqual([10, 20, 40, 80, 160, 120, 140, 150]);
    expect(carried).toBe(140);
    expect(next).toEqual({ calls: 150, outcome: 'broke', why: 'slow' });
  });

  it('says when it was the generator that tired, having tried twice', async () => {
    const { carried, next, steps } = await find(1_000, 90);
    expect(next?.outcome).toBe('tired');
    expect(carried).toBeLessThanOrEqual(90);
    expect(steps.filter(({ calls }) => calls === 160)).toHaveLength(2);
  });

  it('forgives the generator one bad moment', async () => {
    let moments = 0;
    const step = async (calls: number): Promise<LoadStep> =>
      calls === 40 && moments++ === 0 ? { calls, outcome: 'tired', why: 'late' } : world(45, 1_000)(calls);
    expect((await findLimit({ first: 10, most: 500, step })).carried).toBeGreaterThanOrEqual(40);
  });

  it('ends at what was asked for when all of it is carried', async () => {
    const { carried, next, steps } = await find(1_000, 1_000, 50);
    expect(steps.map(({ calls }) => calls)).toEqual([10, 20, 40, 50]);
    expect(carried).toBe(50);
    expect(next).toBeUndefined();
  });

  it('finds a limit below the first step, and one of nothing at all', async () => {
    expect((await find(3, 1_000)).carried).toBe(3);
    expect((await find(0, 1_000)).carried).toBe(0);
  });

  it('comes within a tenth of any limit, from below, in few steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 500 }), async (carries, most) => {
        const { carried, steps } = await find(carries, 10_000, most);
        const limit = Math.min(carries, most);
        expect(carried).toBeLessThanOrEqual(limit);
        expect(carried).toBeGreaterThanOrEqual(Math.floor(limit / 1.1) - 1);
        expect(steps.length).toBeLessThan(16);
      }),
    );
  });
});
