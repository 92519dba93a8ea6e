import { createHmac } from 'node:crypto';
import { type Clock, sleepUntil, systemClock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { CallInfo } from '../plan.js';
import type { HttpToolConfig } from './config.js';
import { type Environment, fillIn, fillInAll, required } from './environment.js';
import { type Filler, type Tool, type ToolContext, ToolError, type ToolResult } from './tool.js';

export interface HttpToolOptions {
  readonly env: Environment;
  readonly filler?: Filler;
  readonly clock?: Clock;
  /** Milliseconds since 1970, for the signature. */
  readonly wallClock?: () => number;
  readonly maxResponseBytes?: number;
}

/** What of a request is the same for every call of the tool. */
interface Webhook {
  readonly name: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string | undefined;
  readonly retryAfterMs: readonly number[];
  readonly clock: Clock;
  readonly wallClock: () => number;
  readonly maxResponseBytes: number;
}

/**
 * A function of the user's own server: asked with JSON, `{name, arguments, call}`, and what it answers is what the model
 * is told. GET and DELETE carry the arguments in the query instead, and of the call the fields `call.callSid` and so on.
 * Redirects are not followed. Throws `tool-unusable` when a variable of the environment is missing.
 */
export function httpTool(config: HttpToolConfig, options: HttpToolOptions): Tool {
  const { name, description, parameters, url, method = 'POST', headers = {}, secretEnv, retry, timeout } = config;
  const { env, filler, clock = systemClock, wallClock = Date.now } = options;
  const who = `the tool ${name}`;
  const webhook: Webhook = {
    ...{ name, method, clock, wallClock },
    url: fillIn(url, env, who),
    headers: fillInAll(headers, env, who),
    secret: secretEnv === undefined ? undefined : required(secretEnv, env, who),
    retryAfterMs: retry === 'safe' ? DEFAULTS.tools.retryAfterMs : [],
    maxResponseBytes: options.maxResponseBytes ?? DEFAULTS.tools.maxResponseBytes,
  };
  return {
    declaration: { name, description, parameters: parameters ?? { type: 'object', properties: {} } },
    timeoutMs: timeout ?? DEFAULTS.tools.timeoutMs,
    ...(filler && { filler }),
    run: (args, context) => ask(webhook, args, context),
  };
}

/** `t=<seconds since 1970>,v1=<hex of HMAC-SHA256 over "<seconds>.<signed>">`; signed is the body, or path and query. */
export function webhookSignature(secret: string, nowMs: number, signed: string): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${signed}`).digest('hex')}`;
}

type Arguments = Readonly<Record<string, unknown>>;

async function ask(webhook: Webhook, args: Arguments, context: ToolContext): Promise<ToolResult> {
  const { clock, name, retryAfterMs } = webhook;
  for (let attempt = 0; ; attempt++) {
    try {
      return { output: await request(webhook, args, context) };
    } catch (error) {
      const afterMs = retryAfterMs[attempt];
      if (context.signal.aborted || !(error instanceof ToolError)) throw error;
      const told = { tool: name, callId: context.callId, reason: forTheLog(error) };
      if (afterMs === undefined || !(error instanceof Passing)) {
        context.log.warn('tool not answered', told);
        throw error;
      }
      context.log.info('tool asked again', told);
      await sleepUntil(clock, clock.now() + afterMs, context.signal);
    }
  }
}

/** Never the service's own words, which may be about the caller. */
function forTheLog({ message, cause }: ToolError): string {
  return typeof cause === 'string' ? cause : message;
}

/** A failure that may be another one, or none, the next time. */
class Passing extends ToolError {}

async function request(webhook: Webhook, args: Arguments, { callId, call, signal }: ToolContext): Promise<string> {
  const { name, method, headers, secret, wallClock, maxResponseBytes } = webhook;
  const url = new URL(webhook.url);
  const inQuery = method === 'GET' || method === 'DELETE';
  if (inQuery) addToQuery(url, args, call);
  const body = inQuery ? undefined : JSON.stringify({ name, arguments: args, call: aboutCall(call) });
  const signed = secret && webhookSignature(secret, wallClock(), body ?? url.pathname + url.search);
  let response: Response;
  try {
    response = await fetch(url, {
      ...{ method, signal, redirect: 'manual' },
      headers: {
        accept: 'application/json, text/plain;q=0.9, text/*;q=0.8',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        'idempotency-key': callId,
        ...(signed && { 'x-voicebridge-signature': signed }),
      },
      ...(body !== undefined && { body }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const { cause } = error as { cause?: { code?: unknown } };
    throw new Passing('the service cannot be reached', {
      cause: `the service cannot be reached: ${cause?.code ?? 'unknown'}`,
    });
  }
  if (!response.ok) throw await refusal(response, maxResponseBytes);
  if (!isText(response)) {
    await response.body?.cancel();
    throw new ToolError('the service answered with something that is not text');
  }
  return (await textOf(response, maxResponseBytes)) || '{"ok":true}';
}

/** What a webhook learns of the call. */
function aboutCall({ callSid, from, to, parameters }: CallInfo) {
  return { callSid, ...(from !== undefined && { from }), ...(to !== undefined && { to }), parameters };
}

function addToQuery(url: URL, args: Arguments, call: CallInfo): void {
  const { parameters, ...fields } = aboutCall(call);
  const add = (name: string, value: unknown): void => {
    url.searchParams.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  };
  for (const [name, value] of Object.entries(args)) add(name, value);
  for (const [name, value] of Object.entries(fields)) add(`call.${name}`, value);
  for (const [name, value] of Object.entries(parameters)) add(`call.parameters.${name}`, value);
}

const TEXTS = /^(text\/|application\/(.+\+)?(json|xml)\b)/i;

function isText(response: Response): boolean {
  const type = response.headers.get('content-type');
  return type === null || TEXTS.test(type);
}

/** The longest sentence of a service that the model is told. */
const MAX_REASON = 500;

/** `{"error": "…"}` with a 4xx is written for whoever asked; nothing else of a failed answer is passed on. */
async function refusal(response: Response, maxBytes: number): Promise<ToolError> {
  const { status } = response;
  const sentence = `the service answered ${status}`;
  if (status >= 500 || status === 429) {
    await response.body?.cancel();
    return new Passing(sentence);
  }
  try {
    const { error } = JSON.parse(await textOf(response, maxBytes)) as { error?: unknown };
    if (typeof error === 'string' && error !== '')
      return new ToolError(error.slice(0, MAX_REASON), { cause: sentence });
  } catch {}
  return new ToolError(sentence);
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      // Leaving the loop cancels the body.
      if (bytes > maxBytes) break;
    }
  } catch {
    throw new Passing('the service broke off its answer');
  }
  if (bytes > maxBytes) throw new ToolError('the answer of the service is too long');
  return new TextDecoder().decode(Buffer.concat(chunks));
}
