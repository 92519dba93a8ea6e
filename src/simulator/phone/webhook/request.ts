import { createHmac, randomUUID } from 'node:crypto';
import type { TwimlRule } from './rules.js';

/** How long Twilio waits for an answer. */
export const WEBHOOK_TIMEOUT_MS = 15_000;
const MAX_REDIRECTS = 10;
/** More of an answer is never read: Twilio takes 64 kB of TwiML, and audio is only measured. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export type Method = 'GET' | 'POST';

export interface WebhookRequest {
  readonly url: string;
  readonly method: Method;
  readonly form: Readonly<Record<string, string>>;
}

export interface WebhookAnswer {
  /** Where it came from, behind all redirects. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Why there is no answer that could be used. */
export interface WebhookFailure {
  readonly rule: TwimlRule;
  readonly message: string;
  /** HTTP status, when there was one. */
  readonly status?: number;
}

/**
 * The part of Twilio that asks servers: signs, keeps cookies for as long as the call lasts, follows redirects (each
 * signed anew; 307 and 308 keep method and form, the others become GET), waits 15 s.
 */
export class WebhookClient {
  readonly #authToken: string | undefined;
  readonly #timeoutMs: number;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(authToken: string | undefined, timeoutMs = WEBHOOK_TIMEOUT_MS) {
    this.#authToken = authToken;
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects. `signal` gives the request up. */
  async ask(request: WebhookRequest, signal?: AbortSignal): Promise<WebhookAnswer | WebhookFailure> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const given = signal ? AbortSignal.any([signal, deadline]) : deadline;
    // The same for every attempt at one request, so that a server can tell a second one.
    const idempotencyToken = randomUUID();
    let { url, method, form } = request;
    try {
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const response = await this.#once({ url, method, form }, idempotencyToken, given);
        const location = response.headers.get('location');
        if (response.status < 300 || response.status > 399 || location === null) {
          return await readAnswer(url, response);
        }
        await response.body?.cancel();
        if (response.status !== 307 && response.status !== 308) {
          method = 'GET';
          form = {};
        }
        url = new URL(location, url).href;
      }
      return { rule: 'webhook/redirects', message: `${request.url} was redirected more than ${MAX_REDIRECTS} times` };
    } catch (error) {
      if (deadline.aborted) {
        const seconds = this.#timeoutMs / 1000;
        return { rule: 'webhook/timeout', message: `${url} has not answered within ${seconds} s` };
      }
      return { rule: 'webhook/unreachable', message: `${url} cannot be reached: ${reasonOf(error)}` };
    }
  }

  async #once({ url, method, form }: WebhookRequest, token: string, signal: AbortSignal): Promise<Response> {
    const target = new URL(url);
    target.hash = '';
    if (method === 'GET') for (const [name, value] of Object.entries(form)) target.searchParams.append(name, value);
    const { host } = target;
    const posted = method === 'POST' ? form : {};
    const cookies = [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers: Record<string, string> = {
      'user-agent': 'TwilioProxy/1.1',
      accept: '*/*',
      'i-twilio-idempotency-token': token,
      ...(this.#authToken !== undefined && {
        'x-twilio-signature': webhookSignature(this.#authToken, target.href, posted),
      }),
      ...(cookies !== '' && { cookie: cookies }),
      ...basicAuth(target),
      ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
    };
    target.username = '';
    target.password = '';
    const response = await fetch(target, {
      method,
      headers,
      redirect: 'manual',
      signal,
      ...(method === 'POST' && { body: new URLSearchParams(posted).toString() }),
    });
    this.#keepCookies(host, response.headers.getSetCookie());
    return response;
  }

  #keepCookies(host: string, lines: readonly string[]): void {
    const kept = this.#cookies.get(host) ?? new Map<string, string>();
    for (const line of lines) {
      const [, name, value = ''] = /^\s*([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (name === undefined) continue;
      if (/;\s*max-age=(0|-\d+)\s*(;|$)/i.test(line)) kept.delete(name);
      else kept.set(name, value);
    }
    if (kept.size > 0) this.#cookies.set(host, kept);
  }
}

export function isFailure(answer: WebhookAnswer | WebhookFailure): answer is WebhookFailure {
  return 'rule' in answer;
}

async function readAnswer(url: string, response: Response): Promise<WebhookAnswer | WebhookFailure> {
  const { status } = response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      return { rule: 'webhook/too-large', message: `the answer of ${url} has no end`, status };
    chunks.push(chunk);
  }
  if (status < 200 || status > 299) {
    return { rule: 'webhook/status', message: `${url} answered HTTP ${status}`, status };
  }
  return { url, status, contentType: response.headers.get('content-type') ?? '', body: Buffer.concat(chunks) };
}

/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1 over the address and the sorted fields, each name followed by its value.
 * Credentials are left out of the address, and so is the port when it is https.
 * Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function webhookSignature(authToken: string, url: string, form: Readonly<Record<string, string>> = {}): string {
  const address = new URL(url);
  address.username = '';
  address.password = '';
  if (address.protocol === 'https:') address.port = '';
  const fields = Object.keys(form).sort();
  const signed = fields.reduce((text, name) => text + name + form[name], address.href);
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}

function basicAuth({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
