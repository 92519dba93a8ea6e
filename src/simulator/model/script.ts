import type { Line, Voice } from './voice.js';

/**
 * What the model says next: the greeting while nobody has said anything, then the voice's lines in their order and
 * round again; after an answer that was interrupted, the line meant for that, if the voice has one.
 */
export class Script {
  readonly #voice: Voice;
  #next = 0;
  #interrupted = false;
  /** What was so before the last answer was chosen. */
  #before = { next: 0, interrupted: false };

  constructor(voice: Voice) {
    this.#voice = voice;
  }

  /** An answer was cut short: cancelled while it was made, or truncated because the caller did not hear its end. */
  interrupted(): void {
    this.#interrupted = true;
  }

  /** The answer chosen last was cancelled before a sound of it was out: it is still to be said. */
  unsaid(): void {
    this.#next = this.#before.next;
    this.#interrupted = this.#before.interrupted;
  }

  next(nobodyHasSpoken: boolean): Line {
    this.#before = { next: this.#next, interrupted: this.#interrupted };
    const wasInterrupted = this.#interrupted;
    this.#interrupted = false;
    if (nobodyHasSpoken) return this.#voice.greeting;
    if (wasInterrupted && this.#voice.interrupted) return this.#voice.interrupted;
    const line = this.#voice.lines[this.#next % this.#voice.lines.length];
    this.#next++;
    return line ?? this.#voice.greeting;
  }
}
