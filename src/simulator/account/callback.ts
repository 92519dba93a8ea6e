import { createHmac } from 'node:crypto';
import type { Method } from './form.js';

/** Callbacks that can still be looked at. */
const KEPT = 10_000;
/** How long Twilio waits for the answer to a webhook. */
const TIMEOUT_MS = 15_000;

/** One request of the account to somebody's server. */
export interface SentCallback {
  readonly url: string;
  readonly method: Method;
  readonly form: Readonly<Record<string, string>>;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** Why there was none. */
  readonly error?: string;
}

/**
 * Status callbacks, signed as Twilio signs them. Those of one call go out one after the other, so that a server sees them
 * in order (Twilio promises none; one that needs another order is wrong there, too).
 */
export class Callbacks {
  readonly #authToken: string;
  readonly #onSent: (sent: SentCallback) => void;
  readonly #idempotencyToken: () => string;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #giveUp = new AbortController();
  readonly sent: SentCallback[] = [];

  constructor(authToken: string, idempotencyToken: () => string, onSent: (sent: SentCallback) => void = () => {}) {
    this.#authToken = authToken;
    this.#idempotencyToken = idempotencyToken;
    this.#onSent = onSent;
  }

  /** `about` names what the callback is of: the sid of a call, a message, a conference. */
  send(about: string, url: string, method: Method, form: Readonly<Record<string, string>>): void {
    const before = this.#queues.get(about) ?? Promise.resolve();
    const sending = before.then(() => this.#request(url, method, form));
    this.#queues.set(about, sending);
    void sending.then(() => {
      if (this.#queues.get(about) === sending) this.#queues.delete(about);
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all(this.#queues.values());
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#giveUp.abort();
    await this.idle();
  }

  async #request(url: string, method: Method, form: Readonly<Record<string, string>>): Promise<void> {
    const note = (result: { status: number } | { error: string }): void => {
      const sent = { url, method, form, ...result };
      this.sent.push(sent);
      if (this.sent.length > KEPT) this.sent.shift();
      this.#onSent(sent);
    };
    if (this.#giveUp.signal.aborted) return;
    try {
      const target = new URL(url);
      if (method === 'GET') for (const [name, value] of Object.entries(form)) target.searchParams.append(name, value);
      const signed = signature(this.#authToken, target.href, method === 'POST' ? form : {});
      const response = await fetch(withoutCredentials(target), {
        method,
        headers: {
          'user-agent': 'TwilioProxy/1.1',
          accept: '*/*',
          'x-twilio-signature': signed,
          'i-twilio-idempotency-token': this.#idempotencyToken(),
          ...basicAuth(target),
          ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
        },
        ...(method === 'POST' && { body: new URLSearchParams(form).toString() }),
        signal: AbortSignal.any([this.#giveUp.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.arrayBuffer();
      note({ status: response.status });
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause;
      note({ error: cause?.code ?? (error as Error).name });
    }
  }
}

/**
 * `X-Twilio-Signature` of a webhook: HMAC-SHA1 over the address and the sorted fields. Credentials are left out of the
 * address, and so is the port when it is https.
 * Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function signature(authToken: string, url: string, form: Readonly<Record<string, string>> = {}): string {
  const address = new URL(url);
  address.username = '';
  address.password = '';
  if (address.protocol === 'https:') address.port = '';
  let text = address.href;
  for (const name of Object.keys(form).sort()) text += name + form[name];
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64');
}

function withoutCredentials(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

function basicAuth({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}
