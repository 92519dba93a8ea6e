import { z } from 'zod';
import { webhookSignature } from '../call/tools/http.js';
import type { Clock } from '../clock.js';

/** What a user's own system is asked about a call. */
export interface LookupQuestion {
  readonly callSid: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface LookupAnswer {
  readonly agent?: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The answer, or why there is none: then the routes decide. */
export type LookedUp = { readonly answer: LookupAnswer } | { readonly failed: string };

export interface LookupOptions {
  readonly url: string;
  readonly secret?: string | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Milliseconds since 1970, for the signature. */
  readonly wallClock: () => number;
  readonly fetch: typeof fetch;
}

const LARGEST_ANSWER_BYTES = 64 * 1024;

const answerShape = z.object({
  agent: z.string().nullish(),
  variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
});

/** Asks once and keeps nothing. Never rejects, and never takes longer than its timeout, whatever the other side does. */
export function lookUp(options: LookupOptions, question: LookupQuestion): Promise<LookedUp> {
  const { clock, timeoutMs } = options;
  const abort = new AbortController();
  return new Promise((resolve) => {
    const cancel = clock.at(clock.now() + timeoutMs, () => {
      resolve({ failed: `no answer within ${timeoutMs} ms` });
      abort.abort();
    });
    ask(options, question, abort.signal)
      .catch((error: Error) => ({ failed: reasonOf(error) }))
      .then((found) => {
        cancel();
        resolve(found);
      });
  });
}

async function ask(
  { url, secret, wallClock, fetch }: LookupOptions,
  question: LookupQuestion,
  signal: AbortSignal,
): Promise<LookedUp> {
  const body = JSON.stringify(question);
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (secret !== undefined) headers['X-Voicebridge-Signature'] = webhookSignature(secret, wallClock(), body);
  // A redirect would send a caller's number to an address that nobody wrote down.
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
  if (!response.ok) {
    await response.body?.cancel();
    return { failed: `it answered HTTP ${response.status}` };
  }
  return readAnswer(await readText(response));
}

function readAnswer(text: string): LookedUp {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { failed: 'its answer is not JSON' };
  }
  const read = answerShape.safeParse(json);
  if (!read.success) return { failed: 'its answer is not {agent?, variables?}' };
  const { agent, variables } = read.data;
  const known = Object.entries(variables ?? {}).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]],
  );
  return { answer: { ...(typeof agent === 'string' && { agent }), variables: Object.fromEntries(known) } };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > LARGEST_ANSWER_BYTES) throw new Error(`its answer is larger than ${LARGEST_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  // Without the byte order mark that some servers put in front.
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** fetch hides what happened in the cause. */
function reasonOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
