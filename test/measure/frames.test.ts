import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignFrames } from '../../src/measure/frames.js';

const speech = (n: number, from = 0): string[] => Array.from({ length: n }, (_, index) => `frame ${from + index}`);
const silence = (n: number): string[] => new Array(n).fill('silence');
const without = (frames: string[], ...gone: number[]): string[] => frames.filter((_, index) => !gone.includes(index));

describe('frames on their way to the model', () => {
  it('finds nothing wrong where nothing is', () => {
    const frames = [...silence(10), ...speech(20), ...silence(10)];
    const fate = alignFrames(frames, frames);
    expect(fate).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, altered: 0 });
    expect(fate.arrivedAs).toEqual(frames.map((_, index) => index));
  });

  it('counts frames lost at the beginning, as a relay loses them that opens its model too late', () => {
    const frames = speech(50);
    const fate = alignFrames(frames, frames.slice(15));
    expect(fate).toMatchObject({ lost: 15, duplicated: 0, reordered: 0, altered: 0 });
    expect(fate.arrivedAs.slice(13, 17)).toEqual([undefined, undefined, 0, 1]);
  });

  it('counts a frame lost in digital silence', () => {
    const frames = [...speech(10), ...silence(10), ...speech(10, 10)];
    expect(alignFrames(frames, without(frames, 14)).lost).toBe(1);
  });

  it('counts doubled, swapped and altered frames as what they are', () => {
    const frames = speech(40);
    const doubled = [...frames.slice(0, 20), frames[19]!, ...frames.slice(20)];
    expect(alignFrames(frames, doubled)).toMatchObject({ lost: 0, duplicated: 1, reordered: 0, altered: 0 });
    const swapped = [...frames.slice(0, 20), frames[21]!, frames[20]!, ...frames.slice(22)];
    expect(alignFrames(frames, swapped)).toMatchObject({ lost: 0, duplicated: 0, reordered: 1, altered: 0 });
    const altered = [...frames.slice(0, 20), 'noise', ...frames.slice(21)];
    expect(alignFrames(frames, altered)).toMatchObject({ lost: 1, duplicated: 0, reordered: 0, altered: 1 });
  });

  it('does not blame the relay for frames that were on their way when the call ended', () => {
    const frames = speech(40);
    expect(alignFrames(frames, frames.slice(0, 32)).lost).toBe(0);
    expect(alignFrames(frames, frames.slice(0, 20)).lost).toBe(20);
  });

  it('finds every loss, wherever it is', () => {
    const frames = speech(200);
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 12 });
    fc.assert(
      fc.property(places, (gone) => {
        // Five frames apart, so that three agree between two losses.
        const lost = gone.map((place) => place * 5).filter((index) => index < 190);
        expect(alignFrames(frames, without(frames, ...lost))).toMatchObject({
          lost: lost.length,
          duplicated: 0,
          reordered: 0,
          altered: 0,
        });
      }),
    );
  });
});
