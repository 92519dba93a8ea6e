import type { AccountLine } from '../../account/live-call.js';
import type { DialOptions } from '../dial-options.js';
import type { Method } from './request.js';

/** What a number does that the TwiML dials, when no account is there to say it. */
export type Answers = 'never' | 'busy' | { readonly afterMs: number; readonly talksMs: number };

/** As `dial` takes them; `url` is the webhook, and the TwiML says where the streams are and what they bring along. */
export interface WebhookDialOptions extends Omit<DialOptions, 'parameters' | 'streamSid'> {
  /** `http://` or `https://`: what the number's "a call comes in" is set to. */
  readonly url: string;
  readonly method?: Method;
  /** E.164: who calls, and the number that is called. */
  readonly from?: string;
  readonly to?: string;
  /** Asked when the webhook fails. */
  readonly fallbackUrl?: string;
  readonly fallbackMethod?: Method;
  /** The number's own status callback: told when the call is over. */
  readonly statusCallback?: string;
  readonly statusCallbackMethod?: Method;
  /** What is pressed at the first `<Gather>`, the second, …; at further ones nothing. */
  readonly digits?: readonly string[];
  /** What a dialled number does; `account`, when there is one, knows better. */
  readonly answers?: Answers;
  /** The account behind the phone: it enters the call, can redirect it and hang it up, and dials and confers for it. */
  readonly account?: AccountLine;
  /**
   * The call was placed by the account, and somebody has answered: it is in progress, and `url` is asked with these fields
   * more (`AnsweredBy`), or not at all when there is TwiML.
   */
  readonly outbound?: { readonly twiml?: string; readonly form?: Readonly<Record<string, string>> };
  /** How long an answer may take; Twilio's 15 s when left out. */
  readonly webhookTimeoutMs?: number;
}

export const WEBHOOK_DEFAULTS = {
  from: '+15550100100',
  to: '+15550100001',
  answers: { afterMs: 2000, talksMs: 10_000 } as Answers,
} as const;
