import type { Behaviour } from './behaviour.js';

/** Which frames of each thing the caller says come to grief: three good ones lie between two accidents. */
const SPOILT = [2, 6];

/** Loses, doubles, swaps or changes a few of the caller's frames on their way to the model. */
export class FrameFaults {
  readonly #fault: Behaviour['frames'];
  /** Frames since the caller began to speak. */
  #frame = Number.NaN;
  /** A frame that lets its successor go first. */
  #waiting: Buffer | undefined;

  constructor(fault: Behaviour['frames']) {
    this.#fault = fault;
  }

  /** What arrives at the model of a frame, and how many accidents that were. */
  pass(frame: Buffer, speechBegins: boolean): { audio: Buffer[]; spoilt: number } {
    this.#frame = speechBegins ? 0 : this.#frame + 1;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) return { audio: [frame, waiting], spoilt: 0 };
    if (!this.#fault || !SPOILT.includes(this.#frame)) return { audio: [frame], spoilt: 0 };
    switch (this.#fault) {
      case 'lost':
        return { audio: [], spoilt: 1 };
      case 'duplicated':
        return { audio: [frame, frame], spoilt: 1 };
      case 'reordered':
        this.#waiting = frame;
        return { audio: [], spoilt: 1 };
      case 'altered':
        return { audio: [frame.map((code) => code ^ 1) as Buffer], spoilt: 1 };
    }
  }
}
