/**
 * Where speech begins and ends in recorded audio, found offline and to the sample: the truth all times are taken from.
 * Never a run-time detector, never moved by a constant. Any rate; levels are root mean square in dBov as in audio/level.
 *
 * A sample is an onset when it is the first one of which all of this is true, the level being that of the rule:
 * 1. it reaches the level itself (what makes the answer exact);
 * 2. so does the millisecond that begins with it (one stray sample of noise does not);
 * 3. so does every 5 ms of the rule's hold that begins with it (a click, however loud, is over too soon: a sound has to
 *    reach into the last 5 ms of the hold).
 * An offset is the same read backwards: the last sample of a run of speech, before a pause.
 *
 * These are the three onset rules the measures print: the headline, and two more whose spread is the uncertainty.
 */
export const VOICE_RULES = {
  headline: { overFloorDb: 10, leastDbov: -50, holdMs: 20 },
  sensitive: { overFloorDb: 6, leastDbov: -55, holdMs: 10 },
  strict: { overFloorDb: 12, leastDbov: -45, holdMs: 30 },
} as const;

export type VoiceRule = keyof typeof VOICE_RULES;

/** Samples `startSample` up to but not including `endSample`. */
export interface SpeechSegment {
  readonly startSample: number;
  readonly endSample: number;
}

export interface VoiceOptions {
  /** Nothing before this sample is an answer; default 0. */
  readonly fromSample?: number;
  /** Nothing from this sample on is looked at; default the end. */
  readonly toSample?: number;
  /** Default headline. */
  readonly rule?: VoiceRule;
  /** Level of the background; default what `noiseFloorDbov` finds in all of `samples`. */
  readonly noiseFloorDbov?: number;
}

export interface PauseOptions extends VoiceOptions {
  /** Silence shorter than this is part of the speech around it; default 300. */
  readonly pauseMs?: number;
}

const DEFAULT_PAUSE_MS = 300;
const BLOCK_MS = 5;
const EDGE_MS = 1;
const FLOOR_BLOCK_MS = 20;
const FLOOR_SHARE = 0.1;
const LOUDEST_FLOOR_DBOV = -40;
const FULL_SCALE = 32_768;
const SILENCE_DBOV = -127;

/**
 * First sample of sound at or after `fromSample`; `undefined` when there is none. Where sound is already going on at
 * `fromSample`, that is the answer: choose it in silence.
 */
export function findOnset(samples: Int16Array, rate: number, options: VoiceOptions = {}): number | undefined {
  return onsetIn(new Ear(samples, rate, options), options.fromSample ?? 0);
}

/**
 * Last sample of the speech that is going on at `fromSample`, or begins within a pause's length of it: the last sample
 * above the rule's level before a pause of at least `pauseMs`. `undefined` when nobody speaks there. When the audio, or
 * `toSample`, ends sooner than the speech, the answer is the last audible sample before that end.
 */
export function findOffset(samples: Int16Array, rate: number, options: PauseOptions = {}): number | undefined {
  return offsetIn(new Ear(samples, rate, options), options.fromSample ?? 0, pauseSamples(rate, options));
}

/** Every stretch of speech, in order, pauses shorter than `pauseMs` included. */
export function findSpeech(samples: Int16Array, rate: number, options: PauseOptions = {}): SpeechSegment[] {
  const ear = new Ear(samples, rate, options);
  const pause = pauseSamples(rate, options);
  const segments: SpeechSegment[] = [];
  let from = options.fromSample ?? 0;
  for (;;) {
    const startSample = onsetIn(ear, from);
    if (startSample === undefined) return segments;
    // An onset's own hold is speech, even when nothing that follows passes for an offset.
    const last = Math.max(offsetIn(ear, startSample, pause) ?? 0, startSample + ear.hold - 1);
    segments.push({ startSample, endSample: last + 1 });
    from = last + 1;
  }
}

