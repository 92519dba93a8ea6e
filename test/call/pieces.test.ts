import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Bytes, base64From, base64Pieces } from '../../src/call/pieces.js';

describe('cutting base64', () => {
  it('leaves a short text as the very string it was', () => {
    expect(base64Pieces('fwB/AA==', 800)).toEqual(['fwB/AA==']);
  });

  it('cuts between bytes, at multiples of four characters', () => {
    expect(base64Pieces('AAECAwQFBgcI', 4)).toEqual(['AAEC', 'AwQF', 'BgcI']);
  });

  it('gives pieces that decode to the whole, none larger than asked', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 3, max: 900 }), (bytes, maxBytes) => {
        const whole = Buffer.from(bytes);
        const pieces = base64Pieces(whole.toString('base64'), maxBytes).map((piece) => Buffer.from(piece, 'base64'));
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });

  it('counts bytes from the length alone, padded or not', () => {
    expect(['', 'AA==', 'AAA=', 'AAAA', 'AA', 'AAA', 'AAAAAA'].map(base64Bytes)).toEqual([0, 1, 2, 3, 1, 2, 4]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(base64Bytes(Buffer.from(bytes).toString('base64'))).toBe(bytes.length);
      }),
    );
  });
});

describe('the rest of a base64 text', () => {
  it('begins after whole groups of three bytes, and is the very text when nothing is left out', () => {
    expect(base64From('AAECAwQFBgc=', 0)).toBe('AAECAwQFBgc=');
    expect(base64From('AAECAwQFBgc=', 3)).toBe('AwQFBgc=');
    expect(base64From('AAECAwQFBgc=', 6)).toBe('Bgc=');
  });
});
