import { mulawToLinear } from '../../../audio/g711.js';

/** As much as is judged at a time: 400 ms if it is µ-law. */
const WINDOW_BYTES = 3200;
/**
 * Farther from zero than half a period too many of a full-scale 20 Hz tone takes the mean of a window (1 280). A telephone
 * line carries no direct current, so the mean of real speech is nearly 0.
 */
const LEAST_OFFSET = 1500;
/** Share of the bytes 0x70 to 0x8F, which 16-bit samples have as their upper half only where they exceed ±28 671. */
const LEAST_MIDDLE_SHARE = 0.02;

/** Zeros beyond so many in a row are counted no more: silence of either kind says nothing about what is spoken. */
const COUNTED_ZEROS = 32;

/** `undecided` until a window is full. */
export type LinearVerdict = 'undecided' | 'linear' | 'not-linear';

/** Looks for 16-bit samples among the agent's bytes. `hear` runs once per media message. */
export class LinearTest {
  readonly #counts = [new Float64Array(256), new Float64Array(256)] as const;
  #counted = 0;
  #zeros = 0;

  /** The verdict about the windows that this message has filled: linear when one of them is. */
  hear(audio: Uint8Array): LinearVerdict {
    let verdict: LinearVerdict = 'undecided';
    // Where a sample begins is known only from the beginning of the message it came in.
    for (let i = 0; i < audio.length; i++) {
      this.#zeros = audio[i] === 0 ? this.#zeros + 1 : 0;
      if (this.#zeros > COUNTED_ZEROS) continue;
      const counts = this.#counts[i & 1]!;
      counts[audio[i]!] = counts[audio[i]!]! + 1;
      if (++this.#counted < WINDOW_BYTES) continue;
      if (looksLinear(...this.#counts)) verdict = 'linear';
      else if (verdict === 'undecided') verdict = 'not-linear';
      this.#forget();
    }
    return verdict;
  }

  #forget(): void {
    this.#counts[0].fill(0);
    this.#counts[1].fill(0);
    this.#counted = 0;
  }
}

/**
 * The upper halves of 16-bit samples are small numbers of either sign, 0x00… and 0xFF…. Read as µ-law these are the
 * loudest negative and the quietest positive values: together an offset that no telephone line carries. The middle of
 * the range, 0x70 to 0x8F, which µ-law speech uses as often (quiet negative, loud positive), stays empty. Little-endian
 * samples have them at odd places, big-endian ones at even places.
 */
function looksLinear(even: Float64Array, odd: Float64Array): boolean {
  if (Math.abs(meanOf([even, odd])) < LEAST_OFFSET) return false;
  return [even, odd].some((lane) => meanOf([lane]) < -LEAST_OFFSET && middleShare(lane) < LEAST_MIDDLE_SHARE);
}

function meanOf(lanes: readonly Float64Array[]): number {
  let sum = 0;
  let count = 0;
  for (const lane of lanes) {
    for (let code = 0; code < 256; code++) {
      sum += lane[code]! * mulawToLinear(code);
      count += lane[code]!;
    }
  }
  return count === 0 ? 0 : sum / count;
}

function middleShare(lane: Float64Array): number {
  let middle = 0;
  let count = 0;
  for (let code = 0; code < 256; code++) {
    count += lane[code]!;
    if (code >= 0x70 && code < 0x90) middle += lane[code]!;
  }
  return count === 0 ? 0 : middle / count;
}
