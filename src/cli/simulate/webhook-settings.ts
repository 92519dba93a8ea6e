import { VoicebridgeError } from '../../errors.js';
import type { Answers } from '../../simulator/phone/webhook/options.js';
import type { SimulateFlags } from './settings.js';

/** What a webhook is called with. */
export interface WebhookSettings {
  readonly method?: 'GET' | 'POST';
  readonly from?: string;
  readonly to?: string;
  readonly fallbackUrl?: string;
  readonly statusCallback?: string;
  /** Pressed at each `<Gather>`. */
  readonly digits?: readonly string[];
  readonly answers?: Answers;
}

/** How long a dialled person talks who was told only when to answer. */
const TALKS_MS = 10_000;

const OPTIONS = [
  ['from', '--from', 'tell the server in a parameter: --param from=…'],
  ['to', '--to', 'tell the server in a parameter: --param to=…'],
  ['digits', '--digits', "press keys in a call.yaml: a step `- digits: '1#'`"],
  ['dialAnswers', '--dial-answers', 'a stream dials nobody'],
  ['method', '--method', 'a stream is always opened with GET'],
  ['fallbackUrl', '--fallback-url', 'a stream has none'],
  ['statusCallback', '--status-callback', 'a stream has none'],
] as const;

/** Undefined when the url is that of a stream, or none. Throws VoicebridgeError with exit code 2. */
export function readWebhook(flags: SimulateFlags, url: string | undefined): WebhookSettings | undefined {
  if (url === undefined || !/^https?:/i.test(url)) {
    for (const [key, option, instead] of OPTIONS) {
      if (flags[key] !== undefined) throw usage(`${option} needs a webhook, --url http(s)://…/voice; ${instead}`);
    }
    return undefined;
  }
  if (flags.param !== undefined) throw usage('--param needs a stream, --url ws(s)://…; a webhook says it in its TwiML');
  const { from, to, fallbackUrl, statusCallback, digits, dialAnswers } = flags;
  const method = flags.method?.toUpperCase();
  if (method !== undefined && method !== 'GET' && method !== 'POST') {
    throw usage(`--method ${flags.method} is neither POST nor GET`);
  }
  return {
    ...(method !== undefined && { method }),
    ...(from !== undefined && { from: readNumber('--from', from) }),
    ...(to !== undefined && { to: readNumber('--to', to) }),
    ...(fallbackUrl !== undefined && { fallbackUrl: readAddress('--fallback-url', fallbackUrl) }),
    ...(statusCallback !== undefined && { statusCallback: readAddress('--status-callback', statusCallback) }),
    ...(digits !== undefined && { digits: readDigits(digits) }),
    ...(dialAnswers !== undefined && { answers: readAnswers(dialAnswers) }),
  };
}

/** E.164, or what a caller without a number is called: anonymous, a SIP address, a client. */
function readNumber(option: string, text: string): string {
  if (/^\+[1-9]\d{1,14}$|^(sip|client):\S+$|^anonymous$/i.test(text)) return text;
  throw usage(`${option} ${text} is not a number such as +15550100001`);
}

function readAddress(option: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw usage(`${option} ${text} is not an http:// or https:// address`);
}

function readDigits(text: string): string[] {
  if (/^[\d*#]*(,[\d*#]*)*$/.test(text)) return text.split(',');
  throw usage(`--digits ${text} has other keys than 0-9 * #, with a comma between two <Gather>s`);
}

function readAnswers(text: string): Answers {
  if (text === 'never' || text === 'busy') return text;
  const [, amount, unit] = /^(?:after\s*)?(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  if (amount === undefined) throw usage(`--dial-answers ${text} is none of: after 2s, busy, never`);
  return { afterMs: Number(amount) * (unit === 's' ? 1000 : 1), talksMs: TALKS_MS };
}

function usage(message: string): VoicebridgeError {
  return new VoicebridgeError('usage', { message, command: 'simulate' });
}
