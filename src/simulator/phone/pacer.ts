import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { Pacing, PhoneEvent } from './events.js';
import { GrowingNumbers } from './numbers.js';

/** Frames that are judged together: five seconds. */
const WINDOW_FRAMES = 250;
/** Of them so many may be late: what is more shows in a p99. */
const LATE_FRAMES = WINDOW_FRAMES / 100;

export type Behind = Omit<PhoneEvent & { type: 'behind' }, 'type' | 'atMs'>;

/**
 * Calls `tick` for frame 0, 1, 2 … at `firstMs`, `firstMs` + `periodMs` …: every due time is computed from the first, so
 * that being late once delays nothing after it. Frames whose time has passed go out at once, none is left out.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #firstMs: number;
  readonly #periodMs: number;
  readonly #tick: (frame: number, dueMs: number) => void;
  readonly #onBehind: (behind: Behind) => void;
  readonly #late = new GrowingNumbers();
  #frames = 0;
  #bunched = 0;
  #stopped = false;
  #cancel: () => void;

  /** `onBehind` is told after each window of frames in which more than 1 % were late: this machine cannot keep time. */
  constructor(
    clock: Clock,
    firstMs: number,
    periodMs: number,
    tick: (frame: number, dueMs: number) => void,
    onBehind: (behind: Behind) => void = () => {},
  ) {
    this.#clock = clock;
    this.#firstMs = firstMs;
    this.#periodMs = periodMs;
    this.#tick = tick;
    this.#onBehind = onBehind;
    this.#cancel = clock.at(firstMs, this.#wake);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Frames sent so far. */
  get frames(): number {
    return this.#frames;
  }

  /** How well the schedule was kept so far. */
  pacing(): Pacing {
    return { frames: this.#frames, lateMs: this.#late.slice(), bunched: this.#bunched };
  }

  #dueMs(frame: number): number {
    return this.#firstMs + frame * this.#periodMs;
  }

  #wake = (): void => {
    const wokenMs = this.#clock.now();
    while (!this.#stopped && this.#dueMs(this.#frames) <= wokenMs) {
      const frame = this.#frames;
      const dueMs = this.#dueMs(frame);
      const lateMs = this.#clock.now() - dueMs;
      this.#tick(frame, dueMs);
      // A tick that stops the pacer has sent nothing.
      if (!this.#stopped) this.#count(lateMs, this.#dueMs(frame + 1) <= wokenMs);
    }
    if (!this.#stopped) this.#cancel = this.#clock.at(this.#dueMs(this.#frames), this.#wake);
  };

  #judge(): void {
    const limitMs = DEFAULTS.bench.maxPacingMs;
    const late = this.#late.slice(this.#frames - WINDOW_FRAMES).filter((lateMs) => lateMs > limitMs);
    if (late.length <= LATE_FRAMES) return;
    this.#onBehind({ lateFrames: late.length, frames: WINDOW_FRAMES, limitMs, worstMs: Math.max(...late) });
  }

  #count(lateMs: number, withSuccessor: boolean): void {
    this.#late.push(lateMs);
    this.#frames++;
    if (withSuccessor) this.#bunched++;
    if (this.#frames % WINDOW_FRAMES === 0) this.#judge();
  }
}
