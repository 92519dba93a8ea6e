import { mulawToLinear } from './g711.js';

/**
 * Levels in dBov, as RFC 6464 and RFC 3389 use it: decibels relative to the loudest signal the system can carry, a
 * square wave at full scale. 0 dBov is here a root mean square of 32 768, one reference for all encodings, so that a
 * sound keeps its level when it is transcoded: the loudest µ-law square wave (±32 124) is -0.17 dBov, a full-scale sine
 * -3.01 dBov. Steady offset (DC) counts. As in RFC 6464 the scale ends at -127, which stands for digital silence.
 */
export const SILENCE_DBOV = -127;

const FULL_SCALE = 32_768;

const mulawSquares = Float64Array.from({ length: 256 }, (_, code) => mulawToLinear(code) ** 2);

/** Root mean square level of all samples, in dBov, -127 … 0; -127 for no samples. */
export function rmsDbov(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return powerDbov(sum, samples.length);
}

/** Level of a square wave as high as the loudest sample, in dBov, -127 … 0; -127 for no samples. */
export function peakDbov(samples: Int16Array): number {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]!));
  return powerDbov(peak * peak, 1);
}

/** `rmsDbov` of µ-law bytes without decoding them: one look-up and one addition a sample. Called per frame. */
export function levelOfMulaw(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += mulawSquares[bytes[i]!]!;
  return powerDbov(sum, bytes.length);
}

/** The root mean square value, in 16-bit steps, that has this level. */
export function dbovToRms(dbov: number): number {
  return FULL_SCALE * 10 ** (dbov / 20);
}

function powerDbov(sumOfSquares: number, count: number): number {
  if (sumOfSquares === 0) return SILENCE_DBOV;
  return Math.max(SILENCE_DBOV, 10 * Math.log10(sumOfSquares / count / FULL_SCALE ** 2));
}
