import { createHmac } from 'node:crypto';

/** The header that says who asks: requests to a user's own system are signed, so that it can tell ours from others. */
export const SIGNATURE_HEADER = 'X-Voicebridge-Signature';

/** `sha256=` and the HMAC-SHA256 of the body in hexadecimal, with a secret that both sides have. */
export function signatureOf(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}
