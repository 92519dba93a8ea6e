import { MULAW_SILENCE } from '../../audio/g711.js';
import { levelOfMulaw } from '../../audio/level.js';
import { DEFAULTS } from '../../options.js';
import { ShortQueue } from '../device/short-queue.js';
import type { LiveCaller } from './live-caller.js';

const BYTES_PER_MS = 8;
const FRAME_MS = DEFAULTS.phone.frameMs;
/** Recorded sound waits 20 to 40 ms: sound cards and event loops deliver that unevenly. */
const PRIME_MS = 40;
const MAX_MS = 160;
const WINDOW_MS = 5_000;
/** A microphone that gives nothing for so long has stopped, whatever its library says: silence would be samples too. */
const STARVED_MS = 2_000;
/** What the agent says is audible above this, as for the ear of the phone … */
const AUDIBLE_DBOV = -45;
/** … and sounds in the room so long after it was handed to the speaker: its queue, the card, the walls. */
const ECHO_MS = 300;

/** Where the agent's voice comes out. */
export interface Loudspeaker {
  play(audio: Uint8Array): void;
  flush(): void;
}

export interface MicrophoneOptions {
  readonly speaker: Loudspeaker;
  readonly halfDuplex: boolean;
  /** No sound has come for two seconds; once. */
  readonly onStarved: () => void;
}

/** A person at the phone: joins a microphone and a speaker to a call. What it counts in is frames; it reads no clock. */
export class Microphone implements LiveCaller {
  readonly name = 'microphone';
  readonly #options: MicrophoneOptions;
  readonly #queue = new ShortQueue({
    primeBytes: PRIME_MS * BYTES_PER_MS,
    maxBytes: MAX_MS * BYTES_PER_MS,
    windowBytes: WINDOW_MS * BYTES_PER_MS,
  });
  #began = false;
  #muted = false;
  #halfDuplex: boolean;
  #pressed = '';
  /** Frames until the agent cannot be heard in the room any more. */
  #echoFrames = 0;
  /** Frames since the microphone gave something. */
  #starvedFrames = 0;

  constructor(options: MicrophoneOptions) {
    this.#options = options;
    this.#halfDuplex = options.halfDuplex;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** The microphone is off while the agent is audible. */
  get halfDuplex(): boolean {
    return this.#halfDuplex;
  }

  /** How often the microphone's sound came too late, and how much was left out because it came too fast. */
  get gaps(): number {
    return this.#queue.underflows;
  }

  get droppedMs(): number {
    return this.#queue.droppedBytes / BYTES_PER_MS;
  }

  toggleMute(): void {
    this.#muted = !this.#muted;
  }

  toggleHalfDuplex(): void {
    this.#halfDuplex = !this.#halfDuplex;
  }

  press(digit: string): void {
    this.#pressed += digit;
  }

  /** µ-law from the microphone, pieces of any size. */
  capture(audio: Uint8Array): void {
    this.#starvedFrames = 0;
    // What was said before the call began is nobody's business.
    if (this.#began) this.#queue.write(audio);
  }

  frame(heard: Uint8Array, spoken: Uint8Array): void {
    this.#began = true;
    this.#options.speaker.play(heard.slice());
    this.#echoFrames = levelOfMulaw(heard) >= AUDIBLE_DBOV ? ECHO_MS / FRAME_MS : Math.max(0, this.#echoFrames - 1);
    this.#queue.read(spoken);
    if (this.#muted || (this.#halfDuplex && this.#echoFrames > 0)) spoken.fill(MULAW_SILENCE);
    if (++this.#starvedFrames === STARVED_MS / FRAME_MS) this.#options.onStarved();
  }

  cleared(): void {
    this.#options.speaker.flush();
  }

  digits(): string {
    const pressed = this.#pressed;
    this.#pressed = '';
    return pressed;
  }
}
