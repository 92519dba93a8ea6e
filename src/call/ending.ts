import type { GoodbyeOutcome } from './goodbye.js';

export interface EndingOptions {
  /** A response is being made, or was asked for, or the caller speaks. */
  readonly isBusy: () => boolean;
  /** Tells when everything sent has been played; see `AgentAudio.whenPlayed`. */
  readonly whenPlayed: (onEnd: (outcome: GoodbyeOutcome) => void) => () => void;
}

/** `interrupted`: the floor is the caller's, or another ending's. `over`: the call ended before. */
export type GivenUp = 'interrupted' | 'over';

/**
 * What is to be done when the agent has said its last words: hang up, or hand the call over. It waits for the response
 * that is being made, and then for the carrier to have played it.
 *
 * ```
 * none ──begin──▶ somebody busy ──nobody──▶ being played ──played──▶ act
 *                      │  ▲───────played, but somebody is busy┘
 *                      └──────────── interrupted ─────────┴─────▶ given up: the floor is the caller's
 * ```
 */
export class Ending {
  readonly #options: EndingOptions;
  #pending: { act: () => void; givenUp: (why: GivenUp) => void; cancel?: (() => void) | undefined } | undefined;

  constructor(options: EndingOptions) {
    this.#options = options;
  }

  get pending(): boolean {
    return this.#pending !== undefined;
  }

  /** One ending at a time: a second takes the place of the first. */
  begin(act: () => void, givenUp: (why: GivenUp) => void = () => {}): void {
    this.interrupted();
    this.#pending = { act, givenUp };
    this.proceed();
  }

  /** Something has changed: perhaps nobody is busy any more. */
  proceed(): void {
    const pending = this.#pending;
    if (!pending || pending.cancel || this.#options.isBusy()) return;
    pending.cancel = this.#options.whenPlayed((outcome) => {
      if (this.#pending !== pending) return;
      if (outcome === 'interrupted') return this.interrupted();
      pending.cancel = undefined;
      if (this.#options.isBusy()) return;
      this.#pending = undefined;
      pending.act();
    });
  }

  /** The call is over. */
  stop(): void {
    this.#giveUp('over');
  }

  /** The agent was stopped, or the caller has said something that is to be answered. */
  interrupted(): void {
    this.#giveUp('interrupted');
  }

  #giveUp(why: GivenUp): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.cancel?.();
    pending?.givenUp(why);
  }
}
