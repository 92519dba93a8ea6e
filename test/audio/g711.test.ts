import alawmulaw from 'alawmulaw';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALAW_SILENCE,
  alawToLinear,
  decodeAlaw,
  decodeMulaw,
  encodeAlaw,
  encodeMulaw,
  MULAW_SILENCE,
  mulawToLinear,
} from '../../src/audio/g711.js';
import {
  aLawDecisions,
  muLawDecisions,
  slowDecodeAlaw,
  slowDecodeMulaw,
  slowEncodeAlaw,
  slowEncodeMulaw,
} from './slow-g711.js';

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const everyCode = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Samples for which two encodings differ. */
function differences(a: Uint8Array, b: Uint8Array): number[] {
  return [...everySample].filter((_, i) => a[i] !== b[i]);
}

/** How far the level of `samples` lies below that of a sine with this amplitude. */
function belowSineDb(samples: number[], amplitude: number): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(amplitude ** 2 / 2 / power);
}

describe('the slow G.711', () => {
  it('has the decision values the Recommendation prints', () => {
    expect(muLawDecisions).toHaveLength(129);
    expect(muLawDecisions.slice(0, 4)).toEqual([0, 4, 12, 20]);
    expect(muLawDecisions.at(-2)).toBe(7903 * 4);
    expect(muLawDecisions.at(-1)).toBe(8159 * 4);
    expect(aLawDecisions).toHaveLength(129);
    expect(aLawDecisions.slice(0, 3)).toEqual([0, 16, 32]);
    expect(aLawDecisions.at(-2)).toBe(3968 * 8);
    expect(aLawDecisions.at(-1)).toBe(4096 * 8);
  });

  it('has the quantized values the Recommendation prints', () => {
    // Table 2a, column 7: 8031, 4191, 2079, 1023, 495, 231, 99, 33, 2, 0 at the printed codes.
    const printedMulaw = [0x80, 0x8f, 0x9f, 0xaf, 0xbf, 0xcf, 0xdf, 0xef, 0xfe, 0xff].map(slowDecodeMulaw);
    expect(printedMulaw).toEqual([8031, 4191, 2079, 1023, 495, 231, 99, 33, 2, 0].map((value) => value * 4));
    // Table 1a, column 7: 4032, 2112, 1056, 528, 264, 132, 66, 1 with the even bits inverted.
    const printedAlaw = [0xff, 0xf0, 0xe0, 0xd0, 0xc0, 0xb0, 0xa0, 0x80].map((code) => slowDecodeAlaw(code ^ 0x55));
    expect(printedAlaw).toEqual([4032, 2112, 1056, 528, 264, 132, 66, 1].map((value) => value * 8));
  });

  it('decodes the digital milliwatt of tables 5 and 6 to 0 dBm0', () => {
    const mulaw = [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e].map(slowDecodeMulaw);
    const alaw = [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4].map(slowDecodeAlaw);
    // The Recommendation puts the overload sine of µ-law at +3.17 dBm0, that of A-law at +3.14 dBm0.
    expect(belowSineDb(mulaw, 8159 * 4)).toBeCloseTo(3.17, 2);
    expect(belowSineDb(alaw, 4096 * 8)).toBeCloseTo(3.14, 2);
  });
});

describe('µ-law', () => {
  it('encodes all 65 536 samples like the slow G.711', () => {
    expect(differences(encodeMulaw(everySample), Uint8Array.from(everySample, slowEncodeMulaw))).toEqual([]);
  });

  it('decodes all 256 codes like the slow G.711', () => {
    expect([...decodeMulaw(everyCode)]).toEqual([...everyCode].map(slowDecodeMulaw));
    expect([...everyCode].map(mulawToLinear)).toEqual([...everyCode].map(slowDecodeMulaw));
  });

  it('differs from the library it is built on at 127 negative decision values and nowhere else', () => {
    const library = Uint8Array.from(everySample, (sample) => alawmulaw.mulaw.encodeSample(sample) & 0xff);
    const wrong = differences(encodeMulaw(everySample), library);
    expect(wrong).toHaveLength(127);
    expect(wrong.every((sample) => muLawDecisions.includes(-sample))).toBe(true);
  });

  it('encodes literal samples to the bytes of the standard', () => {
    expect([...encodeMulaw(Int16Array.of(0, 3, 4, 32_635, 32_767, -1, -4, -5, -32_768))]).toEqual([
      0xff, 0xff, 0xfe, 0x80, 0x80, 0x7f, 0x7f, 0x7e, 0x00,
    ]);
    expect(MULAW_SILENCE).toBe(0xff);
    expect(mulawToLinear(MULAW_SILENCE)).toBe(0);
  });

  it('keeps every code but the negative zero through decoding and encoding', () => {
    const changed = [...everyCode].filter((code) => encodeMulaw(Int16Array.of(mulawToLinear(code)))[0] !== code);
    expect(changed).toEqual([0x7f]);
  });
});

describe('A-law', () => {
  it('encodes all 65 536 samples like the slow G.711', () => {
    expect(differences(encodeAlaw(everySample), Uint8Array.from(everySample, slowEncodeAlaw))).toEqual([]);
  });

  it('decodes all 256 codes like the slow G.711', () => {
    expect([...decodeAlaw(everyCode)]).toEqual([...everyCode].map(slowDecodeAlaw));
    expect([...everyCode].map(alawToLinear)).toEqual([...everyCode].map(slowDecodeAlaw));
  });

  it('differs from the library it is built on at 127 negative decision values and nowhere else', () => {
    const library = Uint8Array.from(everySample, (sample) => alawmulaw.alaw.encodeSample(sample) & 0xff);
    const wrong = differences(encodeAlaw(everySample), library);
    expect(wrong).toHaveLength(127);
    expect(wrong.every((sample) => aLawDecisions.includes(-sample))).toBe(true);
  });

  it('encodes literal samples to the bytes of the standard', () => {
    expect([...encodeAlaw(Int16Array.of(0, 15, 16, 32_767, -1, -16, -17, -32_768))]).toEqual([
      0xd5, 0xd5, 0xd4, 0xaa, 0x55, 0x55, 0x54, 0x2a,
    ]);
    expect(ALAW_SILENCE).toBe(0xd5);
    expect(alawToLinear(ALAW_SILENCE)).toBe(8);
  });

  it('keeps every code through decoding and encoding', () => {
    expect([...encodeAlaw(decodeAlaw(everyCode))]).toEqual([...everyCode]);
  });
});

describe('an output array of the caller', () => {
  it('is filled and returned without a copy', () => {
    const out = new Int16Array(3);
    expect(decodeMulaw(Uint8Array.of(0x80, 0x00, 0xff), out)).toBe(out);
    expect([...out]).toEqual([32_124, -32_124, 0]);
  });

  it('is returned as the filled part when it is longer', () => {
    const out = new Uint8Array(4).fill(7);
    expect([...encodeMulaw(Int16Array.of(0, 0), out)]).toEqual([0xff, 0xff]);
    expect([...out]).toEqual([0xff, 0xff, 7, 7]);
  });

  it('is refused when it is too short', () => {
    expect(() => decodeAlaw(new Uint8Array(2), new Int16Array(1))).toThrow('2 values do not fit into 1');
  });
});

it('changes no sample by more than half an interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: -32_635, max: 32_634 }), (sample) => {
      const half = Math.max(4, (Math.abs(sample) + 132) / 32);
      const decoded = mulawToLinear(encodeMulaw(Int16Array.of(sample))[0]!);
      return Math.abs(decoded - sample) <= half + 1;
    }),
  );
});
