import { MULAW_SILENCE } from '../../audio/g711.js';

export interface ShortQueueOptions {
  /** Nothing is given out before so much is there; half of it is what a queue that runs well has left after a read. */
  readonly primeBytes: number;
  /** It never holds more than this: the oldest goes. */
  readonly maxBytes: number;
  /** So many bytes are given out between two looks at whether the queue has become longer than it must be. */
  readonly windowBytes: number;
}

/**
 * µ-law on its way between two clocks that nobody can make equal, the phone's and a sound card's: filled by one, emptied
 * by the other. It rides out their jitter and stays short for ever: when the filling clock is faster, what was never
 * needed in a whole window is dropped; when it is slower, the queue runs dry, silence is given out, and it primes again.
 *
 *   priming ── primeBytes are there ──▶ giving ── not enough for a read, or cleared ──▶ priming
 */
export class ShortQueue {
  readonly #options: ShortQueueOptions;
  readonly #ring: Uint8Array;
  #head = 0;
  #length = 0;
  #priming = true;
  /** The least that was left after a read in this window, and how much of the window is over. */
  #least = Number.POSITIVE_INFINITY;
  #window = 0;
  #underflows = 0;
  #droppedBytes = 0;

  constructor(options: ShortQueueOptions) {
    this.#options = options;
    this.#ring = new Uint8Array(options.maxBytes);
  }

  /** Bytes waiting. */
  get length(): number {
    return this.#length;
  }

  /** How often it ran dry in the middle of giving. */
  get underflows(): number {
    return this.#underflows;
  }

  /** Bytes that were thrown away to keep it short; what `clear` threw away is not among them. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  write(bytes: Uint8Array): void {
    const { maxBytes } = this.#options;
    const kept = bytes.length > maxBytes ? bytes.subarray(bytes.length - maxBytes) : bytes;
    this.#droppedBytes += bytes.length - kept.length;
    this.#drop(this.#length + kept.length - maxBytes);
    const tail = (this.#head + this.#length) % maxBytes;
    const first = kept.subarray(0, maxBytes - tail);
    this.#ring.set(first, tail);
    this.#ring.set(kept.subarray(first.length), 0);
    this.#length += kept.length;
  }

  /** Fills `out`, with silence where there is nothing, and returns how many of its bytes were real. Called per frame. */
  read(out: Uint8Array): number {
    const { primeBytes, windowBytes, maxBytes } = this.#options;
    if (this.#priming && this.#length < primeBytes) {
      out.fill(MULAW_SILENCE);
      return 0;
    }
    this.#priming = false;
    const count = Math.min(out.length, this.#length);
    const first = Math.min(count, maxBytes - this.#head);
    out.set(this.#ring.subarray(this.#head, this.#head + first));
    out.set(this.#ring.subarray(0, count - first), first);
    out.fill(MULAW_SILENCE, count);
    this.#skip(count);
    if (count < out.length) {
      this.#underflows++;
      this.#prime();
      return count;
    }
    this.#least = Math.min(this.#least, this.#length);
    this.#window += count;
    if (this.#window >= windowBytes) this.#shorten();
    return count;
  }

  /** Throws away what is waiting. */
  clear(): void {
    this.#skip(this.#length);
    this.#prime();
  }

  #shorten(): void {
    const { primeBytes } = this.#options;
    if (this.#least > primeBytes) this.#drop(this.#least - primeBytes / 2);
    this.#newWindow();
  }

  #prime(): void {
    this.#priming = true;
    this.#newWindow();
  }

  #newWindow(): void {
    this.#least = Number.POSITIVE_INFINITY;
    this.#window = 0;
  }

  #drop(bytes: number): void {
    if (bytes <= 0) return;
    this.#skip(bytes);
    this.#droppedBytes += bytes;
  }

  #skip(bytes: number): void {
    this.#head = (this.#head + bytes) % this.#options.maxBytes;
    this.#length -= bytes;
  }
}
