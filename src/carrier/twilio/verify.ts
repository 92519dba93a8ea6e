import webhooks from 'twilio/lib/webhooks/webhooks.js';

/**
 * Was this request signed by Twilio? `url` is what Twilio was told to call, scheme included (`wss` for a stream).
 * Never throws: `validateRequest` of twilio 6 does, on a missing token and on a url it cannot parse.
 * For a stream Twilio's own page says to try the url with a trailing slash as well.
 */
export function signatureMatches(
  authToken: string,
  signature: string | string[] | undefined,
  url: string,
  form: Readonly<Record<string, string>> = {},
): boolean {
  if (typeof signature !== 'string' || signature === '') return false;
  try {
    return [url, `${url}/`].some((candidate) => webhooks.validateRequest(authToken, signature, candidate, form));
  } catch {
    return false;
  }
}
