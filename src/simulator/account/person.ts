/** What is at the other end of a number that is dialled. Times are counted from the first ring. */
export interface Person {
  /** `'after 2s'`, `'never'`, `'busy'`, `'fails'`, `'machine'`, `'machine after 10s'`, `'fax'`, `'fax after 1s'`. */
  readonly answers?: string;
  /** Hangs up so long after answering, `'after 30s'`; without it never. */
  readonly hangsUp?: string;
  /** How long the greeting of a machine is, before its beep. */
  readonly greetingMs?: number;
  /** What becomes of a message to this number: it has answered STOP, or cannot receive any. */
  readonly messages?: 'stopped' | 'landline';
}

/** The same, read. */
export interface Behaviour {
  readonly kind: 'human' | 'machine' | 'fax' | 'never' | 'busy' | 'fails';
  readonly afterMs: number;
  readonly hangsUpAfterMs?: number;
  readonly greetingMs: number;
}

/** A person answers on the second ring, a machine when it has rung four times, a fax at once. */
const USUAL_MS = { human: 2000, machine: 12_000, fax: 1000, never: 0, busy: 0, fails: 0 };
const GREETING_MS = 6000;

/** @throws RangeError with a sentence that says what can be said instead */
export function behaviourOf({ answers = 'after 2s', hangsUp, greetingMs = GREETING_MS }: Person = {}): Behaviour {
  const match = /^(?:(human|machine|fax)\s*)?(?:(?:after\s+)?(\d+(?:\.\d+)?)\s*(ms|s))?$|^(never|busy|fails)$/.exec(
    answers.trim(),
  );
  if (!match || answers.trim() === '') {
    throw new RangeError(
      `a person answers 'after 2s', 'never', 'busy', 'fails', 'machine', 'machine after 10s' or 'fax', not '${answers}'`,
    );
  }
  const [, who, amount, unit, other] = match;
  const kind = (other ?? who ?? 'human') as Behaviour['kind'];
  return {
    kind,
    afterMs: amount === undefined ? USUAL_MS[kind] : durationMs(amount, unit!),
    greetingMs,
    ...(hangsUp !== undefined && { hangsUpAfterMs: hangsUpMs(hangsUp) }),
  };
}

function hangsUpMs(text: string): number {
  const match = /^(?:after\s+)?(\d+(?:\.\d+)?)\s*(ms|s)$/.exec(text.trim());
  if (!match) throw new RangeError(`a person hangs up 'after 30s', not '${text}'`);
  return durationMs(match[1]!, match[2]!);
}

function durationMs(amount: string, unit: string): number {
  return Number(amount) * (unit === 's' ? 1000 : 1);
}
