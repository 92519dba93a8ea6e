const BYTES_PER_MS = 8;
/** The rate is looked at every so many messages … */
const STEP = 25;
/** … and must have been the same at so many steps in a row, all counted from the first message. */
const LEAST_STEPS = 3;
/** So far may it be off in the end; on the way a busy machine may bunch what a timer sent. */
const TOLERANCE = 0.06;
const TOLERANCE_ON_THE_WAY = 0.15;
/** A timer sends every 10 to 60 ms; a much longer wait is another answer. */
const LONGEST_GAP_MS = 250;

/**
 * Finds a sender that is paced by a timer, two or three times too fast for 8 kHz: what a server does that counts
 * milliseconds rightly and samples wrongly. One that sends as fast as it can is faster, or uneven, and is not found.
 */
export class PacingTest {
  #startMs = 0;
  #bytes = 0;
  #messages = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #rates: number[] = [];

  /** The factor, 2 or 3, once the audio arrives so. */
  hear(bytes: number, atMs: number): 2 | 3 | undefined {
    if (atMs - this.#lastMs > LONGEST_GAP_MS) this.#restart(atMs);
    this.#lastMs = atMs;
    // The time of the last message is not over yet: its bytes count with the next.
    const rate = this.#bytes / BYTES_PER_MS / (atMs - this.#startMs);
    this.#bytes += bytes;
    if (++this.#messages % STEP !== 0) return undefined;
    this.#rates.push(rate);
    if (this.#rates.length < LEAST_STEPS) return undefined;
    const fits = (factor: number, index: number): boolean => {
      const last = index === LEAST_STEPS - 1;
      return Math.abs(this.#rates.at(index - LEAST_STEPS)! / factor - 1) < (last ? TOLERANCE : TOLERANCE_ON_THE_WAY);
    };
    const steps = [...Array(LEAST_STEPS).keys()];
    return ([2, 3] as const).find((factor) => steps.every((index) => fits(factor, index)));
  }

  #restart(atMs: number): void {
    this.#startMs = atMs;
    this.#bytes = 0;
    this.#messages = 0;
    this.#rates = [];
  }
}
