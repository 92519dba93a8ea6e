import { seededRandom } from '../../random.js';
import type { Clip } from '../../simulator/phone/script.js';

/**
 * The sounds of a calibration. Caller and agent are noise, loud from the first sample to the last, so that neither onset
 * nor end leaves a choice, and no stretch of it is like another, so that whatever happened to it can be told.
 */

/** The first sample of something the caller says has this code, and no other sample. */
export const SPEECH_BEGINS = 0x80;
/** The last one. */
export const SPEECH_ENDS = 0x00;
/** The first sample of a cough. */
export const COUGH_BEGINS = 0x01;

const SILENCE = 0xff;
const SAMPLES_PER_MS = 8;
const SIGN = 0x80;
/** Codes 0x30 to 0x3f and their negatives: 2 000 to 4 000, about -21 dBov. */
const LOUD = 0x30;
/** Of codes 0x70 to 0x7f: at most 20, about -69 dBov. */
const COMFORT = 0x7c;
/** Code 0x75 is 80, -52.2 dBov: enough for the sensitive onset rule, too little for the others. */
const SOFT = 0x75;

/** Noise of the agent; nobody says the same twice in a call. */
const POOL = noise(200_000, 7);

/** @param part which piece of the pool: another one is other noise */
export function agentNoise(part: number, ms: number): Uint8Array {
  const samples = Math.round(ms * SAMPLES_PER_MS);
  const from = (part * 1_607) % (POOL.length - samples);
  return POOL.subarray(from, from + samples);
}

/** What a line sounds like on which nobody speaks. */
export function comfortNoise(ms: number): Uint8Array {
  const random = seededRandom(3);
  return Uint8Array.from(
    { length: ms * SAMPLES_PER_MS },
    () => (COMFORT + Math.floor(random() * 4)) | signOf(random()),
  );
}

/** Louder than comfort noise and softer than speech. */
export function softNoise(ms: number): Uint8Array {
  return Uint8Array.from({ length: ms * SAMPLES_PER_MS }, (_, index) => SOFT | signOf(index % 2));
}

export function silence(ms: number): Uint8Array {
  return new Uint8Array(ms * SAMPLES_PER_MS).fill(SILENCE);
}

/** Silence, then speech whose first and last sample carry the two marks, then silence. */
export function speech(seed: number, startSample: number, samples: number): Clip {
  const audio = clipAudio(seed, startSample, samples);
  audio[startSample] = SPEECH_BEGINS;
  audio[startSample + samples - 1] = SPEECH_ENDS;
  return { name: 'speech', audio, speech: [{ startSample, endSample: startSample + samples }] };
}

/** A noise that is not meant for the agent. */
export function cough(seed: number, startSample: number, samples: number): Clip {
  const audio = clipAudio(seed, startSample, samples);
  audio[startSample] = COUGH_BEGINS;
  return { name: 'cough', audio, speech: [{ startSample, endSample: startSample + samples, sound: 'cough' }] };
}

function clipAudio(seed: number, startSample: number, samples: number): Uint8Array {
  const audio = new Uint8Array(startSample + samples + 80).fill(SILENCE);
  audio.set(noise(samples, seed), startSample);
  return audio;
}

function noise(samples: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: samples }, () => LOUD + Math.floor(random() * 16) + signOf(random()));
}

function signOf(number: number): number {
  return number < 0.5 ? 0 : SIGN;
}
