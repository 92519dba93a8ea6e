/** How much longer a bench will take, judged by what it took so far. Arithmetic: the time is passed in. */
export class Estimate {
  readonly #startedAtMs: number;
  #runAtMs: number;
  #done = 0;
  #planned = 0;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
    this.#runAtMs = nowMs;
  }

  /** So many runs are over, of so many. */
  tell(done: number, planned: number, nowMs: number): void {
    if (done !== this.#done) this.#runAtMs = nowMs;
    this.#done = done;
    this.#planned = planned;
  }

  /** `undefined` until a run is over: nothing is known of how long one takes. */
  leftMs(nowMs: number): number | undefined {
    if (this.#done === 0) return undefined;
    const eachMs = (this.#runAtMs - this.#startedAtMs) / this.#done;
    const left = this.#planned - this.#done;
    // The run that goes on takes as long as the others, or a little longer than it has.
    const thisRunMs = Math.max(eachMs - (nowMs - this.#runAtMs), 0);
    return left <= 0 ? 0 : (left - 1) * eachMs + thisRunMs;
  }

  /** From 0 to 1. */
  share(): number {
    return this.#planned === 0 ? 0 : Math.min(1, this.#done / this.#planned);
  }
}

/** `about 40 s left`, `about 12 min left`: no more exact than an estimate is. */
export function leftText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 100) return `about ${Math.round(seconds / 5) * 5} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}
