/** Bytes that are only ever appended, in one piece that doubles. */
export class GrowingBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacityBytes = 4 * 1024) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    this.#reserve(this.#length + bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends `value` until there are `length` bytes; does nothing when there are already. */
  padTo(length: number, value: number): void {
    if (length <= this.#length) return;
    this.#reserve(length);
    this.#bytes.fill(value, this.#length, length);
    this.#length = length;
  }

  /** A view, true until the next push. */
  subarray(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, Math.min(to, this.#length));
  }

  /** A copy of the first `length` bytes. */
  slice(length = this.#length): Uint8Array {
    return this.#bytes.slice(0, Math.min(length, this.#length));
  }

  /** As `slice`, and lets go of the rest: for the end, when hundreds of calls may end together. */
  take(length = this.#length): Uint8Array {
    const taken = this.slice(length);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return taken;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const more = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    more.set(this.subarray(0, this.#length));
    this.#bytes = more;
  }
}

const BLOCK_BYTES = 16 * 1024;

/** First in, first out. Bytes are copied into blocks, so that a flood of tiny pieces costs no more than its bytes. */
export class ByteQueue {
  #blocks: Uint8Array[] = [];
  #head = 0;
  #tail = BLOCK_BYTES;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    this.#length += bytes.length;
    for (let done = 0; done < bytes.length; ) {
      if (this.#tail === BLOCK_BYTES) {
        this.#blocks.push(new Uint8Array(BLOCK_BYTES));
        this.#tail = 0;
      }
      const part = bytes.subarray(done, done + BLOCK_BYTES - this.#tail);
      this.#blocks.at(-1)!.set(part, this.#tail);
      this.#tail += part.length;
      done += part.length;
    }
  }

  /** Takes at most `count` bytes off the front; the view may be shorter than asked for, never empty unless the queue is. */
  take(count: number): Uint8Array {
    const block = this.#blocks[0];
    if (!block || this.#length === 0) return new Uint8Array(0);
    const size = Math.min(count, this.#length, block.length - this.#head);
    const bytes = block.subarray(this.#head, this.#head + size);
    this.#head += size;
    this.#length -= size;
    if (this.#head === block.length) {
      this.#blocks.shift();
      this.#head = 0;
    }
    return bytes;
  }

  drop(count: number): void {
    for (let left = Math.min(count, this.#length); left > 0; ) left -= this.take(left).length;
  }
}
