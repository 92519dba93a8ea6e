import { dialWebhook, type WebhookCall, type WebhookDialOptions } from '../phone/webhook/call.js';
import type { OnAnswered } from './dialler.js';
import type { CallEntry } from './live-call.js';

/** How the person who answered speaks, and what the phone keeps of the call. */
export type AnsweredPhone = Pick<WebhookDialOptions, 'caller'> &
  Partial<
    Omit<WebhookDialOptions, 'url' | 'method' | 'callSid' | 'accountSid' | 'from' | 'to' | 'account' | 'outbound'>
  >;

/**
 * For `serveAccount({ onAnswered })`: a phone that does what the TwiML of an outbound call says, its streams included.
 * `phoneOf` says, for each call, who has answered and how they speak; when it fails, the call has failed. `onCall` is
 * handed the phone's end of the call as it begins.
 */
export function followOutbound(
  phoneOf: (entry: CallEntry, answeredBy: string | undefined) => AnsweredPhone | Promise<AnsweredPhone>,
  onCall: (call: WebhookCall) => void = () => {},
): OnAnswered {
  return async (entry, instructions, line) => {
    const phone = await phoneOf(entry, instructions.answeredBy);
    const { callSid, accountSid, from, to } = entry;
    const asked = 'url' in instructions ? instructions : undefined;
    const form = {
      ...asked?.parameters,
      ...(instructions.answeredBy !== undefined && { AnsweredBy: instructions.answeredBy }),
    };
    const call = dialWebhook({
      // Calls of one account must not draw the same sids for their streams.
      seed: Number.parseInt(callSid.slice(2, 10), 16) || 0,
      ...phone,
      ...{ callSid, accountSid, from, to, account: line },
      url: asked?.url ?? '',
      ...(asked && { method: asked.method }),
      ...(asked?.fallbackUrl !== undefined && { fallbackUrl: asked.fallbackUrl }),
      ...(asked?.fallbackMethod !== undefined && { fallbackMethod: asked.fallbackMethod }),
      outbound: { form, ...('twiml' in instructions && { twiml: instructions.twiml }) },
    });
    onCall(call);
    await call.done;
  };
}
