import { base64Bytes } from './pieces.js';

/**
 * Caller audio that waits for the model to be ready. In order, nothing lost until `maxBytes` is reached; then the oldest
 * goes first, and is counted. Payloads stay base64: they are only held, never looked into.
 */
export class Backlog {
  readonly #maxBytes: number;
  #payloads: string[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#payloads.length;
  }

  /** Payloads that had to go because the model took too long. */
  get dropped(): number {
    return this.#dropped;
  }

  push(payload: string): void {
    this.#payloads.push(payload);
    this.#bytes += base64Bytes(payload);
    while (this.#bytes > this.#maxBytes && this.#payloads.length > 1) {
      this.#bytes -= base64Bytes(this.#payloads.shift()!);
      this.#dropped += 1;
    }
  }

  /** Hands everything over, oldest first, and is empty afterwards. */
  drain(take: (payload: string) => void): void {
    const payloads = this.#payloads;
    this.#payloads = [];
    this.#bytes = 0;
    for (const payload of payloads) take(payload);
  }
}
