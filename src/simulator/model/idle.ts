import type { Clock } from '../../clock.js';

/** `idle_timeout_ms`: fires once when nothing cancels it in time. */
export class IdleTimeout {
  readonly #clock: Clock;
  readonly #act: () => void;
  #cancel: () => void = () => {};
  #quietSinceMs = 0;

  constructor(clock: Clock, act: () => void) {
    this.#clock = clock;
    this.#act = act;
  }

  /** Place in the appended audio from which on the caller was to speak. */
  get quietSinceMs(): number {
    return this.#quietSinceMs;
  }

  start(afterMs: number, quietSinceMs: number): void {
    this.cancel();
    this.#quietSinceMs = quietSinceMs;
    this.#cancel = this.#clock.at(this.#clock.now() + afterMs, this.#act);
  }

  cancel(): void {
    this.#cancel();
    this.#cancel = () => {};
  }
}
