import type { CallControl } from '../call/control.js';
import type { CallEnd } from '../call/session.js';
import type { ModelSession, ModelTool } from '../model/model.js';

/** `ending`: the goodbye, the transfer or the apology is being played. */
export type CallState = 'connecting' | 'talking' | 'ending';

/** A call that is going on: one stream of the carrier. What is not known yet is absent. */
export interface LiveCall {
  readonly callSid: string;
  end(reason: CallEnd): void;
  /** What an operator steers it with. */
  readonly control?: CallControl;
  readonly state?: CallState;
  /** ISO 8601, of the start of the stream. */
  readonly startedAt?: string;
  /** Name of the agent, once it is chosen. */
  readonly agent?: string;
  /** What the model is told to be, as last changed, also when the change still waits for its moment. */
  readonly session?: Pick<ModelSession, 'instructions' | 'tools'>;
  /** Everything the agent may be given, enabled or not. */
  readonly tools?: readonly ModelTool[];
}

/** The calls this relay carries, and whether it may take another. */
export class Calls {
  readonly #maxCalls: number;
  #live = new Set<LiveCall>();
  #reserved = 0;
  #lost: string[] = [];
  #ended: string[] = [];

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

  /**
   * The stream is over. A call may have two of them for a while, when the carrier opens another before the first has gone:
   * only the one that is named here is forgotten.
   */
  remove(call: LiveCall, reason: CallEnd): void {
    this.#live.delete(call);
    remember(this.#ended, call.callSid);
    if (reason === 'model-lost') remember(this.#lost, call.callSid);
  }

  /** The newest stream of this call that is going on. */
  find(callSid: string): LiveCall | undefined {
    return [...this.#live].findLast((call) => call.callSid === callSid);
  }

  has(call: LiveCall): boolean {
    return this.#live.has(call);
  }

  /** The calls that are going on, each once, by its newest stream, in the order in which they began. */
  list(): LiveCall[] {
    return [...new Map([...this.#live].map((call) => [call.callSid, call])).values()];
  }

  /** Was there such a call not long ago, and is it over? */
  hasEnded(callSid: string): boolean {
    return this.#ended.includes(callSid) && this.find(callSid) === undefined;
  }

  /** Did this call end because its model was lost? The carrier asks what to do with the caller right after. */
  lostModel(callSid: string): boolean {
    return this.#lost.includes(callSid);
  }

  endAll(reason: CallEnd): void {
    for (const call of [...this.#live]) call.end(reason);
  }
}

/** How many calls are remembered after their end. */
const KEPT = 100;

function remember(callSids: string[], callSid: string): void {
  callSids.push(callSid);
  if (callSids.length > KEPT) callSids.shift();
}
