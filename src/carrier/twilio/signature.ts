import { createHmac } from 'node:crypto';

/**
 * `X-Twilio-Signature` as Twilio makes it: base64 of HMAC-SHA1 over the address and the sorted POST fields, each name
 * followed by its value. The upgrade of a stream is a GET, so the address (with `wss`) stands alone.
 * Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function twilioSignature(authToken: string, url: string, form: Readonly<Record<string, string>> = {}): string {
  const fields = Object.keys(form).sort();
  const signed = fields.reduce((text, name) => text + name + form[name], url);
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}
