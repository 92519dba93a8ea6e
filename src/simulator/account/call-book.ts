import type { Method } from './form.js';
import type { CallEntry, CallRegistry, CallStatus, LiveAccountCall } from './live-call.js';
import { type Ground, rfc2822 } from './state.js';

/** A moment of a call that a status callback can be asked for. */
export type CallEvent = 'initiated' | 'ringing' | 'answered' | 'completed';

export interface CallCallback {
  readonly url: string;
  readonly method: Method;
  readonly events: readonly CallEvent[];
}

export interface CallRecord extends CallEntry {
  status: CallStatus;
  readonly createdAt: Date;
  updatedAt: Date;
  startedAt?: Date;
  endedAt?: Date;
  durationSeconds?: number;
  answeredBy?: string;
  /** SIP status with which the far end ended the attempt, as callbacks tell it. */
  sipCode?: number;
  callback?: CallCallback;
  /** Of the next callback. */
  sequence: number;
  live?: LiveAccountCall;
  /** Of a call that the account itself dials: gives the attempt up, or hangs up. */
  stop?: (status: CallStatus) => void;
}

const OVER: ReadonlySet<CallStatus> = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

export function isOver(status: CallStatus): boolean {
  return OVER.has(status);
}

/** A call goes this way, and never back. */
const ORDER: readonly CallStatus[] = ['queued', 'initiated', 'ringing', 'in-progress'];

const EVENT_OF: Readonly<Partial<Record<CallStatus, CallEvent>>> = {
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
};

/** The account's calls: what phones tell of theirs, and those that the account dials. */
export class CallBook implements CallRegistry {
  readonly #ground: Ground;
  readonly #calls = new Map<string, CallRecord>();
  readonly #listeners = new Set<(record: CallRecord) => void>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** The oldest first. */
  get all(): readonly CallRecord[] {
    return [...this.#calls.values()];
  }

  get(callSid: string): CallRecord | undefined {
    return this.#calls.get(callSid);
  }

  /** Tells of every change of a call's state. */
  listen(listener: (record: CallRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A call of the account's own making: `queued`. */
  enter(entry: CallEntry, callback?: CallCallback): CallRecord {
    const now = this.#ground.now();
    const record: CallRecord = { ...entry, status: 'queued', createdAt: now, updatedAt: now, sequence: 0 };
    if (callback) record.callback = callback;
    this.#calls.set(entry.callSid, record);
    return record;
  }

  begin(entry: CallEntry, live: LiveAccountCall): void {
    const known = this.#calls.get(entry.callSid);
    const record = known ?? this.enter(entry);
    record.live = live;
    if (!known) this.status(entry.callSid, 'ringing');
  }

  status(callSid: string, status: CallStatus): void {
    const record = this.#calls.get(callSid);
    if (!record || isOver(record.status)) return;
    if (isOver(status)) return this.end(callSid, status, this.secondsSinceAnswer(record));
    // A phone that takes over a call which somebody has answered may begin with its ringing: that is told already.
    if (ORDER.indexOf(status) <= ORDER.indexOf(record.status)) return;
    record.status = status;
    record.updatedAt = this.#ground.now();
    if (status === 'in-progress') record.startedAt ??= record.updatedAt;
    this.#tell(record);
  }

  end(callSid: string, status: CallStatus, durationSeconds: number): void {
    const record = this.#calls.get(callSid);
    if (!record || isOver(record.status)) return;
    record.status = isOver(status) ? status : 'completed';
    record.durationSeconds = durationSeconds;
    record.endedAt = this.#ground.now();
    record.updatedAt = record.endedAt;
    // A call that nobody answered starts when it ends.
    record.startedAt ??= record.endedAt;
    delete record.live;
    this.#tell(record);
  }

  /** Begun seconds count whole. */
  secondsSinceAnswer({ startedAt }: CallRecord): number {
    if (startedAt === undefined) return 0;
    return Math.ceil((this.#ground.now().getTime() - startedAt.getTime()) / 1000);
  }

  #tell(record: CallRecord): void {
    for (const listener of this.#listeners) listener(record);
    const { callback } = record;
    if (!callback) return;
    const event = isOver(record.status) ? 'completed' : EVENT_OF[record.status];
    if (event === undefined || !callback.events.includes(event)) return;
    const fields = { ...callFields(record), ...progressFields(record, this.#ground.now()) };
    this.#ground.callbacks.send(record.callSid, callback.url, callback.method, fields);
    record.sequence += 1;
  }
}

/** What every request about a call carries. Where a number is, the simulator does not know: empty, as Twilio leaves it. */
export function callFields(record: CallRecord): Record<string, string> {
  const { accountSid, callSid, from, to, direction, status, parentCallSid, answeredBy } = record;
  const place = (of: string): Record<string, string> => ({
    [`${of}City`]: '',
    [`${of}State`]: '',
    [`${of}Zip`]: '',
    [`${of}Country`]: '',
  });
  return {
    AccountSid: accountSid,
    CallSid: callSid,
    From: from,
    To: to,
    Caller: from,
    Called: to,
    CallStatus: status,
    Direction: direction,
    ApiVersion: '2010-04-01',
    ...place('From'),
    ...place('To'),
    ...place('Caller'),
    ...place('Called'),
    ...(parentCallSid !== undefined && { ParentCallSid: parentCallSid }),
    ...(answeredBy !== undefined && { AnsweredBy: answeredBy }),
  };
}

/** What a status callback adds: https://www.twilio.com/docs/voice/api/call-resource#statuscallback */
function progressFields(record: CallRecord, now: Date): Record<string, string> {
  const { status, sequence, durationSeconds, sipCode } = record;
  return {
    Timestamp: rfc2822(now),
    CallbackSource: 'call-progress-events',
    SequenceNumber: String(sequence),
    ...(isOver(status) && {
      CallDuration: String(durationSeconds ?? 0),
      // In begun minutes, as it is billed.
      Duration: String(Math.ceil((durationSeconds ?? 0) / 60)),
    }),
    ...(sipCode !== undefined && isOver(status) && { SipResponseCode: String(sipCode) }),
  };
}
