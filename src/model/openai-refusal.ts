import type { IncomingMessage } from 'node:http';

/** More than this of the body is not read. */
const MOST_CHARACTERS = 4_096;

/**
 * Tells the `error.code` in the body of an HTTP answer to the handshake, if there is one: a quota that is used up is
 * answered with 429 as haste is, and only one of them passes. Calls `tell` once, when the body has ended.
 */
export function readRefusal(response: IncomingMessage, tell: (code: string | undefined) => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    body += chunk;
    if (body.length > MOST_CHARACTERS) response.destroy();
  });
  response.on('error', () => {});
  response.on('close', () => tell(codeIn(body)));
}

function codeIn(body: string): string | undefined {
  try {
    const code: unknown = JSON.parse(body)?.error?.code;
    return typeof code === 'string' && /^\w+$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
