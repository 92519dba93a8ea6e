import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { DEFAULTS } from '../../options.js';
import { type Mistake, Problem } from './problem.js';

const MAX_BODY_BYTES = DEFAULTS.operator.maxBodyBytes;

/** Reads and checks a JSON body. No body at all counts as `{}`. Throws a Problem. */
export async function readBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readText(request);
  if (text !== '' && !isJson(request.headers['content-type'])) {
    throw new Problem('body-not-json', 'send the body as Content-Type: application/json');
  }
  let value: unknown = {};
  try {
    if (text !== '') value = JSON.parse(text);
  } catch {
    throw new Problem('body-invalid', 'the body is not JSON');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => mistakes(issue, value));
  throw new Problem('body-invalid', errors.map(sentence).join('; '), { errors });
}

async function readText(request: IncomingMessage): Promise<string> {
  const tooLarge = (): Problem =>
    // What was not read would be taken for the next request: the connection is given up.
    new Problem('body-too-large', `the body is larger than ${MAX_BODY_BYTES} bytes`, {
      headers: { Connection: 'close' },
    });
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isJson(type: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(type ?? '');
}

function sentence({ pointer, detail }: Mistake): string {
  return pointer === '' ? `the body ${detail}` : `${pointer.slice(1).replaceAll('/', '.')} ${detail}`;
}

function mistakes(issue: z.core.$ZodIssue, body: unknown): Mistake[] {
  const pointer = issue.path.map((key) => `/${String(key)}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: `${pointer}/${key}`, detail: 'is not known here' }));
  }
  return [{ pointer, detail: whatIsAllowed(issue, issue.path.reduce<unknown>(property, body)) }];
}

function whatIsAllowed(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? `is missing: ${kind(issue.expected)}` : `must be ${kind(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((one) => JSON.stringify(one)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    default:
      return issue.message;
  }
}

function kind(expected: string): string {
  const kinds: Record<string, string> = {
    string: 'a text',
    boolean: 'true or false',
    object: 'a JSON object',
    array: 'a list',
    number: 'a number',
    int: 'a whole number',
  };
  return kinds[expected] ?? expected;
}

function property(value: unknown, key: PropertyKey): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}