/**
 * Level of the background: a tenth of all 20 ms blocks are quieter. -127 for digital silence and for less than a block.
 * At most -40: a recording that is speech from end to end has no quieter place to learn its background from. For one
 * whose background really is louder, pass a `noiseFloorDbov`.
 */
export function noiseFloorDbov(samples: Int16Array, rate: number): number {
  const block = toSamples(FLOOR_BLOCK_MS, rate);
  const energies = new Float64Array(Math.floor(samples.length / block));
  for (let b = 0; b < energies.length; b++) {
    let sum = 0;
    for (let i = b * block; i < (b + 1) * block; i++) sum += samples[i]! ** 2;
    energies[b] = sum;
  }
  const energy = energies.sort()[Math.floor(energies.length * FLOOR_SHARE)];
  if (!energy) return SILENCE_DBOV;
  const dbov = 10 * Math.log10(energy / block / FULL_SCALE ** 2);
  return Math.min(Math.max(dbov, SILENCE_DBOV), LOUDEST_FLOOR_DBOV);
}

function onsetIn(ear: Ear, from: number): number | undefined {
  for (let at = from; at < ear.to; at++) if (ear.beginsAt(at)) return at;
  return undefined;
}

function offsetIn(ear: Ear, from: number, pause: number): number | undefined {
  let last: number | undefined;
  const quietSince = () => last ?? from - 1;
  for (let at = from; at < ear.to && at - quietSince() <= pause; at++) if (ear.endsAt(at)) last = at;
  return last;
}

/** Answers, about one place in the audio, whether the rule holds there. */
class Ear {
  readonly to: number;
  /** Length of the rule's hold in samples, a whole number of blocks. */
  readonly hold: number;
  readonly #samples: Int16Array;
  /** Energy of all samples before each place, so that any stretch costs one subtraction. */
  readonly #energyBefore: Float64Array;
  readonly #amplitude: number;
  readonly #block: number;
  readonly #edge: number;

  constructor(samples: Int16Array, rate: number, options: VoiceOptions) {
    const rule = VOICE_RULES[options.rule ?? 'headline'];
    const floor = options.noiseFloorDbov ?? noiseFloorDbov(samples, rate);
    this.#amplitude = FULL_SCALE * 10 ** (Math.max(floor + rule.overFloorDb, rule.leastDbov) / 20);
    this.#block = toSamples(BLOCK_MS, rate);
    this.#edge = toSamples(EDGE_MS, rate);
    this.hold = this.#block * (rule.holdMs / BLOCK_MS);
    this.to = Math.min(options.toSample ?? samples.length, samples.length);
    this.#samples = samples;
    this.#energyBefore = new Float64Array(this.to + 1);
    for (let i = 0; i < this.to; i++) this.#energyBefore[i + 1] = this.#energyBefore[i]! + samples[i]! ** 2;
  }

  beginsAt(at: number): boolean {
    if (!this.#reaches(at) || !this.#loud(at, at + this.#edge)) return false;
    for (let start = at; start < at + this.hold; start += this.#block)
      if (!this.#loud(start, start + this.#block)) return false;
    return true;
  }

  endsAt(at: number): boolean {
    if (!this.#reaches(at) || !this.#loud(at + 1 - this.#edge, at + 1)) return false;
    for (let end = at + 1; end > at + 1 - this.hold; end -= this.#block)
      if (!this.#loud(end - this.#block, end)) return false;
    return true;
  }

  #reaches(at: number): boolean {
    return Math.abs(this.#samples[at]!) >= this.#amplitude;
  }

  /** What lies outside the audio is not loud. */
  #loud(start: number, end: number): boolean {
    if (start < 0 || end > this.to) return false;
    return this.#energyBefore[end]! - this.#energyBefore[start]! >= (end - start) * this.#amplitude ** 2;
  }
}

function pauseSamples(rate: number, options: PauseOptions): number {
  return toSamples(options.pauseMs ?? DEFAULT_PAUSE_MS, rate);
}

function toSamples(ms: number, rate: number): number {
  return Math.round((ms * rate) / 1000);
}
