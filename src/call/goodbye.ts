import type { Clock } from '../clock.js';

/**
 * How the wait for the end of the agent's last words ended. `played`: the carrier's marks say so. `unconfirmed`: by the
 * clock all was played, but the carrier did not say so in time. `interrupted`: the caller, a key or an operator cut it
 * short; the floor is theirs, and whoever wanted to hang up is to think again.
 */
export type GoodbyeOutcome = 'played' | 'unconfirmed' | 'interrupted';

/** What is known of the agent's voice; asked anew each time. */
export interface PlayingVoice {
  /** Everything that was sent was played to its last sample, as the carrier's marks say, and nothing is kept back. */
  readonly playedOut: boolean;
  /** Milliseconds until it will have been, as the clock says. */
  readonly unheardMs: number;
}

export interface GoodbyeOptions {
  readonly clock: Clock;
  readonly voice: PlayingVoice;
  /** How long after the clock says that all was played the last mark is waited for. */
  readonly graceMs: number;
  /** Called once, never inside the constructor. */
  readonly onEnd: (outcome: GoodbyeOutcome) => void;
}

/**
 * Waits until the agent's last words have been played, before a call is ended or handed over. More may be said while it
 * waits. A carrier that never sends marks back cannot hold the call: the clock sets a limit, and moves it only as far as
 * there is audio.
 */
export class Goodbye {
  readonly #options: GoodbyeOptions;
  #cancelTimer: () => void;
  #over = false;

  constructor(options: GoodbyeOptions) {
    const { clock } = options;
    this.#options = options;
    this.#cancelTimer = clock.at(clock.now(), () => {
      this.check();
      if (!this.#over) this.#arm();
    });
  }

  /** A mark came back. */
  check(): void {
    if (this.#options.voice.playedOut) this.#end('played');
  }

  interrupted(): void {
    this.#end('interrupted');
  }

  /** It no longer matters; `onEnd` is not called. */
  cancel(): void {
    this.#over = true;
    this.#cancelTimer();
  }

  #arm(): void {
    const { clock, voice, graceMs } = this.#options;
    this.#cancelTimer = clock.at(clock.now() + voice.unheardMs + graceMs, () => {
      // Said meanwhile: it gets its time, too.
      if (voice.unheardMs > 0) this.#arm();
      else this.#end(voice.playedOut ? 'played' : 'unconfirmed');
    });
  }

  #end(outcome: GoodbyeOutcome): void {
    if (this.#over) return;
    this.cancel();
    this.#options.onEnd(outcome);
  }
}
