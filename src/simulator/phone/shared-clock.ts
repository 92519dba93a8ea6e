import { type Clock, systemClock } from '../../clock.js';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
  /** Place in the heap, or GONE. */
  index: number;
}

const GONE = -1;

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
  /**
   * The foremost timer acts, and still has its place: mostly it asks again, for 20 ms later, and then the new timer
   * takes the place and sinks, instead of one being taken out and another put in. Half the work, 25 000 times a second.
   */
  #acting = false;

  constructor(base: Clock = systemClock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now();
  }

  at(atMs: number, act: () => void): () => void {
    const timer: Timer = { atMs, order: this.#order++, act, index: 0 };
    if (this.#acting) {
      this.#putFirst(timer);
    } else {
      timer.index = this.#heap.length;
      this.#heap.push(timer);
      this.#rise(timer);
    }
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
        first.index = GONE;
        this.#acting = true;
        first.act();
        this.#giveUpPlace();
      }
    } finally {
      this.#giveUpPlace();
      this.#running = false;
      this.#arm();
    }
  };

  /** Takes out what has acted, unless its place has been taken. */
  #giveUpPlace(): void {
    if (!this.#acting) return;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#putFirst(last);
    this.#acting = false;
  }

  #putFirst(timer: Timer): void {
    this.#acting = false;
    this.#heap[0] = timer;
    timer.index = 0;
    this.#sink(timer);
  }

  #remove(timer: Timer): void {
    const at = timer.index;
    timer.index = GONE;
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
    const heap = this.#heap;
    let at = timer.index;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child = right && before(right, left!) ? right : left;
      if (!child || !before(child, timer)) break;
      const below = child.index;
      heap[at] = child;
      child.index = at;
      at = below;
    }
    heap[at] = timer;
    timer.index = at;
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
