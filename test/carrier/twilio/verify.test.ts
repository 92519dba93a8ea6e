import { describe, expect, it } from 'vitest';
import { signatureMatches } from '../../../src/carrier/twilio/verify.js';

describe('checking X-Twilio-Signature', () => {
  it('accepts the known signature of a stream', () => {
    expect(signatureMatches('12345', '7PR3qMkpDyEJtMrVOY/LDyNq8J8=', 'wss://example.com/media')).toBe(true);
  });

  it('accepts a stream at the root, which Twilio signs with a slash', () => {
    expect(signatureMatches('12345', 'hoaxtdkWNBxVYCmDLq7UdjDdXIg=', 'wss://example.com')).toBe(true);
  });

  it.each([
    ['another token', '54321', '7PR3qMkpDyEJtMrVOY/LDyNq8J8=', 'wss://example.com/media'],
    ['another url', '12345', '7PR3qMkpDyEJtMrVOY/LDyNq8J8=', 'wss://example.com/medias'],
    ['no signature', '12345', undefined, 'wss://example.com/media'],
    ['an empty signature', '12345', '', 'wss://example.com/media'],
    ['two signatures', '12345', ['7PR3qMkpDyEJtMrVOY/LDyNq8J8='], 'wss://example.com/media'],
    ['a url that is none', '12345', '7PR3qMkpDyEJtMrVOY/LDyNq8J8=', 'wss://[::bad'],
    ['no token', '', '7PR3qMkpDyEJtMrVOY/LDyNq8J8=', 'wss://example.com/media'],
  ])('refuses %s, and does not throw', (_, token, signature, url) => {
    expect(signatureMatches(token, signature, url)).toBe(false);
  });
});
