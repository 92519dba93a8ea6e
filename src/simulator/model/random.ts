import { seededRandom } from '../../random.js';

/** What the model draws from a seed, so that a run can be repeated. */
export class Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** An id as the API writes them: `item_` and 21 letters and digits. */
  id(prefix: string): string {
    let id = `${prefix}_`;
    for (let place = 0; place < 21; place++) id += LETTERS[this.integer(0, LETTERS.length - 1)];
    return id;
  }

  /** A seed for a stream of numbers of its own. */
  seed(): number {
    return Math.floor(this.next() * 4_294_967_296);
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
