import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldAudio, type HeldEntry } from '../../src/call/held-audio.js';

const source = { responseId: 'r', itemId: 'a', contentIndex: 0 };

function audio(...bytes: number[]): HeldEntry {
  return { type: 'audio', source, payload: Buffer.from(bytes).toString('base64') };
}

const DONE: HeldEntry = { type: 'item-done', itemId: 'a' };

describe('audio that may have to be sent again', () => {
  it('is cut where it was heard, between groups of three bytes, and keeps its order', () => {
    const held = new HeldAudio();
    held.sent(audio(1, 2, 3, 4));
    held.sent(audio(5, 6, 7, 8, 9));
    held.sent(DONE);
    held.wait(audio(10));
    expect(held.bytes).toBe(10);
    expect(held.takeFrom(8)).toEqual({ fromOffset: 7, entries: [audio(8, 9), DONE, audio(10)] });
    expect(held.bytes).toBe(0);
  });

  it('is nothing when all of it was heard, and the word that the item is complete was heard with it', () => {
    const held = new HeldAudio();
    held.sent(audio(1, 2, 3));
    held.sent(DONE);
    expect(held.takeFrom(3)).toEqual({ fromOffset: 3, entries: [] });
  });

  it('begins anew with every epoch', () => {
    const held = new HeldAudio();
    held.sent(audio(1, 2, 3));
    held.forget();
    held.sent(audio(4, 5, 6));
    expect(held.takeFrom(0)).toEqual({ fromOffset: 0, entries: [audio(4, 5, 6)] });
  });

  it('gives what waited to whoever gives up the rest', () => {
    const held = new HeldAudio();
    held.sent(audio(1, 2, 3));
    held.wait(audio(4));
    expect(held.takeWaiting()).toEqual([audio(4)]);
    expect(held.waitingBytes).toBe(0);
  });

  it('loses and repeats no byte but the two that a cut may repeat', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        lengths,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, heardShare, cutShare) => {
          const held = new HeldAudio();
          let next = 0;
          for (const length of all) held.sent(audio(...Array.from({ length }, () => next++ & 0xff)));
          const cut = Math.floor(next * cutShare);
          held.heard(Math.floor(cut * heardShare));
          const { fromOffset, entries } = held.takeFrom(cut);
          expect(fromOffset).toBeLessThanOrEqual(cut);
          expect(fromOffset).toBeGreaterThan(cut - 3);
          const bytes = Buffer.concat(
            entries.map((entry) => Buffer.from(entry.type === 'audio' ? entry.payload : '', 'base64')),
          );
          expect([...bytes]).toEqual(Array.from({ length: next - fromOffset }, (_, i) => (fromOffset + i) & 0xff));
        },
      ),
    );
  });
});
