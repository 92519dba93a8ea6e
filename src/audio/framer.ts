/**
 * Cuts a byte stream of any chunking into frames of one size; the rest waits for the next chunk. Frames that lie whole
 * inside a pushed chunk are views of it, not copies: do not write to a chunk after pushing it.
 */
export class Framer {
  readonly frameBytes: number;
  readonly #rest: Uint8Array;
  #restBytes = 0;

  constructor(frameBytes: number) {
    if (!Number.isInteger(frameBytes) || frameBytes < 1) {
      throw new RangeError(`a frame of ${frameBytes} bytes cannot be cut`);
    }
    this.frameBytes = frameBytes;
    this.#rest = new Uint8Array(frameBytes);
  }

  /** Bytes that wait for the rest of their frame. */
  get pendingBytes(): number {
    return this.#restBytes;
  }

  /** The frames that `bytes` completes, in order; none when there is not enough yet. */
  push(bytes: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(this.frameBytes - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < this.frameBytes) return frames;
      frames.push(this.#rest.slice());
      this.#restBytes = 0;
    }
    for (; at + this.frameBytes <= bytes.length; at += this.frameBytes) {
      frames.push(bytes.subarray(at, at + this.frameBytes));
    }
    this.#rest.set(bytes.subarray(at));
    this.#restBytes = bytes.length - at;
    return frames;
  }

  /** The last, incomplete frame filled up with the byte `pad`, or undefined when nothing waits. */
  flush(pad: number): Uint8Array | undefined {
    if (this.#restBytes === 0) return undefined;
    const frame = new Uint8Array(this.frameBytes).fill(pad);
    frame.set(this.#rest.subarray(0, this.#restBytes));
    this.#restBytes = 0;
    return frame;
  }

  /** Forgets what waits: the stream it belonged to was cleared. */
  clear(): void {
    this.#restBytes = 0;
  }
}
