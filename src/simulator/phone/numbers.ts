const BLOCK_NUMBERS = 1024;

/** Numbers that are only ever appended, 8 bytes each, in blocks (as `GrowingBytes`, and for the same reason). */
export class GrowingNumbers {
  readonly #blockNumbers: number;
  readonly #blocks: Float64Array[] = [];
  #length = 0;

  constructor(blockNumbers = BLOCK_NUMBERS) {
    this.#blockNumbers = blockNumbers;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length % this.#blockNumbers;
    if (at === 0) this.#blocks.push(new Float64Array(this.#blockNumbers));
    this.#blocks.at(-1)![at] = value;
    this.#length++;
  }

  /** Number `index`, counted from 0; undefined where there is none. */
  at(index: number): number | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#blocks[Math.floor(index / this.#blockNumbers)]![index % this.#blockNumbers];
  }

  /** A copy of the numbers from `from` up to but not including `to`. */
  slice(from = 0, to = this.#length): Float64Array {
    const copy = new Float64Array(Math.max(0, Math.min(to, this.#length) - from));
    for (let i = 0; i < copy.length; i++) copy[i] = this.at(from + i)!;
    return copy;
  }
}
