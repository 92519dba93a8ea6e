import { type CallBook, type CallCallback, type CallRecord, isOver } from './call-book.js';
import type { Method } from './form.js';
import type { AccountLine, CallEntry, DialledLeg, Dialling } from './live-call.js';
import { attempt, type MachineDetection } from './outbound.js';
import type { People } from './people.js';
import type { Behaviour } from './person.js';
import type { Ground } from './state.js';

/** What a call that was answered is to do, and what is known of who answered. */
export type Instructions = (
  | {
      readonly url: string;
      readonly method: Method;
      readonly fallbackUrl?: string;
      readonly fallbackMethod?: Method;
      /** Of an application's participant: they come with the fields of the request. */
      readonly parameters?: Readonly<Record<string, string>>;
    }
  | { readonly twiml: string }
) & {
  /** With synchronous detection of answering machines; the request for the TwiML carries it. */
  readonly answeredBy?: string;
};

/**
 * Where a phone is plugged in that follows TwiML. It takes the call over with `line.begin(entry, live)`, and says
 * `line.end(…)` when there is nothing left to follow.
 */
export type OnAnswered = (entry: CallEntry, instructions: Instructions, line: AccountLine) => void | Promise<void>;

export interface CallOrder {
  readonly from: string;
  readonly to: string;
  readonly direction: CallEntry['direction'];
  readonly parentCallSid?: string;
  readonly callback?: CallCallback;
  readonly ringForMs: number;
  readonly timeLimitMs: number;
  readonly detection?: MachineDetection;
  /** Without them the call is only up: somebody else does something with it. */
  readonly instructions?: Instructions;
  onRinging?(record: CallRecord): void;
  onAnswered?(record: CallRecord): void;
  onOver?(record: CallRecord): void;
}

const AT_ONCE: Behaviour = { kind: 'human', afterMs: 0, greetingMs: 0 };

/** Dials people and applications. */
export class Dialler {
  readonly #ground: Ground;
  readonly #calls: CallBook;
  readonly #people: People;
  readonly #onAnswered: OnAnswered | undefined;
  readonly #unfollowedMs: number;
  #line: AccountLine | undefined;

  /** `unfollowedMs`: how long a call goes on whose instructions nobody follows. */
  constructor(
    ground: Ground,
    calls: CallBook,
    people: People,
    onAnswered: OnAnswered | undefined,
    unfollowedMs: number,
  ) {
    this.#ground = ground;
    this.#calls = calls;
    this.#people = people;
    this.#onAnswered = onAnswered;
    this.#unfollowedMs = unfollowedMs;
  }

  /** Once: what followers of instructions are handed. */
  set line(line: AccountLine) {
    this.#line = line;
  }

  place(order: CallOrder): CallRecord {
    const { from, to, direction, parentCallSid, instructions } = order;
    const entry: CallEntry = {
      callSid: this.#ground.sid('CA'),
      accountSid: this.#ground.accountSid,
      from,
      to,
      direction,
      ...(parentCallSid !== undefined && { parentCallSid }),
    };
    const record = this.#calls.enter(entry, order.callback);
    attempt(this.#ground, this.#calls, {
      record,
      behaviour: to.startsWith('app:') ? AT_ONCE : this.#people.behaviour(to),
      ringForMs: order.ringForMs,
      timeLimitMs: order.timeLimitMs,
      ...(order.detection && { detection: order.detection }),
      onRinging: () => order.onRinging?.(record),
      onAnswered: () => {
        order.onAnswered?.(record);
        if (instructions) this.follow(record, instructions);
      },
      onOver: () => order.onOver?.(record),
    });
    return record;
  }

  /** The call does this from now on. */
  follow(record: CallRecord, instructions: Instructions): void {
    const { clock } = this.#ground;
    if (!this.#onAnswered || !this.#line) {
      clock.at(clock.now() + this.#unfollowedMs, () => {
        if (!isOver(record.status)) record.stop?.('completed');
      });
      return;
    }
    const known = record.answeredBy === undefined ? instructions : { ...instructions, answeredBy: record.answeredBy };
    const { callSid, accountSid, from, to, direction, parentCallSid } = record;
    const entry = { callSid, accountSid, from, to, direction, ...(parentCallSid !== undefined && { parentCallSid }) };
    // A follower that breaks ends its call, as an application error does at Twilio; the account goes on.
    new Promise<void>((resolve) => resolve(this.#onAnswered?.(entry, known, this.#line!))).catch(() => {
      this.#calls.end(callSid, 'failed', this.#calls.secondsSinceAnswer(record));
    });
  }

  dial(dialling: Dialling): DialledLeg {
    const record = this.place({
      from: dialling.from,
      to: dialling.to,
      direction: 'outbound-dial',
      parentCallSid: dialling.parentCallSid,
      ringForMs: dialling.timeoutSeconds * 1000,
      timeLimitMs: 4 * 3600_000,
      onRinging: () => dialling.onRinging?.(),
      onAnswered: () => dialling.onAnswered?.(),
      onOver: ({ status, durationSeconds }) => dialling.onOver?.(status, durationSeconds ?? 0),
    });
    return { callSid: record.callSid, hangUp: () => record.stop?.('completed') };
  }
}
