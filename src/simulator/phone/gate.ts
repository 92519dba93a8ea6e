import { Fifo } from './fifo.js';

/**
 * The end of one direction of the network, where faults act: it can be shut for a while, or let messages through in
 * bunches only. Whatever happens, messages come out in order.
 */
export class Gate {
  readonly #held = new Fifo<() => void>();
  #shut = 0;
  #bunches: number[] = [];

  pass(arrive: () => void): void {
    if (this.#shut === 0 && this.#bunches.length === 0 && this.#held.length === 0) return arrive();
    this.#held.push(arrive);
    this.#letThrough();
  }

  /** Nothing passes until the returned function is called. */
  shut(): () => void {
    this.#shut++;
    return once(() => {
      this.#shut--;
      this.#letThrough();
    });
  }

  /** Messages pass `count` at a time, until the returned function is called; the largest number counts. */
  bunch(count: number): () => void {
    this.#bunches.push(count);
    return once(() => {
      this.#bunches = this.#bunches.toSpliced(this.#bunches.indexOf(count), this.#bunches.includes(count) ? 1 : 0);
      this.#letThrough();
    });
  }

  /** From now on nothing is bunched: the last messages of a call do not wait for company. */
  flush(): void {
    this.#bunches = [];
    this.#letThrough();
  }

  #letThrough(): void {
    const together = Math.max(1, ...this.#bunches);
    if (this.#held.length < together) return;
    for (let next = this.#held.first; next && this.#shut === 0; next = this.#held.first) {
      this.#held.shift();
      next();
    }
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
