import type { Clock } from '../../clock.js';
import type { Conversation } from './conversation.js';

/** Conversations whose session is over and that another session may go on with, for a while. */
export class Keep {
  readonly #clock: Clock;
  readonly #withinMs: number;
  readonly #kept = new Map<string, { readonly conversation: Conversation; readonly untilMs: number }>();

  constructor(clock: Clock, withinMs: number) {
    this.#clock = clock;
    this.#withinMs = withinMs;
  }

  put(conversation: Conversation): void {
    const nowMs = this.#clock.now();
    for (const [id, { untilMs }] of this.#kept) if (untilMs < nowMs) this.#kept.delete(id);
    this.#kept.set(conversation.id, { conversation, untilMs: nowMs + this.#withinMs });
  }

  /** Once: who goes on with a conversation keeps it again at the end. Undefined when there is none, or it is too late. */
  take(conversationId: string): Conversation | undefined {
    const kept = this.#kept.get(conversationId);
    this.#kept.delete(conversationId);
    return kept && kept.untilMs >= this.#clock.now() ? kept.conversation : undefined;
  }
}
