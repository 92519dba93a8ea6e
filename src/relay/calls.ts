import type { CallEnd } from '../call/session.js';

/** A call that is going on. */
export interface LiveCall {
  readonly callSid: string;
  end(reason: CallEnd): void;
}

/** The calls this relay carries, and whether it may take another. */
export class Calls {
  readonly #maxCalls: number;
  #live = new Set<LiveCall>();
  #reserved = 0;
  #lost: string[] = [];

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
  }

  get count(): number {
    return this.#live.size;
  }

  /** Streams that are open, with or without a call on them yet. */
  get open(): number {
    return this.#reserved;
  }

  get full(): boolean {
    return this.#reserved >= this.#maxCalls;
  }

  /** Takes a place for a stream; the returned function gives it back, once. */
  reserve(): () => void {
    this.#reserved += 1;
    let given = true;
    return () => {
      if (given) this.#reserved -= 1;
      given = false;
    };
  }

  add(call: LiveCall): void {
    this.#live.add(call);
  }

  /** The call is over. */
  remove(call: LiveCall, reason: CallEnd): void {
    this.#live.delete(call);
    if (reason !== 'model-lost') return;
    this.#lost.push(call.callSid);
    if (this.#lost.length > LOST_KEPT) this.#lost.shift();
  }

  /** Did this call end because its model was lost? The carrier asks what to do with the caller right after. */
  lostModel(callSid: string): boolean {
    return this.#lost.includes(callSid);
  }

  endAll(reason: CallEnd): void {
    for (const call of [...this.#live]) call.end(reason);
  }
}

const LOST_KEPT = 100;
