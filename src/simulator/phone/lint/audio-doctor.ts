import { mulawToLinear } from '../../../audio/g711.js';
import { levelOfMulaw } from '../../../audio/level.js';
import type { Complain } from '../lint.js';
import { FrameChain, startsCompressed, startsLikeAFile } from './containers.js';
import { testLaw } from './law.js';
import { LinearTest } from './linear.js';
import { Loudness } from './loudness.js';
import { PacingTest } from './pacing.js';
import { pitches } from './pitch.js';
import type { AudioRule } from './rules.js';
import { AUDIBLE_DBOV } from './situation.js';

/** Half a second: what is listened to at a time. */
const BLOCK_BYTES = 4000;
/** Of one message, so much is listened to: 20 s. A server that sends ten megabytes at once must not stop the phone. */
const MOST_BYTES = 160_000;
/** Of so many audible blocks nearly all must agree before the codec is doubted … */
const LEAST_SUSPECT = 3;
const SUSPECT_SHARE = 0.75;
/**
 * … and after so many healthy ones, 20 s of speech, nobody doubts it any more. All of it costs 2 ms for a second of
 * speech (the pitch is most of it), what is left afterwards 0.15 ms: hundreds of phones share one process.
 */
const ENOUGH_BLOCKS = 40;
/** A block whose mean is more than half of its level is an offset, not a sound. */
const MOST_OFFSET = 0.5;
/** Zeros that are a silence: 20 ms of full negative deflection are no sound of a voice. */
const ZERO_RUN = 160;
/** Voiced stretches of 40 ms before the pitch is believed; the deepest speakers stay above 70 Hz in the median. */
const LEAST_VOICED = 40;
const IMPOSSIBLE_HZ = 62;
/** Possible for a man, and so only together with a sender whose clock runs two or three times too fast. */
const SUSPICIOUS_HZ = 100;

/**
 * Listens to the agent's audio for what Twilio would play as noise. One for each call. Each thing is said once, and one
 * illness explains all its symptoms: what has been found to be linear is not said to be too loud as well.
 */
export class AudioDoctor {
  readonly #complain: Complain;
  readonly #said = new Set<AudioRule>();
  readonly #chain = new FrameChain();
  readonly #linear = new LinearTest();
  readonly #pacing = new PacingTest();
  readonly #loudness = new Loudness();
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #filled = 0;
  #audible = 0;
  #alaw = 0;
  #swapped = 0;
  #pitches: number[] = [];
  #factor: 2 | 3 | undefined;
  #zeroRun = 0;
  #zerosSeen = false;
  /** The illness has been found. */
  #diagnosed = false;

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  /** Called once per media message. */
  hear(message: Uint8Array, atMs: number): void {
    if (this.#diagnosed) return;
    const audio = message.subarray(0, MOST_BYTES);
    if (startsLikeAFile(audio)) this.#say('media/wav-header');
    if (startsCompressed(audio) || this.#chain.hear(audio)) return this.#diagnose('media/compressed');
    const trusted = this.#audible >= ENOUGH_BLOCKS;
    const verdict = trusted ? 'not-linear' : this.#linear.hear(audio);
    if (verdict === 'linear') return this.#diagnose('media/linear-pcm');
    if (!this.#said.has('media/wav-header')) this.#listenForZeros(audio);
    // Linear silence is zeros too: only what follows tells.
    if (this.#zerosSeen && verdict === 'not-linear') this.#say('media/zero-silence');
    this.#factor = this.#pacing.hear(message.length, atMs) ?? this.#factor;
    for (let done = 0; done < audio.length; ) {
      const part = audio.subarray(done, done + BLOCK_BYTES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      done += part.length;
      if (this.#filled === BLOCK_BYTES) this.#examine();
    }
  }

  /** What is wrong has been found elsewhere. */
  dismiss(): void {
    this.#diagnosed = true;
  }

  /** The call is over. */
  end(): void {
    if (this.#diagnosed) return;
    if (this.#zerosSeen) return this.#say('media/zero-silence');
    const verdict = this.#loudness.end();
    if (verdict) this.#say(verdict.rule, verdict.message);
  }

  #examine(): void {
    this.#filled = 0;
    const block = this.#block;
    const dbov = levelOfMulaw(block);
    if (this.#diagnosed || isOffset(block, dbov)) return;
    if (!this.#zerosSeen) {
      const verdict = this.#loudness.hear(block, dbov);
      if (verdict) this.#say(verdict.rule, verdict.message);
    }
    if (dbov < AUDIBLE_DBOV || this.#audible >= ENOUGH_BLOCKS) return;
    this.#audible++;
    this.#doubtTheLaw(block);
    if (!this.#diagnosed) this.#doubtTheRate(block);
  }

  #doubtTheLaw(block: Uint8Array): void {
    const { alaw, swapped } = testLaw(block);
    if (alaw) this.#alaw++;
    if (swapped) this.#swapped++;
    const isSure = (count: number): boolean => count >= LEAST_SUSPECT && count >= SUSPECT_SHARE * this.#audible;
    if (isSure(this.#alaw)) this.#diagnose('media/alaw');
    else if (isSure(this.#swapped)) this.#diagnose('media/byte-swap');
  }

  #doubtTheRate(block: Uint8Array): void {
    this.#pitches.push(...pitches(block));
    if (this.#pitches.length < LEAST_VOICED) return;
    const hz = [...this.#pitches].sort((a, b) => a - b)[this.#pitches.length >> 1]!;
    const shown = `the voice has a pitch of ${Math.round(hz)} Hz`;
    if (this.#factor !== undefined && hz < SUSPICIOUS_HZ) {
      const arrives = `the audio arrives ${this.#factor} times as fast as 8 kHz would`;
      return this.#diagnose('media/wrong-rate', `${arrives}, and ${shown}`);
    }
    if (hz < IMPOSSIBLE_HZ) this.#diagnose('media/wrong-rate', `${shown}, which nobody's voice has`);
  }

  #listenForZeros(audio: Uint8Array): void {
    // Most audio has no zero at all, and that is found out fast.
    if (audio.indexOf(0) < 0) {
      this.#zeroRun = 0;
      return;
    }
    for (const byte of audio) {
      this.#zeroRun = byte === 0 ? this.#zeroRun + 1 : 0;
      if (this.#zeroRun >= ZERO_RUN) this.#zerosSeen = true;
    }
  }

  #diagnose(rule: AudioRule, message?: string): void {
    this.#say(rule, message);
    this.#diagnosed = true;
  }

  #say(rule: AudioRule, message?: string): void {
    if (this.#said.has(rule)) return;
    this.#said.add(rule);
    this.#complain(rule, message);
  }
}

/** Silence of another law, or a line with direct current on it: there is nothing to judge in it. */
function isOffset(block: Uint8Array, dbov: number): boolean {
  let sum = 0;
  for (const code of block) sum += mulawToLinear(code);
  return Math.abs(sum / block.length) > MOST_OFFSET * 32_768 * 10 ** (dbov / 20);
}
