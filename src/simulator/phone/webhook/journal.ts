import type { Clock } from '../../../clock.js';
import type { PhoneEvent } from '../events.js';
import type { LintFinding } from '../lint.js';
import type { Talk } from '../talk.js';
import { type TwimlRule, twimlFinding } from './rules.js';

export type WebhookEvent = Extract<PhoneEvent, { type: 'webhook' }>;
export type VerbEvent = Extract<PhoneEvent, { type: 'verb' }>;

/** What happened on the webhook's side of a call. As soon as there is a stream, the record of the talk has it too. */
export class Journal {
  /** What happened before anybody talked. */
  readonly before: PhoneEvent[] = [];
  readonly requests: WebhookEvent[] = [];
  readonly verbs: VerbEvent[] = [];
  readonly lint: LintFinding[] = [];
  readonly #clock: Clock;
  readonly #tell: (event: PhoneEvent) => void;
  #talk: Talk | undefined;
  #over = false;

  constructor(clock: Clock, tell: (event: PhoneEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** From here on the talk keeps the events; it was made with `before`. */
  attach(talk: Talk): void {
    this.#talk = talk;
    for (const finding of this.lint) talk.keep(finding);
    void talk.over.then(() => {
      this.#over = true;
    });
  }

  note(event: PhoneEvent): void {
    if (event.type === 'webhook') this.requests.push(event);
    if (event.type === 'verb') this.verbs.push(event);
    if (this.#talk && !this.#over) return this.#talk.note(event);
    if (!this.#talk) this.before.push(event);
    this.#tell(event);
  }

  verb(verb: string, text: string): void {
    this.note({ type: 'verb', atMs: this.#clock.now(), verb, text });
  }

  find(rule: TwimlRule, message?: string, excerpt?: string): LintFinding {
    const finding = twimlFinding(rule, this.#clock.now(), message, excerpt);
    this.keep(finding);
    return finding;
  }

  keep(finding: LintFinding): void {
    this.lint.push(finding);
    if (this.#talk && !this.#over) return this.#talk.find(finding);
    this.note({ type: 'lint', atMs: finding.atMs, finding });
  }
}
