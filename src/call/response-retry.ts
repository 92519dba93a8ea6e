import type { ModelEvent } from '../model/model.js';
import type { RespondOptions } from './model-turn.js';

/** What to do about a response that has ended. */
export type AfterResponse =
  /** It ended as it should, or as somebody wanted. */
  | { readonly type: 'nothing' }
  /** Ask again in this way, if the caller is still waiting by then. */
  | { readonly type: 'again'; readonly options: RespondOptions; readonly afterMs: number }
  /** The model cannot answer now: the caller has to be told by other means. */
  | { readonly type: 'fallback'; readonly reason: string };

/** Nobody is kept waiting longer than this for a limit to be lifted. */
const MOST_PAUSE_MS = 2_000;
const REFUSED_PAUSE_MS = 1_000;
/** What asking again does not mend. */
const FINAL = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'invalid_prompt']);

/** A response that failed is dead air. It is asked for once more, in the way it was asked for; then the relay gives in. */
export class ResponseRetry {
  #asked: RespondOptions | undefined;
  #making = new Map<string, RespondOptions>();
  #failures = 0;
  #limitsLiftMs = 0;

  /** A response is being asked for. */
  asked(options: RespondOptions): void {
    this.#asked = options;
  }

  started(responseId: string): void {
    this.#making.set(responseId, this.#asked ?? {});
    this.#asked = undefined;
  }

  limits({ limits }: ModelEvent & { type: 'rate-limits' }): void {
    const spent = limits.filter(({ remaining }) => remaining === 0);
    this.#limitsLiftMs = Math.max(0, ...spent.map(({ resetSeconds }) => resetSeconds * 1_000));
  }

  done({ responseId, status, reason = 'failed' }: ModelEvent & { type: 'response-done' }): AfterResponse {
    const options = this.#making.get(responseId) ?? {};
    this.#making.delete(responseId);
    if (status === 'failed') return this.#failed(options, reason);
    this.#failures = 0;
    return { type: 'nothing' };
  }

  /** An error which may mean that the response that was asked for will never begin. */
  refused(reason: string): AfterResponse {
    const options = this.#asked;
    this.#asked = undefined;
    if (!options) return { type: 'nothing' };
    const after = this.#failed(options, reason);
    // If it does begin, it begins before.
    return after.type === 'again' ? { ...after, afterMs: Math.max(after.afterMs, REFUSED_PAUSE_MS) } : after;
  }

  /** Another session: its responses have nothing to do with those before. */
  reset(): void {
    this.#making.clear();
    this.#asked = undefined;
    this.#failures = 0;
  }

  #failed(options: RespondOptions, reason: string): AfterResponse {
    this.#failures += 1;
    const isHaste = reason === 'rate_limit_exceeded';
    const tooLong = isHaste && this.#limitsLiftMs > MOST_PAUSE_MS;
    if (this.#failures > 1 || FINAL.has(reason) || tooLong) {
      this.#failures = 0;
      return { type: 'fallback', reason };
    }
    return { type: 'again', options, afterMs: isHaste ? this.#limitsLiftMs || MOST_PAUSE_MS / 2 : 0 };
  }
}
