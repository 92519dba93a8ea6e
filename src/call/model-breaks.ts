import type { ClosedCause } from '../model/model.js';
import type { Random } from '../random.js';
import type { LinkSettings } from './model-link-types.js';
import { backoffMs } from './model-opening.js';

/** What is tried after a session has broken off: an empty order is the end. */
export interface Reopening {
  readonly order: readonly number[];
  readonly afterMs: number;
}

/** Counts sessions that break off as soon as they are ready, so that nobody goes round in circles with them. */
export class ModelBreaks {
  readonly #settings: LinkSettings;
  readonly #models: number;
  readonly #random: Random;
  #soon = 0;

  constructor(settings: LinkSettings, models: number, random: Random) {
    this.#settings = settings;
    this.#models = models;
    this.#random = random;
  }

  /** The model at place `index` has been lost; `resumable`: it may be asked for the same conversation. */
  broke(index: number, cause: ClosedCause, lastedMs: number, resumable: boolean): Reopening {
    this.#soon = lastedMs < this.#settings.stableMs ? this.#soon + 1 : 0;
    return { order: this.#order(index, cause, resumable), afterMs: this.#pauseMs(cause) };
  }

  /** The same model first, unless asking it again is in vain; twice when the conversation may be refused. */
  #order(index: number, cause: ClosedCause, resumable: boolean): number[] {
    const { connectAttempts } = this.#settings;
    if (this.#soon >= connectAttempts * this.#models) return [];
    const others = Array.from({ length: this.#models }, (_, place) => place).filter((place) => place !== index);
    const isUnstable = this.#soon > 0 && this.#soon % connectAttempts === 0;
    if (cause === 'refused' || isUnstable) return others;
    return resumable ? [index, index, ...others] : [index, ...others];
  }

  #pauseMs(cause: ClosedCause): number {
    const failures = Math.max(this.#soon, cause === 'busy' ? 1 : 0);
    return failures > 0 ? backoffMs(this.#settings, failures, this.#random) : 0;
  }
}
