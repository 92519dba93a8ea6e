import type { Usage } from './process-usage.js';

export interface CallCost {
  /** Processor time for each second of each call. */
  readonly cpuMsPerCallSecond: number;
  /** The most memory it had beyond what it had before, for each of the calls at the same time. */
  readonly rssKbPerCall: number;
}

const LOOK_EVERY_MS = 250;

/** Watches what a process uses while calls are made to it. */
export class UsageWatch {
  readonly #read: () => Promise<Usage | undefined>;
  #timer: NodeJS.Timeout | undefined;
  #before: Usage | undefined;
  #last: Usage | undefined;
  #mostKb = 0;

  constructor(read: () => Promise<Usage | undefined>) {
    this.#read = read;
  }

  async begin(): Promise<void> {
    this.#before = await this.#read();
    this.#last = this.#before;
    this.#mostKb = this.#before?.rssKb ?? 0;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** `undefined` when there was no such process all the time, or nobody was on the phone. */
  async end(calls: number, callSeconds: number): Promise<CallCost | undefined> {
    clearInterval(this.#timer);
    await this.#look();
    const [before, after] = [this.#before, this.#last];
    if (!before || !after || calls === 0 || callSeconds <= 0) return undefined;
    return {
      cpuMsPerCallSecond: (after.cpuMs - before.cpuMs) / callSeconds,
      rssKbPerCall: (this.#mostKb - before.rssKb) / calls,
    };
  }

  async #look(): Promise<void> {
    this.#last = await this.#read();
    this.#mostKb = Math.max(this.#mostKb, this.#last?.rssKb ?? 0);
  }
}
