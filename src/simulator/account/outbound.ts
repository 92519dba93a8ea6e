import type { CallBook, CallRecord } from './call-book.js';
import type { Method } from './form.js';
import type { CallStatus } from './live-call.js';
import type { Behaviour } from './person.js';
import type { Ground } from './state.js';

/** What detection of answering machines was asked for. https://www.twilio.com/docs/voice/answering-machine-detection */
export interface MachineDetection {
  readonly mode: 'Enable' | 'DetectMessageEnd';
  /** Detection takes no longer; then it is `unknown`. */
  readonly timeoutMs: number;
  /** The call goes on meanwhile; the result is told to this address. */
  readonly async?: { readonly url?: string; readonly method: Method };
}

export interface Attempt {
  readonly record: CallRecord;
  readonly behaviour: Behaviour;
  readonly ringForMs: number;
  readonly timeLimitMs: number;
  readonly detection?: MachineDetection;
  /** Somebody answered (and, unless detection is asynchronous, is known): the instructions of the call begin. */
  onAnswered(): void;
  onRinging?(): void;
  onOver?(): void;
}

/** From the request to the first ring: the call goes out at once, and the far network takes this long. */
const SETUP_MS = 500;
/** A busy line, and a number that does not exist, are told this long after the call went out. */
const REFUSED_MS = 1000;
/** How long detection takes until it is sure; Twilio says a human's answer takes about as long as it is. */
const DETECTION_MS = { human: 2000, machine: 4000, fax: 1500 };
const BEEP_MS = 500;

const SIP = { busy: 486, failed: 404, 'no-answer': 487, canceled: 487, completed: 200 } as const;

/**
 * One outbound call from `queued` to its end, in the time of the account's clock:
 *
 *     queued ─▶ initiated ─▶ ringing ─▶ in-progress ─▶ completed
 *                  │            ├─▶ no-answer   (nobody within `ringForMs`)
 *                  │            └─▶ canceled    (taken back by the API)
 *                  └─▶ busy, failed
 */
export function attempt(ground: Ground, calls: CallBook, given: Attempt): void {
  const { record, behaviour, detection } = given;
  const { clock } = ground;
  const startMs = clock.now();
  const timers = new Set<() => void>();

  const at = (atMs: number, act: () => void): void => {
    const cancel = clock.at(atMs, () => {
      timers.delete(cancel);
      act();
    });
    timers.add(cancel);
  };

  function over(status: CallStatus): void {
    for (const cancel of timers) cancel();
    timers.clear();
    if (status in SIP) record.sipCode = SIP[status as keyof typeof SIP];
    calls.end(record.callSid, status, status === 'completed' ? calls.secondsSinceAnswer(record) : 0);
  }

  // Whoever ends the call (the phone that follows its instructions, a person, the API), the rest happens once.
  const unlisten = calls.listen((changed) => {
    if (changed !== record || record.endedAt === undefined) return;
    unlisten();
    for (const cancel of timers) cancel();
    timers.clear();
    given.onOver?.();
  });

  record.stop = (status) => {
    if (record.startedAt === undefined) return over(status === 'completed' ? 'canceled' : status);
    hangUp();
  };

  function hangUp(): void {
    if (record.live) record.live.hangUp();
    else over('completed');
  }

  function answer(): void {
    const answeredMs = clock.now();
    calls.status(record.callSid, 'in-progress');
    if (behaviour.hangsUpAfterMs !== undefined) at(answeredMs + behaviour.hangsUpAfterMs, hangUp);
    at(answeredMs + given.timeLimitMs, hangUp);
    if (!detection) return given.onAnswered();
    const verdict = detect(behaviour, detection);
    const { async } = detection;
    at(answeredMs + verdict.afterMs, () => {
      record.answeredBy = verdict.answeredBy;
      if (!async) return given.onAnswered();
      if (async.url === undefined) return;
      ground.callbacks.send(record.callSid, async.url, async.method, {
        CallSid: record.callSid,
        AccountSid: record.accountSid,
        AnsweredBy: verdict.answeredBy,
        MachineDetectionDuration: String(verdict.afterMs),
      });
    });
    if (async) given.onAnswered();
  }

  at(startMs, () => {
    calls.status(record.callSid, 'initiated');
    const { kind } = behaviour;
    if (kind === 'busy') return at(startMs + REFUSED_MS, () => over('busy'));
    if (kind === 'fails') return at(startMs + REFUSED_MS, () => over('failed'));
    at(startMs + SETUP_MS, () => {
      calls.status(record.callSid, 'ringing');
      given.onRinging?.();
      const ringsMs = clock.now();
      if (kind !== 'never' && behaviour.afterMs <= given.ringForMs) at(ringsMs + behaviour.afterMs, answer);
      else at(ringsMs + given.ringForMs, () => over('no-answer'));
    });
  });
}

/** What Twilio would say of this person, and how long after the answer. */
export function detect(
  { kind, greetingMs }: Behaviour,
  { mode, timeoutMs }: MachineDetection,
): { answeredBy: string; afterMs: number } {
  const [answeredBy, afterMs] =
    kind === 'fax'
      ? ['fax', DETECTION_MS.fax]
      : kind !== 'machine'
        ? ['human', DETECTION_MS.human]
        : mode === 'Enable'
          ? ['machine_start', DETECTION_MS.machine]
          : ['machine_end_beep', Math.max(greetingMs + BEEP_MS, DETECTION_MS.machine)];
  return afterMs <= timeoutMs ? { answeredBy, afterMs } : { answeredBy: 'unknown', afterMs: timeoutMs };
}
