import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutOutput, errorOutput } from '../../../src/call/tools/output.js';

describe('cutOutput', () => {
  it('leaves what fits as it is', () => {
    expect(cutOutput('twelve bytes', 12)).toBe('twelve bytes');
    expect(cutOutput('äöü', 6)).toBe('äöü');
    expect(cutOutput('', 0)).toBe('');
  });

  it('cuts what does not fit, and says how much is missing', () => {
    expect(cutOutput('twelve bytes', 6)).toBe('twelve\n[cut: the first 6 of 12 bytes]');
  });

  it('never cuts through a character', () => {
    expect(cutOutput('äöü', 3)).toBe('ä\n[cut: the first 3 of 6 bytes]');
    expect(cutOutput('a😀', 4)).toBe('a\n[cut: the first 4 of 5 bytes]');
  });

  it('keeps a beginning of every text, at most so many bytes long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, maxBytes) => {
        const [kept] = cutOutput(text, maxBytes).split('\n[cut: ');
        expect(Buffer.byteLength(kept!)).toBeLessThanOrEqual(maxBytes);
        expect(text.startsWith(kept!)).toBe(true);
      }),
    );
  });
});

describe('errorOutput', () => {
  it('is JSON whatever the sentence holds', () => {
    expect(errorOutput('no "such" day')).toBe('{"error":"no \\"such\\" day"}');
  });
});
