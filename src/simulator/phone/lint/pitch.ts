import { mulawToLinear } from '../../../audio/g711.js';

/** The pitch of a voice is below 600 Hz: a quarter of the samples is enough to find it by. */
const DECIMATION = 4;
const RATE = 8000 / DECIMATION;
const FRAME = 160;
const HOP = 80;
const LOWEST_HZ = 25;
const HIGHEST_HZ = 400;
const LONGEST_LAG = RATE / LOWEST_HZ;
const SHORTEST_LAG = RATE / HIGHEST_HZ;
/** A frame this much like itself one period later is voiced. */
const VOICED = 0.6;
/** The first peak nearly as high as the highest is the period; later ones are its multiples. */
const NEARLY = 0.85;
/** About -40 dBov: quieter frames are breath and noise. */
const LEAST_RMS = 300;
/** A voice has overtones: it moves at least twice as much from sample to sample as a tone of its pitch does. */
const LEAST_OVERTONES = 2;

/**
 * The pitch, in Hz, of every voiced stretch of 80 ms in a block of µ-law at 8 kHz. Tones and hum have none: a voice has
 * overtones. About 12 000 multiplications for each 40 ms of sound.
 */
export function pitches(block: Uint8Array): number[] {
  const samples = decimated(block);
  const found: number[] = [];
  for (let at = 0; at + FRAME + LONGEST_LAG < samples.length; at += HOP) {
    const hz = pitchAt(samples, at);
    if (hz !== undefined && hasOvertones(block, at * DECIMATION, hz)) found.push(hz);
  }
  return found;
}

/** Means of four samples: enough of a low-pass for what a correlation needs. */
function decimated(block: Uint8Array): Float64Array {
  const out = new Float64Array(Math.floor(block.length / DECIMATION));
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < DECIMATION; j++) sum += mulawToLinear(block[i * DECIMATION + j]!);
    out[i] = sum / DECIMATION;
  }
  return out;
}

function pitchAt(samples: Float64Array, at: number): number | undefined {
  const energy = product(samples, at, at);
  if (energy / FRAME < LEAST_RMS ** 2) return undefined;
  const likeness = new Float64Array(LONGEST_LAG + 1);
  let best = 0;
  let later = product(samples, at + SHORTEST_LAG - 1, at + SHORTEST_LAG - 1);
  for (let lag = SHORTEST_LAG - 1; lag <= LONGEST_LAG; lag++) {
    likeness[lag] = later <= 0 ? 0 : product(samples, at, at + lag) / Math.sqrt(energy * later);
    // The energy of the frame one sample on.
    later += samples[at + lag + FRAME]! ** 2 - samples[at + lag]! ** 2;
    if (lag >= SHORTEST_LAG) best = Math.max(best, likeness[lag]!);
  }
  if (best < VOICED) return undefined;
  for (let lag = SHORTEST_LAG; lag < LONGEST_LAG; lag++) {
    const here = likeness[lag]!;
    if (here >= NEARLY * best && here >= likeness[lag - 1]! && here >= likeness[lag + 1]!) return RATE / lag;
  }
  return undefined;
}

function product(samples: Float64Array, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < FRAME; i++) sum += samples[a + i]! * samples[b + i]!;
  return sum;
}

function hasOvertones(block: Uint8Array, from: number, hz: number): boolean {
  let steps = 0;
  let sum = 0;
  for (let i = from + 1; i < from + FRAME * DECIMATION; i++) {
    const sample = mulawToLinear(block[i]!);
    steps += Math.abs(sample - mulawToLinear(block[i - 1]!));
    sum += Math.abs(sample);
  }
  return sum > 0 && steps / sum > LEAST_OVERTONES * 2 * Math.sin((Math.PI * hz) / 8000);
}
