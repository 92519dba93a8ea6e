import type { Clock } from '../clock.js';
import { FILLER_TONE_MS, fillerTonePayload } from './filler-tone.js';
import type { Filler } from './tools/tool.js';

export interface FillerPlayerOptions {
  readonly clock: Clock;
  /** Has the model say a line. */
  readonly sayLine: (line: string) => void;
  /** Plays audio of our own; `text` is what is said in it. */
  readonly play: (payload: string, text: string) => void;
  /** A tool is running, and neither side speaks. */
  readonly isSilent: () => boolean;
  readonly isRunning: () => boolean;
}

/** Keeps the caller company while a tool takes its time: a line is said once, the tone goes on until the answer comes. */
export class FillerPlayer {
  readonly #options: FillerPlayerOptions;
  #cancel: () => void = () => {};

  constructor(options: FillerPlayerOptions) {
    this.#options = options;
  }

  start({ play }: Filler): void {
    this.#cancel();
    if (play === 'tone') this.#tone();
    else if ('say' in play) this.#options.sayLine(play.say);
    else this.#options.play(play.payload, play.text);
  }

  stop(): void {
    this.#cancel();
  }

  #tone(): void {
    const { clock, play, isSilent, isRunning } = this.#options;
    if (!isRunning()) return;
    if (isSilent()) play(fillerTonePayload(), '');
    this.#cancel = clock.at(clock.now() + FILLER_TONE_MS, () => this.#tone());
  }
}
