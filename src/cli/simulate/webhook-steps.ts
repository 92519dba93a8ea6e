import type { CallRecord, PhoneEvent } from '../../simulator/phone/events.js';

type WebhookEvent = Extract<PhoneEvent, { type: 'webhook' }>;

/** The requests of a call to its server, and what its TwiML had it do: in order, each with a time of its own. */
export interface WebhookSteps {
  readonly requests: readonly WebhookEvent[];
  readonly verbs: readonly { readonly atMs: number; readonly verb: string; readonly text: string }[];
}

/** Undefined for a call that began at its stream. */
export function webhookSteps({ events, startedAtMs }: CallRecord): WebhookSteps | undefined {
  const requests = events.flatMap((event) =>
    event.type === 'webhook' ? [{ ...event, atMs: event.atMs - startedAtMs }] : [],
  );
  const verbs = events.flatMap((event) =>
    event.type === 'verb' ? [{ atMs: event.atMs - startedAtMs, verb: event.verb, text: event.text }] : [],
  );
  return requests.length === 0 ? undefined : { requests, verbs };
}

/** One line a request, and one for all verbs. */
export function stepTexts({ requests, verbs }: WebhookSteps): [label: string, text: string][] {
  return [
    ...requests.map((request): [string, string] => ['webhook', requestText(request)]),
    ['TwiML', verbs.map(({ verb }) => verb).join(', ')],
  ];
}

/** `POST /ended, 200 after 4 ms`; of a callback, what it told. */
export function requestText({ method, url, status, tookMs, tells }: WebhookEvent): string {
  const pathname = URL.canParse(url) ? new URL(url).pathname : url;
  const told = tells === undefined ? '' : ` (${tells})`;
  return `${method} ${pathname}${told}, ${status ?? 'no answer'} after ${Math.round(tookMs)} ms`;
}
