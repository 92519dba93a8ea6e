const BYTES_PER_MS = 8;
/** Messages whose rate is taken together, and so many such groups in a row. */
const GROUP = 20;
const LEAST_GROUPS = 4;
const TOLERANCE = 0.08;
/** A timer sends every 10 to 60 ms; a longer wait is another answer. */
const LONGEST_GAP_MS = 80;

/**
 * Finds a sender that is paced by a timer, two or three times too fast for 8 kHz: what a server does that counts
 * milliseconds rightly and samples wrongly. One that sends as fast as it can is uneven, and is not found.
 */
export class PacingTest {
  #startMs = 0;
  #bytes = 0;
  #messages = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #factor = 0;
  #groups = 0;

  /** The factor, 2 or 3, while the audio is arriving so. */
  hear(bytes: number, atMs: number): 2 | 3 | undefined {
    if (atMs - this.#lastMs > LONGEST_GAP_MS) this.#restart(atMs, 0);
    this.#lastMs = atMs;
    this.#bytes += bytes;
    if (++this.#messages <= GROUP) return this.#verdict();
    // The last message of a group begins the next one: its own time is not over yet.
    const rate = (this.#bytes - bytes) / BYTES_PER_MS / (atMs - this.#startMs);
    const factor = [2, 3].find((whole) => Math.abs(rate / whole - 1) < TOLERANCE) ?? 0;
    const groups = factor !== 0 && factor === this.#factor ? this.#groups + 1 : Math.sign(factor);
    this.#restart(atMs, groups);
    this.#factor = factor;
    this.#bytes = bytes;
    this.#messages = 1;
    return this.#verdict();
  }

  #verdict(): 2 | 3 | undefined {
    if (this.#groups < LEAST_GROUPS) return undefined;
    return this.#factor === 2 ? 2 : 3;
  }

  #restart(atMs: number, groups: number): void {
    this.#startMs = atMs;
    this.#bytes = 0;
    this.#messages = 0;
    this.#groups = groups;
  }
}
