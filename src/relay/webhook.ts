import type { IncomingMessage } from 'node:http';
import type { Reception } from '../call/plan.js';
import type { Log } from '../log.js';
import type { Calls } from './calls.js';

/** What the answers to Twilio's webhooks depend on. */
export interface Webhook {
  readonly authToken: string | undefined;
  /** `https://host` as Twilio knows it, without a trailing slash. */
  readonly publicUrl: string;
  /** `wss://host/media-stream` */
  readonly streamUrl: string;
  /** Says what the streams of incoming calls bring along; absent: nothing. */
  readonly reception: Reception | undefined;
  readonly log: Log;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const MAX_FORM_BYTES = 64 * 1024;

/** Reads a form body. Throws when it is larger than any webhook of Twilio's. */
export async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_FORM_BYTES) throw new Error(`the body is larger than ${MAX_FORM_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

/**
 * Answers a webhook: /voice (and what the reception answers) connects the call to the stream, /ended is asked when the stream is over, /status only
 * reports. With an auth token the signature is checked first, over the public url as the TwiML gave it.
 */
export async function answerWebhook(
  webhook: Webhook,
  path: string,
  form: Record<string, string>,
  signature: string | string[] | undefined,
  calls: Calls,
): Promise<WebhookAnswer> {
  if (webhook.authToken) {
    const { signatureMatches } = await import('../carrier/twilio/verify.js');
    if (!signatureMatches(webhook.authToken, signature, `${webhook.publicUrl}${path}`, form)) {
      return { status: 403, type: 'text/plain', body: 'the X-Twilio-Signature does not match\n' };
    }
  }
  if (path === '/status') return { status: 204, type: 'text/plain', body: '' };
  // 20 ms to import: only a relay that is asked for TwiML pays for it.
  const { connectTwiml, endedTwiml, fullTwiml } = await import('../carrier/twilio/twiml.js');
  if (path === '/ended') return xml(endedTwiml(calls.lostModel(form.CallSid ?? '')));
  if (calls.full) {
    webhook.log.warn('a caller was turned away: all lines are busy', { callSid: form.CallSid });
    return xml(fullTwiml());
  }
  const parameters = await received(webhook, path, form);
  return xml(
    connectTwiml({
      streamUrl: webhook.streamUrl,
      endedUrl: `${webhook.publicUrl}/ended`,
      statusUrl: `${webhook.publicUrl}/status`,
      parameters,
    }),
  );
}

/** Nothing that goes wrong here keeps a caller from being connected. */
async function received(
  { reception, log }: Webhook,
  path: string,
  { CallSid: callSid = '', From: from, To: to }: Record<string, string | undefined>,
): Promise<Readonly<Record<string, string>>> {
  try {
    const call = { callSid, path, ...(from && { from }), ...(to && { to }) };
    return (await reception?.receive(call, log)) ?? {};
  } catch (error) {
    log.warn('a call could not be received', { callSid, reason: (error as Error).message });
    return {};
  }
}

function xml(body: string): WebhookAnswer {
  return { status: 200, type: 'text/xml', body };
}
