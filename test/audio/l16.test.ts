import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeL16, encodeL16, L16Decoder } from '../../src/audio/l16.js';

describe('L16', () => {
  it('is little-endian two’s complement', () => {
    expect([...decodeL16(Uint8Array.of(0x01, 0x00, 0xff, 0x7f, 0x00, 0x80, 0xfe, 0xff))]).toEqual([
      1, 32_767, -32_768, -2,
    ]);
    expect([...encodeL16(Int16Array.of(1, 32_767, -32_768, -2))]).toEqual([
      0x01, 0x00, 0xff, 0x7f, 0x00, 0x80, 0xfe, 0xff,
    ]);
  });

  it('reads bytes that begin at an odd address', () => {
    expect([...decodeL16(Uint8Array.of(9, 0x34, 0x12).subarray(1))]).toEqual([0x1234]);
  });

  it('leaves out half a sample at the end', () => {
    expect([...decodeL16(Uint8Array.of(5, 0, 7))]).toEqual([5]);
  });

  it('joins a sample that two chunks share', () => {
    const decoder = new L16Decoder();
    expect([...decoder.decode(Uint8Array.of(5, 0, 0x34))]).toEqual([5]);
    expect([...decoder.decode(Uint8Array.of(0x12, 6, 0))]).toEqual([0x1234, 6]);
    expect([...decoder.decode(Uint8Array.of(7, 0))]).toEqual([7]);
  });

  it('forgets half a sample when it is reset', () => {
    const decoder = new L16Decoder();
    decoder.decode(Uint8Array.of(0x34));
    decoder.reset();
    expect([...decoder.decode(Uint8Array.of(7, 0))]).toEqual([7]);
  });

  it('gives the same samples for every chunking', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (chunks) => {
        const decoder = new L16Decoder();
        const samples = chunks.flatMap((chunk) => [...decoder.decode(chunk)]);
        expect(samples).toEqual([...decodeL16(Buffer.concat(chunks))]);
      }),
    );
  });
});
