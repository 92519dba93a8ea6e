import type { Clock } from '../../src/clock.js';

/** A clock that moves only when told to. Timers fire in order of their time, then of their making. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #timers: { atMs: number; order: number; act: () => void }[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Timers that have not fired: 0 when nothing is left running. */
  get pending(): number {
    return this.#timers.length;
  }

  at(atMs: number, act: () => void): () => void {
    const timer = { atMs, order: this.#order++, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time forward to `toMs`, firing every timer on the way at its own time. */
  advanceTo(toMs: number): void {
    for (;;) {
      const next = this.#timers
        .filter((timer) => timer.atMs <= toMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }

  advance(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }
}
