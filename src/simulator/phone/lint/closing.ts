import type { PhoneEvent } from '../events.js';
import type { Complain } from '../lint.js';
import type { Situation } from './situation.js';

/** Less than this is a breath that nobody misses. */
const LEAST_CUT_MS = 300;
/** RFC 6455, 7.4.1: a normal end, going away, no code given, no close frame at all. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const NO_CODE = 1005;
const NO_CLOSE_FRAME = 1006;

/** How a server ends a stream. */
export class ClosingJudge {
  readonly #complain: Complain;
  readonly #situation: Situation;
  #broken = false;

  constructor(complain: Complain, situation: Situation) {
    this.#complain = complain;
    this.#situation = situation;
  }

  event(event: PhoneEvent): void {
    // A server that broke the protocol was sent away: how the socket ended then is not its doing.
    if (event.type === 'lint' && event.finding.rule.startsWith('frame/')) this.#broken = true;
    if (event.type !== 'closed' || event.by !== 'server' || this.#broken || this.#situation.disturbed) return;
    const cutMs = Math.round(this.#situation.audibleLeftMs());
    if (cutMs >= LEAST_CUT_MS)
      this.#complain('close/goodbye-cut', `the server closed the stream ${cutMs} ms too early`);
    else if (event.code === NO_CLOSE_FRAME) this.#complain('close/abrupt');
    else if (![NORMAL, GOING_AWAY, NO_CODE].includes(event.code))
      this.#complain('close/bad-code', `the server closed the stream with code ${event.code}`);
  }
}
