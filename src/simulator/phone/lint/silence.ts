import type { PhoneEvent } from '../events.js';
import type { Complain } from '../lint.js';
import type { Situation } from './situation.js';

/** Whoever waits for so long after a question believes the line is dead. */
const PATIENCE_MS = 8_000;

/** A server that never says anything, although it was spoken to. Needs the audio: without it nothing is known. */
export class SilenceJudge {
  readonly #complain: Complain;
  readonly #situation: Situation;
  #firstWordsMs: number | undefined;
  #done = false;

  constructor(complain: Complain, situation: Situation) {
    this.#complain = complain;
    this.#situation = situation;
  }

  event(event: PhoneEvent): void {
    if (event.type === 'caller-speech-end') this.#firstWordsMs ??= event.atMs;
    if (event.type === 'stop') this.tick(event.atMs);
  }

  tick(atMs: number): void {
    if (this.#done) return;
    const { audibleTo, receivedBytes } = this.#situation;
    if (audibleTo !== undefined) this.#done = true;
    if (this.#done || atMs - (this.#firstWordsMs ?? atMs) < PATIENCE_MS) return;
    this.#done = true;
    this.#complain(receivedBytes === 0 ? 'audio/never' : 'audio/only-silence');
  }
}
