import { dbovToRms } from '../../audio/level.js';
import { type Random, seededRandom } from '../../random.js';

/** Short sounds of a caller who listens, made by arithmetic: no file, no licence, the same on every machine. */
export const BUILT_IN_SOUNDS = { backchannel: ['mm-hm', 'uh-huh', 'mm'], cough: ['cough'] } as const;

export type BuiltInSound = (typeof BUILT_IN_SOUNDS)['backchannel' | 'cough'][number];

const RATE = 8000;
const BACKCHANNEL_DBOV = -24;
const COUGH_DBOV = -22;

/** One stretch of a voice: a source, coloured by resonances, with soft edges. */
export interface Syllable {
  readonly ms: number;
  /** Pitch at its beginning and its end; noise when left out. */
  readonly hz?: readonly [from: number, to: number];
  /** Where the throat resonates, strongest first. */
  readonly formants: readonly number[];
  /** How fast it begins and ends. */
  readonly attackMs: number;
  readonly releaseMs: number;
  /** Relative to the other syllables of the sound. */
  readonly gain?: number;
}

type Part = Syllable | { readonly pauseMs: number };

const NASAL = [240, 1050];
const OPEN = [620, 1250, 2500];
const THROAT = [950, 1700, 2900];

const SOUNDS: Readonly<Record<BuiltInSound, readonly Part[]>> = {
  'mm-hm': [
    { ms: 190, hz: [118, 108], formants: NASAL, attackMs: 35, releaseMs: 50 },
    { pauseMs: 35 },
    { ms: 270, hz: [116, 148], formants: NASAL, attackMs: 40, releaseMs: 90 },
  ],
  'uh-huh': [
    { ms: 150, hz: [112, 106], formants: OPEN, attackMs: 20, releaseMs: 45 },
    { ms: 70, formants: OPEN, attackMs: 25, releaseMs: 25, gain: 0.15 },
    { ms: 250, hz: [118, 150], formants: OPEN, attackMs: 25, releaseMs: 110 },
  ],
  mm: [{ ms: 380, hz: [124, 98], formants: NASAL, attackMs: 50, releaseMs: 150 }],
  cough: [
    { ms: 60, formants: THROAT, attackMs: 3, releaseMs: 40 },
    { ms: 150, formants: THROAT, attackMs: 10, releaseMs: 130, gain: 0.45 },
    { pauseMs: 110 },
    { ms: 50, formants: THROAT, attackMs: 3, releaseMs: 35, gain: 0.9 },
    { ms: 170, formants: THROAT, attackMs: 10, releaseMs: 150, gain: 0.35 },
  ],
};

/** Linear samples at 8 kHz; they begin and end with the sound. */
export function builtInSound(name: BuiltInSound): Int16Array {
  const random = seededRandom(1);
  const parts = SOUNDS[name].map((part) =>
    'pauseMs' in part ? new Float64Array(part.pauseMs * 8) : syllable(part, random),
  );
  return atLevel(joined(parts), name === 'cough' ? COUGH_DBOV : BACKCHANNEL_DBOV);
}

/** A syllable of peak 1 times its gain. */
export function syllable({ ms, hz, formants, attackMs, releaseMs, gain = 1 }: Syllable, random: Random): Float64Array {
  const source = new Float64Array(Math.round((ms * RATE) / 1000));
  let phase = 0;
  for (let i = 0; i < source.length; i++) {
    if (!hz) source[i] = 2 * random() - 1;
    else {
      phase += (hz[0] + ((hz[1] - hz[0]) * i) / source.length) / RATE;
      // One push of the vocal folds per period.
      if (phase >= 1) source[i] = 1;
      phase %= 1;
    }
  }
  const voiced = new Float64Array(source.length);
  for (const [index, each] of formants.entries()) resonate(source, each, hz ? 90 : 300, 1 / (index + 1), voiced);
  let peak = 1e-9;
  for (let i = 0; i < voiced.length; i++) peak = Math.max(peak, Math.abs(voiced[i]!));
  for (let i = 0; i < voiced.length; i++) voiced[i]! *= (gain / peak) * edge(i, voiced.length, attackMs, releaseMs);
  return voiced;
}

/** As 16-bit samples whose root mean square level is `dbov`; what is louder than full scale is clipped. */
export function atLevel(samples: Float64Array | Int16Array, dbov: number): Int16Array {
  let sum = 0;
  for (const each of samples) sum += each * each;
  const scale = sum === 0 ? 0 : dbovToRms(dbov) / Math.sqrt(sum / samples.length);
  return Int16Array.from(samples, (each) => Math.max(-32_768, Math.min(32_767, Math.round(each * scale))));
}

export function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Two poles: rings at `hz`, `widthHz` wide. Adds to `onto`. */
function resonate(source: Float64Array, hz: number, widthHz: number, gain: number, onto: Float64Array): void {
  const radius = Math.exp((-Math.PI * widthHz) / RATE);
  const a = 2 * radius * Math.cos((2 * Math.PI * hz) / RATE);
  const b = -radius * radius;
  let before = 0;
  let last = 0;
  for (let i = 0; i < source.length; i++) {
    const now = gain * (1 - radius) * source[i]! + a * last + b * before;
    onto[i]! += now;
    before = last;
    last = now;
  }
}

/** 0 … 1: a raised cosine at both ends. */
function edge(i: number, length: number, attackMs: number, releaseMs: number): number {
  const rise = Math.min(1, i / ((attackMs * RATE) / 1000));
  const fall = Math.min(1, (length - 1 - i) / ((releaseMs * RATE) / 1000));
  if (rise === 1 && fall === 1) return 1;
  return ((1 - Math.cos(Math.PI * rise)) / 2) * ((1 - Math.cos(Math.PI * fall)) / 2);
}
