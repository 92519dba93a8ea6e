import type { Clock } from '../clock.js';
import { FILLER_TONE_MS, fillerTonePayload } from './filler-tone.js';
import type { Filler } from './tools/tool.js';

export interface FillerPlayerOptions {
  readonly clock: Clock;
  /** Has the model say a line, as soon as it can; the returned function takes it back until then. */
  readonly sayLine: (line: string) => () => void;
  /** Plays audio of our own; `text` is what is said in it. */
  readonly play: (payload: string, text: string) => void;
  /** A tool is running, and neither side speaks. */
  readonly isSilent: () => boolean;
  readonly isRunning: () => boolean;
}

/**
 * Keeps the caller company while a tool takes its time, when nobody speaks: a line is said once, the tone goes on until the
 * answer comes.
 */
export class FillerPlayer {
  readonly #options: FillerPlayerOptions;
  #cancel: () => void = () => {};

  constructor(options: FillerPlayerOptions) {
    this.#options = options;
  }

  start({ play }: Filler): void {
    this.#cancel();
    if (play === 'tone') this.#whenSilent(() => this.#tone());
    else if ('say' in play) this.#cancel = this.#options.sayLine(play.say);
    else this.#whenSilent(() => this.#options.play(play.payload, play.text));
  }

  stop(): void {
    this.#cancel();
  }

  #tone(): void {
    this.#options.play(fillerTonePayload(), '');
    this.#later(FILLER_TONE_MS, () => this.#whenSilent(() => this.#tone()));
  }

  #whenSilent(act: () => void): void {
    const { isRunning, isSilent } = this.#options;
    if (!isRunning()) return;
    if (isSilent()) act();
    else this.#later(LISTEN_AGAIN_MS, () => this.#whenSilent(act));
  }

  #later(afterMs: number, act: () => void): void {
    const { clock } = this.#options;
    this.#cancel = clock.at(clock.now() + afterMs, act);
  }
}

/** Somebody speaks: so long after that it is looked again. */
const LISTEN_AGAIN_MS = 100;
