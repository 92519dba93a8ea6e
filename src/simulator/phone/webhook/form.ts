import type { CallStatus } from '../../account/live-call.js';

export interface CallFacts {
  readonly callSid: string;
  readonly accountSid: string;
  readonly from: string;
  readonly to: string;
  readonly direction: 'inbound' | 'outbound-api';
}

/** Where a number is from; Twilio sends the fields empty when it does not know. */
const PLACES = ['City', 'State', 'Zip', 'Country'];

/**
 * The fields of every request about a call, in Twilio's order.
 * Source: https://www.twilio.com/docs/voice/twiml#request-parameters
 */
export function callForm(call: CallFacts, status: CallStatus): Record<string, string> {
  const places = ['Called', 'Caller', 'From', 'To'].flatMap((who) => PLACES.map((place) => [`${who}${place}`, '']));
  return {
    AccountSid: call.accountSid,
    ApiVersion: '2010-04-01',
    CallSid: call.callSid,
    CallStatus: status,
    Called: call.to,
    Caller: call.from,
    Direction: call.direction,
    From: call.from,
    ...(call.direction === 'inbound' && { StirVerstat: 'TN-Validation-Passed-A' }),
    To: call.to,
    ...Object.fromEntries(places),
  };
}

/** What the number's status callback is told when the call is over. */
export function endedForm(call: CallFacts, status: CallStatus, seconds: number, at: Date): Record<string, string> {
  return {
    ...callForm(call, status),
    CallDuration: String(seconds),
    Duration: String(Math.ceil(seconds / 60)),
    SipResponseCode: SIP_CODES[status] ?? '200',
    Timestamp: at.toUTCString().replace('GMT', '+0000'),
    CallbackSource: 'call-progress-events',
    SequenceNumber: '0',
  };
}

const SIP_CODES: Partial<Record<CallStatus, string>> = {
  busy: '486',
  'no-answer': '480',
  canceled: '487',
  failed: '500',
};

export type StreamEvent = 'stream-started' | 'stream-stopped' | 'stream-error';

/** What the statusCallback of a `<Stream>` is told. Source: https://www.twilio.com/docs/voice/twiml/stream#statuscallback */
export function streamForm(
  call: CallFacts,
  stream: { readonly streamSid: string; readonly name: string },
  event: StreamEvent,
  at: Date,
  error?: string,
): Record<string, string> {
  return {
    AccountSid: call.accountSid,
    CallSid: call.callSid,
    StreamSid: stream.streamSid,
    StreamName: stream.name,
    StreamEvent: event,
    ...(error !== undefined && { StreamError: error }),
    // Nanoseconds, of which a clock here knows the first three digits.
    Timestamp: at.toISOString().replace('Z', '000000Z'),
  };
}
