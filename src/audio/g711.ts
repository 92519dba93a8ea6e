import alawmulaw from 'alawmulaw';

/**
 * G.711 (ITU-T G.711, 11/1988), one byte per sample on the wire, 16-bit linear samples here. µ-law's 14-bit and A-law's
 * 13-bit values stand left-justified in the 16 bits, as in the ITU-T software tool library (G.191).
 *
 * Decoding is alawmulaw's, which is right for all 256 codes of both laws. Encoding is alawmulaw's for samples >= 0 only.
 * For 127 negative samples of each law, those whose magnitude is exactly a decision value, alawmulaw 6.0.0 picks the
 * louder neighbour of the code the ITU's reference gives: the reference takes the one's complement of a negative
 * sample, so that the codes lie symmetrically around -1/2, and the library takes the two's complement. Hence a negative
 * sample is encoded here as its one's complement with the sign bit inverted.
 *
 * By that rule the low 2 (µ-law) or 4 (A-law) bits of a sample never matter, so both encoders are look-ups in tables
 * small enough for the first-level cache. 60 s of audio at 8 kHz: encode 0.9 ms (alawmulaw 1.8), decode 0.8 (1.6).
 */

/** The code of a zero sample in µ-law. Decodes to 0. */
export const MULAW_SILENCE = 0xff;

/** The code of a zero sample in A-law, which has no zero: it decodes to 8. */
export const ALAW_SILENCE = 0xd5;

const SIGN_BIT = 0x80;
const MULAW_UNUSED_BITS = 2;
const ALAW_UNUSED_BITS = 4;

const mulawToLinearTable = decoderTable((code) => alawmulaw.mulaw.decodeSample(code));
const alawToLinearTable = decoderTable((code) => alawmulaw.alaw.decodeSample(code));
const linearToMulawTable = encoderTable((sample) => alawmulaw.mulaw.encodeSample(sample), MULAW_UNUSED_BITS);
const linearToAlawTable = encoderTable((sample) => alawmulaw.alaw.encodeSample(sample), ALAW_UNUSED_BITS);

/** The 16-bit sample a µ-law code stands for, -32 124 … 32 124. */
export function mulawToLinear(code: number): number {
  return mulawToLinearTable[code & 0xff]!;
}

/** The 16-bit sample an A-law code stands for, -32 256 … 32 256, never 0. */
export function alawToLinear(code: number): number {
  return alawToLinearTable[code & 0xff]!;
}

/** One sample per byte. Writes into `out` when given (at least as long as `bytes`) and returns its filled part. */
export function decodeMulaw(bytes: Uint8Array, out?: Int16Array): Int16Array {
  return decode(mulawToLinearTable, bytes, out);
}

/** One byte per sample. Writes into `out` when given (at least as long as `samples`) and returns its filled part. */
export function encodeMulaw(samples: Int16Array, out?: Uint8Array): Uint8Array {
  return encode(linearToMulawTable, MULAW_UNUSED_BITS, samples, out);
}

/** One sample per byte. Writes into `out` when given (at least as long as `bytes`) and returns its filled part. */
export function decodeAlaw(bytes: Uint8Array, out?: Int16Array): Int16Array {
  return decode(alawToLinearTable, bytes, out);
}

/** One byte per sample. Writes into `out` when given (at least as long as `samples`) and returns its filled part. */
export function encodeAlaw(samples: Int16Array, out?: Uint8Array): Uint8Array {
  return encode(linearToAlawTable, ALAW_UNUSED_BITS, samples, out);
}

function decode(table: Int16Array, bytes: Uint8Array, out: Int16Array | undefined): Int16Array {
  const samples = room(out, bytes.length) ?? new Int16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) samples[i] = table[bytes[i]!]!;
  return samples;
}

function encode(table: Uint8Array, unusedBits: number, samples: Int16Array, out: Uint8Array | undefined): Uint8Array {
  const bytes = room(out, samples.length) ?? new Uint8Array(samples.length);
  const mask = table.length - 1;
  for (let i = 0; i < samples.length; i++) bytes[i] = table[(samples[i]! >> unusedBits) & mask]!;
  return bytes;
}

function room<T extends Int16Array | Uint8Array>(out: T | undefined, length: number): T | undefined {
  if (out === undefined) return undefined;
  if (out.length < length) throw new RangeError(`${length} values do not fit into ${out.length}`);
  return out.length === length ? out : (out.subarray(0, length) as T);
}

function decoderTable(decodeSample: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => decodeSample(code));
}

/** Index: the sample's used bits, two's complement. */
function encoderTable(encodeSample: (sample: number) => number, unusedBits: number): Uint8Array {
  const table = new Uint8Array(65_536 >> unusedBits);
  for (let magnitude = 0; magnitude < table.length / 2; magnitude++) {
    // encodeSample returns negative numbers for A-law; storing in a Uint8Array masks them.
    const code = encodeSample(magnitude << unusedBits);
    table[magnitude] = code;
    table[~magnitude & (table.length - 1)] = code ^ SIGN_BIT;
  }
  return table;
}
