import { VoicebridgeError } from '../../errors.js';
import type { Call } from '../../simulator/phone/call.js';
import type { CallRecord } from '../../simulator/phone/events.js';
import { dialWebhook, type WebhookDialOptions, type WebhookRecord } from '../../simulator/phone/webhook/call.js';

/** Calls a number by its webhook; what is recorded is what was said on its streams. `done` rejects with `no-stream`, too. */
export function callNumber(options: WebhookDialOptions): Call {
  const call = dialWebhook(options);
  return {
    on: (listener) => call.on(listener),
    hangUp: () => call.hangUp(),
    abort: () => call.abort(),
    bufferedMs: () => call.bufferedMs(),
    levels: () => call.levels(),
    done: call.done.then(talkOf),
  };
}

/** The talk, with what happened at the webhook after it was over. */
export function talkOf(record: WebhookRecord): CallRecord {
  const { talk, url } = record;
  if (!talk) throw new VoicebridgeError('no-stream', { url, ...reasonOf(record) });
  const known = new Set<unknown>(talk.events);
  const kept = new Set<unknown>(talk.lint);
  return {
    ...talk,
    events: [...talk.events, ...record.requests.filter((request) => !known.has(request))],
    lint: [...talk.lint, ...record.lint.filter((finding) => !kept.has(finding))],
  };
}

function reasonOf({ lint, verbs, status }: WebhookRecord): { reason: string; hint: string } {
  const worst = lint.find(({ level }) => level === 'error') ?? lint[0];
  if (worst) {
    const { code, message, instead = '' } = worst;
    return { reason: code === undefined ? message : `${message} (Twilio ${code})`, hint: instead };
  }
  const followed = verbs.map(({ verb }) => `<${verb}>`).join(', ');
  const reason = verbs.length === 0 ? `nobody answered (${status})` : `its TwiML said ${followed}`;
  return { reason, hint: 'answer with <Connect><Stream url="wss://…"/></Connect>' };
}
