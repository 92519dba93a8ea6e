import { levelOfMulaw } from '../../audio/level.js';

/** One stretch of agent speech as a listener would tell it apart: pauses shorter than `quietMs` belong to it. */
export interface HeardUtterance {
  readonly startMs: number;
  /** Place of its first byte in the received audio. */
  readonly streamOffset: number;
  /** Until when something was audible. */
  readonly lastAudibleMs: number;
  /** When it was decided that it is over. */
  readonly finishedMs?: number;
  /** When it went on after its first pause. */
  readonly resumedMs?: number;
  /** A clear ended it and threw away audio that was still to come. */
  readonly cut: boolean;
}

export interface EarOptions {
  readonly quietMs: number;
  readonly onStart: (utterance: HeardUtterance) => void;
  readonly onFinish: (utterance: HeardUtterance) => void;
}

const BYTES_PER_MS = 8;
const WINDOW_BYTES = 80;
const WINDOW_MS = WINDOW_BYTES / BYTES_PER_MS;
/** Louder than a line's comfort noise, quieter than any speech. */
const AUDIBLE_DBOV = -45;
/** Silence inside an utterance that counts as a pause: longer than a p, t or k is held closed. */
const PAUSE_MS = 140;
/** So many windows in a row: one is a click. */
const ONSET_WINDOWS = 2;

/**
 * Live, coarse voice activity of what is being played, for the script and the screen: by whole windows of 10 ms and a
 * fixed level, which is enough to take turns by. The measures find onsets offline, to the sample.
 */
export class Ear {
  readonly #options: EarOptions;
  /** All utterances of the call, in order. */
  readonly utterances: HeardUtterance[] = [];
  #window = new Uint8Array(WINDOW_BYTES);
  #filled = 0;
  #windowMs = 0;
  #windowOffset = 0;
  #endMs = Number.NEGATIVE_INFINITY;
  #loudWindows = 0;
  #level = -127;

  constructor(options: EarOptions) {
    this.#options = options;
  }

  /** Level of the last 10 ms that were heard, in dBov; -127 while nothing is played. */
  levelAt(nowMs: number): number {
    return nowMs - this.#endMs > 2 * WINDOW_MS ? -127 : this.#level;
  }

  /** The utterance that is going on. */
  get speaking(): HeardUtterance | undefined {
    const last = this.utterances.at(-1);
    return last?.finishedMs === undefined ? last : undefined;
  }

  hear(bytes: Uint8Array, streamOffset: number, playedAtMs: number): void {
    if (playedAtMs - this.#endMs > WINDOW_MS) {
      this.#filled = 0;
      this.#loudWindows = 0;
    }
    for (let done = 0; done < bytes.length; ) {
      if (this.#filled === 0) {
        this.#windowMs = playedAtMs + done / BYTES_PER_MS;
        this.#windowOffset = streamOffset + done;
      }
      const part = bytes.subarray(done, done + WINDOW_BYTES - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      done += part.length;
      if (this.#filled === WINDOW_BYTES) this.#judge();
    }
    this.#endMs = playedAtMs + bytes.length / BYTES_PER_MS;
  }

  /** Notices that an utterance is over. */
  advance(nowMs: number): void {
    const speaking = this.speaking;
    if (speaking && nowMs - speaking.lastAudibleMs >= this.#options.quietMs)
      this.#finish(speaking, { finishedMs: speaking.lastAudibleMs + this.#options.quietMs });
  }

  /** A clear threw audio away: what was being said is over. */
  cut(nowMs: number): void {
    const speaking = this.speaking;
    if (speaking) this.#finish(speaking, { finishedMs: nowMs, cut: true });
    this.#filled = 0;
    this.#loudWindows = 0;
  }

  #judge(): void {
    this.#filled = 0;
    this.#level = levelOfMulaw(this.#window);
    if (this.#level < AUDIBLE_DBOV) {
      this.#loudWindows = 0;
      return;
    }
    this.#loudWindows++;
    this.advance(this.#windowMs);
    const speaking = this.speaking;
    if (speaking) {
      const paused = this.#windowMs - speaking.lastAudibleMs >= PAUSE_MS && speaking.resumedMs === undefined;
      const lastAudibleMs = this.#windowMs + WINDOW_MS;
      this.#replaceLast({ ...speaking, lastAudibleMs, ...(paused && { resumedMs: this.#windowMs }) });
    } else if (this.#loudWindows >= ONSET_WINDOWS) {
      const early = (ONSET_WINDOWS - 1) * WINDOW_MS;
      const utterance: HeardUtterance = {
        startMs: this.#windowMs - early,
        streamOffset: Math.max(0, this.#windowOffset - early * BYTES_PER_MS),
        lastAudibleMs: this.#windowMs + WINDOW_MS,
        cut: false,
      };
      this.utterances.push(utterance);
      this.#options.onStart(utterance);
    }
  }

  #finish(speaking: HeardUtterance, end: { finishedMs: number; cut?: boolean }): void {
    const finished = { ...speaking, ...end };
    this.#replaceLast(finished);
    this.#options.onFinish(finished);
  }

  #replaceLast(utterance: HeardUtterance): void {
    this.utterances[this.utterances.length - 1] = utterance;
  }
}
