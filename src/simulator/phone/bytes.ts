import { BLOCK_BYTES, giveBack, takeBlock } from './blocks.js';

/**
 * Bytes that are only ever appended, in blocks: one piece that doubles would be copied, and when hundreds of calls are
 * of the same age they would all double in the same second.
 */
export class GrowingBytes {
  #blocks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = this.#length % BLOCK_BYTES;
      const room = BLOCK_BYTES - at;
      const part = done === 0 && bytes.length <= room ? bytes : bytes.subarray(done, done + room);
      this.#blockFor(at).set(part, at);
      this.#length += part.length;
      done += part.length;
    }
  }

  /** Appends `value` until there are `length` bytes; does nothing when there are already. */
  padTo(length: number, value: number): void {
    while (this.#length < length) {
      const at = this.#length % BLOCK_BYTES;
      const end = Math.min(BLOCK_BYTES, at + length - this.#length);
      this.#blockFor(at).fill(value, at, end);
      this.#length += end - at;
    }
  }

  /**
   * Bytes from `from` up to but not including `to`, fewer where they end: a view where they lie in one block, else a
   * copy. Not to be looked at after `take`.
   */
  subarray(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.#length);
    const at = from % BLOCK_BYTES;
    const block = this.#blocks[Math.floor(from / BLOCK_BYTES)];
    if (block && end >= from && at + end - from <= BLOCK_BYTES) return block.subarray(at, at + end - from);
    return this.#copy(from, end);
  }

  /** A copy of the first `length` bytes. */
  slice(length = this.#length): Uint8Array {
    return this.#copy(0, Math.min(length, this.#length));
  }

  /**
   * The first `length` bytes, filled up with `value` where there are fewer; lets go of everything: for the end, when
   * hundreds of calls may end together.
   */
  take(length = this.#length, value = 0): Uint8Array {
    const taken = new Uint8Array(length);
    this.#read(0, taken.subarray(0, this.#length));
    taken.fill(value, this.#length);
    giveBack(this.#blocks);
    this.#blocks = [];
    this.#length = 0;
    return taken;
  }

  #blockFor(at: number): Uint8Array {
    if (at === 0) this.#blocks.push(takeBlock());
    return this.#blocks.at(-1)!;
  }

  #copy(from: number, to: number): Uint8Array {
    const copy = new Uint8Array(Math.max(0, to - from));
    this.#read(from, copy);
    return copy;
  }

  #read(from: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const at = (from + done) % BLOCK_BYTES;
      const part = this.#blocks[Math.floor((from + done) / BLOCK_BYTES)]!.subarray(at, at + into.length - done);
      into.set(part, done);
      done += part.length;
    }
  }
}

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

  /**
   * Takes at most `count` bytes off the front; the view, true until the next push, may be shorter than asked for, never
   * empty unless the queue is.
   */
  take(count: number): Uint8Array {
    const block = this.#blocks[0];
    if (!block || this.#length === 0) return new Uint8Array(0);
    const size = Math.min(count, this.#length, block.length - this.#head);
    const bytes = block.subarray(this.#head, this.#head + size);
    this.#head += size;
    this.#length -= size;
    if (this.#length === 0) {
      // Used again: an agent that sends as fast as it speaks would otherwise need a new block every two seconds.
      this.#head = 0;
      this.#tail = 0;
    } else if (this.#head === block.length) {
      this.#blocks.shift();
      this.#head = 0;
    }
    return bytes;
  }

  drop(count: number): void {
    for (let left = Math.min(count, this.#length); left > 0; ) left -= this.take(left).length;
  }
}
