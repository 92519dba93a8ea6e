import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Framer } from '../../src/audio/framer.js';

describe('Framer', () => {
  it('cuts a long chunk into frames and keeps the rest', () => {
    const framer = new Framer(3);
    expect(framer.push(Uint8Array.of(1, 2, 3, 4, 5, 6, 7))).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]);
    expect(framer.pendingBytes).toBe(1);
  });

  it('joins short chunks into one frame', () => {
    const framer = new Framer(3);
    expect(framer.push(Uint8Array.of(1))).toEqual([]);
    expect(framer.push(Uint8Array.of(2))).toEqual([]);
    expect(framer.push(Uint8Array.of(3, 4))).toEqual([Uint8Array.of(1, 2, 3)]);
    expect(framer.pendingBytes).toBe(1);
  });

  it('hands out a joined frame that later chunks do not overwrite', () => {
    const framer = new Framer(2);
    framer.push(Uint8Array.of(1));
    const [frame] = framer.push(Uint8Array.of(2, 9));
    framer.push(Uint8Array.of(8));
    expect(frame).toEqual(Uint8Array.of(1, 2));
  });

  it('fills the last frame with the pad it is given', () => {
    const framer = new Framer(4);
    framer.push(Uint8Array.of(1));
    expect(framer.flush(0xff)).toEqual(Uint8Array.of(1, 0xff, 0xff, 0xff));
    expect(framer.flush(0xff)).toBeUndefined();
  });

  it('flushes nothing after whole frames', () => {
    const framer = new Framer(2);
    framer.push(Uint8Array.of(1, 2));
    expect(framer.flush(0)).toBeUndefined();
  });

  it('forgets the rest when cleared', () => {
    const framer = new Framer(2);
    framer.push(Uint8Array.of(1));
    framer.clear();
    expect(framer.push(Uint8Array.of(2, 3))).toEqual([Uint8Array.of(2, 3)]);
  });

  it('refuses a frame size that is no count of bytes', () => {
    expect(() => new Framer(0)).toThrow('a frame of 0 bytes cannot be cut');
    expect(() => new Framer(1.5)).toThrow('a frame of 1.5 bytes cannot be cut');
  });

  it('loses, adds and reorders nothing, whatever the chunking', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 17 }), chunks, (frameBytes, pushed) => {
        const framer = new Framer(frameBytes);
        const frames = pushed.flatMap((chunk) => framer.push(chunk));
        expect(frames.every((frame) => frame.length === frameBytes)).toBe(true);
        const last = framer.flush(0);
        const sent = Buffer.concat(pushed);
        const got = Buffer.concat(last === undefined ? frames : [...frames, last]);
        expect(got.subarray(0, sent.length)).toEqual(sent);
        expect(got.length).toBe(Math.ceil(sent.length / frameBytes) * frameBytes);
      }),
    );
  });
});
