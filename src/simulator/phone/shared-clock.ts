import { type Clock, systemClock } from '../../clock.js';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
  /** Place in the heap; -1 when it is not in it. */
  index: number;
}

/**
 * With more timers than this the loop sleeps whole milliseconds instead of spinning through the last one: hundreds of
 * calls leave it no time to spin, and what is due in the same millisecond then shares one turn of the loop and one
 * look at the sockets.
 */
const PRECISE_TIMERS = 64;

/**
 * All phones of a process on one timer: a heap of what is due, instead of a timer of Node's, a closure and a spin of the
 * event loop for each of them. Keeps the promises of `Clock`: never early, and in order of time, then of asking.
 */
export class SharedClock implements Clock {
  readonly #base: Clock;
  readonly #heap: Timer[] = [];
  #order = 0;
  #armedMs = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => {};
  #running = false;

  constructor(base: Clock = systemClock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now();
  }

  at(atMs: number, act: () => void): () => void {
    const timer: Timer = { atMs, order: this.#order++, act, index: this.#heap.length };
    this.#heap.push(timer);
    this.#rise(timer);
    this.#arm();
    return () => {
      if (timer.index >= 0) this.#remove(timer);
    };
  }

  #arm(): void {
    const first = this.#heap[0];
    // Armed for something that has been cancelled since: waking up for nothing is cheaper than arming anew each time.
    if (this.#running || !first || first.atMs >= this.#armedMs) return;
    this.#disarm();
    this.#armedMs = first.atMs;
    if (this.#heap.length <= PRECISE_TIMERS) {
      this.#disarm = this.#base.at(first.atMs, this.#wake);
      return;
    }
    const timer = setTimeout(this.#wake, Math.max(1, Math.ceil(first.atMs - this.#base.now())));
    this.#disarm = () => clearTimeout(timer);
  }

  #wake = (): void => {
    this.#armedMs = Number.POSITIVE_INFINITY;
    this.#running = true;
    try {
      // What becomes due meanwhile waits for the next turn of the loop, which looks at the sockets first.
      const nowMs = this.#base.now();
      for (let first = this.#heap[0]; first && first.atMs <= nowMs; first = this.#heap[0]) {
        this.#remove(first);
        first.act();
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  };

  #remove(timer: Timer): void {
    const at = timer.index;
    timer.index = -1;
    const last = this.#heap.pop()!;
    if (last === timer) return;
    this.#heap[at] = last;
    last.index = at;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.#heap[(timer.index - 1) >> 1]!;
      if (!before(timer, parent)) return;
      this.#swap(timer, parent);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.index + 1];
      const right = this.#heap[2 * timer.index + 2];
      const child = right && before(right, left!) ? right : left;
      if (!child || !before(child, timer)) return;
      this.#swap(child, timer);
    }
  }

  #swap(a: Timer, b: Timer): void {
    const { index } = a;
    a.index = b.index;
    b.index = index;
    this.#heap[a.index] = a;
    this.#heap[b.index] = b;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** The one that all phones of this process go by which were given no clock of their own. */
export const phoneClock: Clock = new SharedClock();
