import type { Clock } from '../../../clock.js';
import {
  isFailure,
  type WebhookAnswer,
  type WebhookClient,
  type WebhookFailure,
  type WebhookRequest,
} from './request.js';

/** A callback that was sent, and what came of it. */
export interface SentCallback {
  readonly request: WebhookRequest;
  readonly tells: string;
  readonly tookMs: number;
  readonly answer: WebhookAnswer | WebhookFailure;
}

/** Status callbacks: one after the other, so that a server sees them in order, and none of them holds up the call. */
export class StatusCallbacks {
  readonly #client: WebhookClient;
  readonly #clock: Clock;
  readonly #onSent: (sent: SentCallback) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(client: WebhookClient, clock: Clock, onSent: (sent: SentCallback) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onSent = onSent;
  }

  /** @param tells the CallStatus or StreamEvent */
  send(request: WebhookRequest, tells: string): void {
    this.#last = this.#last.then(async () => {
      const askedMs = this.#clock.now();
      const answer = await this.#client.ask(request);
      this.#onSent({ request, tells, answer, tookMs: this.#clock.now() - askedMs });
    });
  }

  /** Resolves when all of them have been answered, or were waited for in vain. */
  idle(): Promise<void> {
    return this.#last;
  }
}

/** Why a callback was no good; undefined when it was. */
export function complaintOf({ answer, tells, request }: SentCallback): string | undefined {
  if (!isFailure(answer)) return undefined;
  return `the callback that told ${tells} failed: ${answer.message.replace(request.url, request.url.slice(0, 80))}`;
}
