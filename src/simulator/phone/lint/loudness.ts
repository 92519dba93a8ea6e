import { SILENCE_DBOV } from '../../../audio/level.js';
import type { AudioRule } from './rules.js';

/** Codes of the loudest samples of either sign. */
const LOUDEST = [0x00, 0x80];
/** So many of them in a row are a peak that was cut off, not one that just reached the top. */
const CUT_SAMPLES = 3;
const MOST_CUT_SHARE = 0.01;
/** Blocks of half a second before anything is said. */
const LEAST_BLOCKS = 4;
const TOO_LOUD_DBOV = -10;
const TOO_QUIET_DBOV = -38;
/** Quieter than this is no speech: see `audio/only-silence`. */
const SPEECH_DBOV = -60;

/** The level of the agent's speech. Told of blocks, with their level. */
export class Loudness {
  #blocks = 0;
  #samples = 0;
  #cut = 0;
  #power = 0;
  #loudest = SILENCE_DBOV;

  /** The rule that is broken, as soon as that is sure. */
  hear(block: Uint8Array, dbov: number): { rule: AudioRule; message: string } | undefined {
    if (dbov < SPEECH_DBOV) return undefined;
    this.#blocks++;
    this.#samples += block.length;
    this.#cut += cutSamples(block);
    this.#power += 10 ** (dbov / 10);
    this.#loudest = Math.max(this.#loudest, dbov);
    if (this.#blocks < LEAST_BLOCKS) return undefined;
    const share = this.#cut / this.#samples;
    if (share > MOST_CUT_SHARE) {
      return { rule: 'media/clipping', message: `${(100 * share).toFixed(1)} % of the samples are clipped` };
    }
    const level = 10 * Math.log10(this.#power / this.#blocks);
    if (this.#blocks < 1.5 * LEAST_BLOCKS || level < TOO_LOUD_DBOV) return undefined;
    return { rule: 'media/too-loud', message: `the speech is at ${level.toFixed(0)} dBov` };
  }

  /** What only the whole call can show: it never became louder. */
  end(): { rule: AudioRule; message: string } | undefined {
    if (this.#blocks < LEAST_BLOCKS || this.#loudest > TOO_QUIET_DBOV) return undefined;
    const message = `the loudest half second of the call is at ${this.#loudest.toFixed(0)} dBov`;
    return { rule: 'media/too-quiet', message };
  }
}

function cutSamples(block: Uint8Array): number {
  let cut = 0;
  let run = 0;
  let before = -1;
  for (const code of block) {
    run = code === before ? run + 1 : 1;
    before = code;
    if (!LOUDEST.includes(code)) continue;
    if (run === CUT_SAMPLES) cut += CUT_SAMPLES;
    else if (run > CUT_SAMPLES) cut++;
  }
  return cut;
}
