import { alawToLinear, mulawToLinear } from '../../../audio/g711.js';

/** What the bytes of one block of audible sound look like under other assumptions. */
export interface LawVerdict {
  readonly alaw: boolean;
  readonly swapped: boolean;
}

/**
 * Sound is smooth: neighbouring samples are alike. Bytes that are read by the wrong law, or in the wrong order, are not,
 * and become so when read rightly. `ROUGHER` is by how much. Measured on half seconds of the samples' voices: µ-law read
 * as A-law is 0.5 to 0.9 times as smooth; A-law read as µ-law is 1.3 to 2.0 times as rough as when read rightly.
 */
const ROUGHER_ALAW = 1.2;
/** Noise is rough either way and says nothing. */
const MOST_ROUGH = 0.9;
/** Pairs across a swapped border against pairs within: 1.0 ± 0.1 in sound, 1.9 and more when swapped. */
const LEAST_LOPSIDED = 1.5;
const ROUGHER_SWAPPED = 1.25;

/** A tone is a few codes again and again: smooth or rough by accident. */
const LEAST_CODES = 32;

/** Tests a block of at least some hundred milliseconds of audible µ-law. */
export function testLaw(block: Uint8Array): LawVerdict {
  if (new Set(block).size < LEAST_CODES) return { alaw: false, swapped: false };
  const asMulaw = roughness(block, mulawToLinear);
  const asAlaw = roughness(block, alawToLinear);
  const alaw = asAlaw < MOST_ROUGH && asMulaw / asAlaw > ROUGHER_ALAW;
  return { alaw, swapped: !alaw && looksSwapped(block) };
}

/** Mean step between neighbours over the mean size of a sample: 0 for a constant, 2 for a sign that changes always. */
function roughness(block: Uint8Array, decode: (code: number) => number): number {
  let steps = 0;
  let sum = 0;
  let before = decode(block[0]!);
  for (let i = 1; i < block.length; i++) {
    const sample = decode(block[i]!);
    steps += Math.abs(sample - before);
    sum += Math.abs(sample);
    before = sample;
  }
  return sum === 0 ? Number.POSITIVE_INFINITY : steps / sum;
}

/** Pairs may begin at either parity: a message of odd length has moved them. */
function looksSwapped(block: Uint8Array): boolean {
  const samples = Int16Array.from(block, mulawToLinear);
  const [even, odd] = steps(samples);
  const lopsided = Math.max(even, odd) / Math.max(1, Math.min(even, odd));
  if (lopsided < LEAST_LOPSIDED) return false;
  const first = even < odd ? 0 : 1;
  const repaired = samples.slice();
  for (let i = first; i + 1 < samples.length; i += 2) {
    repaired[i] = samples[i + 1]!;
    repaired[i + 1] = samples[i]!;
  }
  const [evenRepaired, oddRepaired] = steps(repaired);
  return (even + odd) / Math.max(1, evenRepaired + oddRepaired) > ROUGHER_SWAPPED;
}

/** Sums of squared steps that begin at an even place and at an odd one. */
function steps(samples: Int16Array): [even: number, odd: number] {
  const sums: [number, number] = [0, 0];
  for (let i = 0; i + 1 < samples.length; i++) {
    const step = samples[i + 1]! - samples[i]!;
    if (i % 2 === 0) sums[0] += step * step;
    else sums[1] += step * step;
  }
  return sums;
}
