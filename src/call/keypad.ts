import type { Clock } from '../clock.js';

/**
 * Gathers digits that are pressed one after the other into one entry: a caller who types 1 2 3 4 has said one thing.
 * An entry ends after `pauseMs` without a digit, or at once on `#`.
 */
export class Keypad {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #onEntry: (digits: string) => void;
  #digits = '';
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, pauseMs: number, onEntry: (digits: string) => void) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#onEntry = onEntry;
  }

  press(digit: string): void {
    this.#cancel?.();
    this.#digits += digit;
    if (digit === '#') this.#finish();
    else this.#cancel = this.#clock.at(this.#clock.now() + this.#pauseMs, () => this.#finish());
  }

  stop(): void {
    this.#cancel?.();
    this.#digits = '';
  }

  #finish(): void {
    const digits = this.#digits;
    this.#digits = '';
    this.#onEntry(digits);
  }
}
