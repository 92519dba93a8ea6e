import type { GoodbyeOutcome } from './goodbye.js';

export interface EndingOptions {
  /** A response is being made, or was asked for. */
  readonly isBusy: () => boolean;
  /** Tells when everything sent has been played; see `AgentAudio.whenPlayed`. */
  readonly whenPlayed: (onEnd: (outcome: GoodbyeOutcome) => void) => () => void;
}

/**
 * What is to be done when the agent has said its last words: hang up, or hand the call over. It waits for the response
 * that is being made, and then for the carrier to have played it.
 *
 * ```
 * none ──begin──▶ response being made ──done──▶ being played ──played──▶ act
 *                        └──────────── the caller speaks ────────┴─────▶ given up: the floor is theirs
 * ```
 */
export class Ending {
  readonly #options: EndingOptions;
  #pending: { act: () => void; givenUp: () => void; cancel?: () => void } | undefined;

  constructor(options: EndingOptions) {
    this.#options = options;
  }

  get pending(): boolean {
    return this.#pending !== undefined;
  }

  /** One ending at a time: a second takes the place of the first. */
  begin(act: () => void, givenUp: () => void = () => {}): void {
    this.interrupted();
    this.#pending = { act, givenUp };
    this.responseDone();
  }

  /** No response is being made any more. */
  responseDone(): void {
    const pending = this.#pending;
    if (!pending || pending.cancel || this.#options.isBusy()) return;
    pending.cancel = this.#options.whenPlayed((outcome) => {
      if (this.#pending !== pending) return;
      if (outcome === 'interrupted') return this.interrupted();
      this.#pending = undefined;
      pending.act();
    });
  }

  /** The call is over. */
  stop(): void {
    this.#pending?.cancel?.();
    this.#pending = undefined;
  }

  /** The caller has spoken over it. */
  interrupted(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.cancel?.();
    pending?.givenUp();
  }
}
