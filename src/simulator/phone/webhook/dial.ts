import { type Clock, sleepUntil } from '../../../clock.js';
import type { AccountLine, CallStatus, ConferenceJoin } from '../../account/live-call.js';
import { wholeNumber } from './lengths.js';
import type { Answers } from './options.js';
import type { TwimlElement } from './xml.js';

export interface DialParts {
  readonly clock: Clock;
  readonly account: AccountLine | undefined;
  readonly answers: Answers;
  readonly callSid: string;
  readonly from: string;
  /** Draws the sid of a leg that no account knows. */
  readonly drawCallSid: () => string;
}

/** What came of a `<Dial>`, as its action is told. */
export interface DialResult {
  readonly status: CallStatus;
  readonly callSid?: string;
  readonly seconds: number;
  /** Fields that the action is told beside the usual ones. */
  readonly form: Readonly<Record<string, string>>;
}

const DEFAULT_TIMEOUT_S = 30;
const DEFAULT_LIMIT_S = 4 * 3600;

/** Dials a number and waits until that conversation is over. Rejects when `signal` ends it. */
export async function dialNumber(dial: TwimlElement, parts: DialParts, signal: AbortSignal): Promise<DialResult> {
  const number = dial.children.find(({ name }) => name === 'Number')?.text ?? dial.text;
  const timeoutMs = 1000 * wholeNumber(dial.attributes.timeout, DEFAULT_TIMEOUT_S);
  const limitMs = 1000 * wholeNumber(dial.attributes.timeLimit, DEFAULT_LIMIT_S);
  const from = dial.attributes.callerId ?? parts.from;
  const { account } = parts;
  const over = account
    ? await dialThrough(account, { to: number, from, timeoutMs, limitMs }, parts, signal)
    : await dialPretended(timeoutMs, limitMs, parts, signal);
  return {
    ...over,
    form: {
      DialCallStatus: over.status,
      DialCallSid: over.callSid,
      DialBridged: String(over.status === 'completed'),
      ...(over.status === 'completed' && { DialCallDuration: String(over.seconds) }),
    },
  };
}

interface Leg {
  readonly status: CallStatus;
  readonly callSid: string;
  readonly seconds: number;
}

function dialThrough(
  account: AccountLine,
  { to, from, timeoutMs, limitMs }: { to: string; from: string; timeoutMs: number; limitMs: number },
  { clock, callSid: parentCallSid }: DialParts,
  signal: AbortSignal,
): Promise<Leg> {
  return new Promise((resolve, reject) => {
    let cancelLimit = (): void => {};
    const leg = account.dial({
      from,
      to,
      parentCallSid,
      timeoutSeconds: timeoutMs / 1000,
      onAnswered: () => {
        cancelLimit = clock.at(clock.now() + limitMs, () => leg.hangUp());
      },
      onOver: (status, seconds) => {
        cancelLimit();
        signal.removeEventListener('abort', onAbort);
        resolve({ status, callSid: leg.callSid, seconds });
      },
    });
    const onAbort = (): void => {
      reject(signal.reason);
      leg.hangUp();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function dialPretended(
  timeoutMs: number,
  limitMs: number,
  { clock, answers, drawCallSid }: DialParts,
  signal: AbortSignal,
): Promise<Leg> {
  const callSid = drawCallSid();
  const wait = (ms: number) => sleepUntil(clock, clock.now() + ms, signal);
  if (answers === 'busy') return { status: 'busy', callSid, seconds: 0 };
  if (answers === 'never' || answers.afterMs > timeoutMs) {
    await wait(timeoutMs);
    return { status: 'no-answer', callSid, seconds: 0 };
  }
  await wait(answers.afterMs);
  const talkedMs = Math.min(answers.talksMs, limitMs);
  await wait(talkedMs);
  return { status: 'completed', callSid, seconds: Math.ceil(talkedMs / 1000) };
}

/** Puts the caller into a room until it closes or they are put out of it. Rejects when `signal` ends it. */
export async function joinConference(
  conference: TwimlElement,
  { clock, account, answers, callSid }: DialParts,
  signal: AbortSignal,
): Promise<DialResult> {
  const startMs = clock.now();
  const done = (): DialResult => {
    const seconds = Math.ceil((clock.now() - startMs) / 1000);
    return { status: 'completed', seconds, form: { DialCallStatus: 'completed', DialCallDuration: String(seconds) } };
  };
  if (!account) {
    // Nobody knows who else comes into a room of no account: it lasts as long as a conversation would.
    const ms = typeof answers === 'string' ? Number.POSITIVE_INFINITY : answers.afterMs + answers.talksMs;
    await (ms === Number.POSITIVE_INFINITY ? never(signal) : sleepUntil(clock, clock.now() + ms, signal));
    return done();
  }
  await new Promise<void>((resolve, reject) => {
    const seat = account.join({ ...joinOf(conference, callSid), onOut: () => resolve() });
    if (!seat) return resolve();
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason);
        seat.leave();
      },
      { once: true },
    );
  });
  return done();
}

function joinOf({ text, attributes }: TwimlElement, callSid: string): ConferenceJoin {
  const { startConferenceOnEnter, endConferenceOnExit, muted, maxParticipants, participantLabel } = attributes;
  const { statusCallback, statusCallbackMethod, statusCallbackEvent } = attributes;
  return {
    friendlyName: text,
    callSid,
    ...(startConferenceOnEnter !== undefined && { startConferenceOnEnter: startConferenceOnEnter !== 'false' }),
    ...(endConferenceOnExit !== undefined && { endConferenceOnExit: endConferenceOnExit === 'true' }),
    ...(muted !== undefined && { muted: muted === 'true' }),
    ...(maxParticipants !== undefined && { maxParticipants: wholeNumber(maxParticipants, 250) }),
    ...(participantLabel !== undefined && { label: participantLabel }),
    ...(statusCallback !== undefined && { statusCallback }),
    ...(statusCallbackMethod !== undefined && {
      statusCallbackMethod: statusCallbackMethod === 'GET' ? 'GET' : 'POST',
    }),
    ...(statusCallbackEvent !== undefined && { statusCallbackEvent }),
  };
}

export function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
