import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './faults.js';

const MAX_BODY_BYTES = 1024 * 1024;

/** Answers with JSON, as Twilio does. */
export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, {
    'content-type': 'application/json;charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'twilio-concurrent-requests': '1',
    ...(status === 401 && { 'www-authenticate': 'Basic realm="Twilio API"' }),
    ...headers,
  });
  response.end(body);
}

/** Faults that no refusal can say. */
export function misbehave(
  fault: Fault,
  response: ServerResponse,
  note: (status: number, more: { fault: Fault['kind'] }) => void,
): void {
  const { kind } = fault;
  // Of an answer that never comes there is no status.
  if (kind === 'timeout') return note(0, { fault: kind });
  note(200, { fault: kind });
  send(response, 200, kind === 'malformed' ? '{"sid": "CA0123", "status": ' : '');
}

/** The form of a request; undefined when what came is no form. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const type = request.headers['content-type'] ?? '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes === 0) return '';
  if (!type.toLowerCase().startsWith('application/x-www-form-urlencoded') || bytes > MAX_BODY_BYTES) return undefined;
  return Buffer.concat(chunks).toString('utf8');
}

export function credentialsOf(request: IncomingMessage): { user: string; secret: string } | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [, user, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return user === undefined || secret === undefined ? undefined : { user, secret };
}

export function sameSecret(expected: string | undefined, given: string): boolean {
  if (expected === undefined) return false;
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
