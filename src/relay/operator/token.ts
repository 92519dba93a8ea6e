import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.js';

/**
 * Throws a Problem unless the header carries the token (RFC 6750). Digests are compared, in constant time, so that neither
 * the length of the token nor the place of the first wrong letter can be measured.
 */
export function checkToken(header: string | undefined, token: string): void {
  const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(header ?? '') ?? [];
  if (given === undefined) {
    throw new Problem(
      'token-missing',
      'send the header Authorization: Bearer …, with the operator token of this relay',
      {
        headers: { 'WWW-Authenticate': 'Bearer realm="voicebridge"' },
      },
    );
  }
  if (timingSafeEqual(digest(given), digest(token))) return;
  throw new Problem('token-wrong', 'this is not the operator token of this relay', {
    headers: { 'WWW-Authenticate': 'Bearer realm="voicebridge", error="invalid_token"' },
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
