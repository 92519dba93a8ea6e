import type { ModelConnection, ModelEvent } from '../model/model.js';

/** How a response is asked for. */
export type RespondOptions = NonNullable<Parameters<ModelConnection['respond']>[0]>;

/** An answer that is due so long may still begin any moment; afterwards nobody counts on it for a change of sessions. */
const DUE_MS = 3_000;
/** A caller who has waited so long for an answer has said something else, or has gone. */
const FORGOTTEN_MS = 30_000;

/**
 * What one session of a model owes the caller: the answer it is making, and the one that is due. From this it is known
 * what breaks off with the session, and whether it can be replaced unnoticed.
 */
export class ModelTurn {
  #responding: string | undefined;
  #owed: { readonly options: RespondOptions; readonly sinceMs: number } | undefined;
  #isBoundary = false;

  get isResponding(): boolean {
    return this.#responding !== undefined;
  }

  owedAt(nowMs: number): RespondOptions | undefined {
    return this.#owed && nowMs - this.#owed.sinceMs < FORGOTTEN_MS ? this.#owed.options : undefined;
  }

  /** When the session may be replaced, as far as is known now; undefined: not before the next turn boundary. */
  quietFromMs(nowMs: number): number | undefined {
    if (!this.#isBoundary || this.isResponding) return undefined;
    return this.#owed ? Math.max(nowMs, this.#owed.sinceMs + DUE_MS) : nowMs;
  }

  /** Nobody speaks and nothing is unheard. */
  boundary(): void {
    this.#isBoundary = true;
  }

  asked(options: RespondOptions, nowMs: number): void {
    this.#isBoundary = false;
    this.#owed = { options, sinceMs: nowMs };
  }

  cancelled(responseId: string): void {
    if (this.#responding === responseId) this.#responding = undefined;
  }

  /** Called with every event of the session but audio. */
  event(event: ModelEvent, model: Pick<ModelConnection, 'cancelsOnSpeech' | 'answersByItself'>, nowMs: number): void {
    switch (event.type) {
      case 'response-started':
        this.#responding = event.responseId;
        this.#owed = undefined;
        this.#isBoundary = false;
        return;
      case 'response-done':
        this.cancelled(event.responseId);
        return;
      case 'speech-started':
        // What the caller is saying now will be answered instead.
        this.#owed = undefined;
        this.#isBoundary = false;
        if (model.cancelsOnSpeech) this.#responding = undefined;
        return;
      case 'speech-stopped':
        if (model.answersByItself) this.#owed = { options: {}, sinceMs: nowMs };
        return;
      case 'error':
        // What was asked for twice is answered once.
        if (event.code === 'conversation_already_has_active_response') this.#owed = undefined;
        return;
    }
  }

  /** A new session has begun. */
  reset(): void {
    this.#responding = undefined;
    this.#owed = undefined;
    this.#isBoundary = false;
  }
}
