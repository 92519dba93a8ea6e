/**
 * How sure the code and the sentence are. `seen`: the sentence is that of an answer of Twilio's that somebody published.
 * `documented`: the code and its meaning stand at https://www.twilio.com/docs/api/errors/CODE, the sentence in the answer may
 * differ. `inferred`: neither; Twilio refuses this (its documentation says so), with what code is a guess.
 */
export type Evidence = 'seen' | 'documented' | 'inferred';

export interface Refusal {
  readonly code: number;
  readonly status: number;
  /** `{value}` is replaced from what was asked. */
  readonly message: string;
  readonly evidence: Evidence;
}

const refusal = (code: number, message: string, evidence: Evidence, status = 400): Refusal => ({
  code,
  status,
  message,
  evidence,
});

/** Everything the account refuses, as Twilio refuses it: one row each, and a test for each row. */
export const REFUSALS = {
  // The request as such.
  authenticate: refusal(20003, 'Authenticate', 'seen', 401),
  notFound: refusal(20404, 'The requested resource {value} was not found', 'seen', 404),
  methodNotAllowed: refusal(20004, 'Method not allowed', 'documented', 405),
  tooManyRequests: refusal(20429, 'Too Many Requests', 'documented', 429),
  internal: refusal(20500, 'Internal Server Error', 'documented', 500),
  unsupportedMedia: refusal(20415, 'Unsupported Media Type', 'inferred', 415),
  parameter: refusal(20001, '{value}', 'documented'),
  pageToken: refusal(21481, 'Invalid PageToken', 'documented'),

  // Calls.
  callWithoutTo: refusal(21201, "No 'To' number is specified", 'seen'),
  callWithoutFrom: refusal(21213, "No 'From' number is specified", 'documented'),
  callWithoutUrl: refusal(21205, 'Url parameter is required.', 'seen'),
  callUrl: refusal(21205, 'Url is not a valid URL: {value}', 'seen'),
  callFromUnverified: refusal(
    21210,
    "The source phone number provided, {value}, is not yet verified for your account. You may only make calls from phone numbers that you've verified or purchased from Twilio.",
    'seen',
  ),
  callTo: refusal(21211, 'The phone number you are attempting to call, {value}, is not valid.', 'seen'),
  callFrom: refusal(21212, 'The source phone number provided, {value}, is not valid', 'documented'),
  callToUnreachable: refusal(21214, "'To' phone number cannot be reached", 'documented'),
  callToForeign: refusal(
    21215,
    'Account not authorized to call {value}. Perhaps you need to enable some international permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk',
    'seen',
  ),
  callToBlocked: refusal(21216, 'Account not allowed to call {value}', 'documented'),
  callToImplausible: refusal(21217, 'Phone number does not appear to be valid', 'documented'),
  callApplication: refusal(21218, 'Invalid ApplicationSid', 'documented'),
  callToUnverified: refusal(
    21219,
    'The number {value} is unverified. Trial accounts may only make calls to verified numbers.',
    'seen',
  ),
  callNotInProgress: refusal(21220, 'Call is not in-progress. Cannot redirect.', 'seen'),
  recordingNotEligible: refusal(21220, 'Requested resource is not eligible for recording', 'seen'),
  callMachineDetection: refusal(21234, 'Invalid Machine Detection configuration value', 'documented'),
  callTwimlTooLong: refusal(32018, 'Twiml size exceeded maximum allowed value', 'documented'),
  callTwimlAndUrl: refusal(20001, 'Twiml and Url parameters are mutually exclusive', 'inferred'),
  callMethod: refusal(21209, 'Invalid Method: {value}', 'documented'),
  callStatusCallback: refusal(21609, "Invalid 'StatusCallback': {value}", 'documented'),
  callTimeout: refusal(21208, 'Invalid Timeout: {value}', 'documented'),
  callSendDigits: refusal(21206, 'Invalid SendDigits: {value}', 'documented'),
  callStatus: refusal(20001, 'Invalid Status: {value}', 'inferred'),
  streamUrl: refusal(31923, 'Stream - Invalid URL: {value}', 'inferred'),
  streamName: refusal(20001, 'Name already in use: {value}', 'inferred'),
  streamTrack: refusal(31941, 'Stream - Invalid Track configuration: {value}', 'inferred'),
  recordingStatus: refusal(20001, 'Invalid Status: {value}', 'inferred'),
  recordingChannels: refusal(20001, 'Invalid RecordingChannels: {value}', 'inferred'),

  // Numbers and applications.
  voiceUrl: refusal(21402, '{name} is not valid: {value}', 'seen'),
  voiceMethod: refusal(21403, '{name} is not valid: {value}', 'documented'),
  voiceFallbackAlone: refusal(21405, 'Cannot set VoiceFallbackUrl without setting Url', 'documented'),
  numberApplication: refusal(21420, 'ApplicationSid is not accessible', 'documented'),
  numberStatusCallback: refusal(21502, 'Invalid callback url: {value}', 'documented'),
  numberTrunk: refusal(20001, 'TrunkSid is not valid: {value}', 'inferred'),

  // Messages.
  messageWithoutTo: refusal(21604, "A 'To' phone number is required.", 'seen'),
  messageWithoutFrom: refusal(21603, "A 'From' phone number is required.", 'documented'),
  messageWithoutBody: refusal(21602, 'Message body is required.', 'seen'),
  messageTo: refusal(21211, "The 'To' number {value} is not a valid phone number.", 'seen'),
  messageFrom: refusal(
    21212,
    "The 'From' number {value} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    'seen',
  ),
  messageFromForeign: refusal(
    21606,
    'The From phone number {value} is not a valid, SMS-capable inbound phone number or short code for your account.',
    'seen',
  ),
  messageToUnverified: refusal(
    21608,
    "The 'to' phone number provided is not yet verified for this account.",
    'documented',
  ),
  messageStatusCallback: refusal(21609, "Invalid 'StatusCallback'", 'documented'),
  messageToStopped: refusal(21610, 'Attempt to send to unsubscribed recipient', 'seen'),
  messageQueueFull: refusal(21611, 'SMS queue is full.', 'seen', 429),
  messageToUnreachable: refusal(
    21612,
    "The 'To' phone number: {value}, is not currently reachable via SMS.",
    'documented',
  ),
  messageToLandline: refusal(21614, 'To number: {value}, is not a mobile number', 'seen'),
  messageTooLong: refusal(21617, 'The concatenated message body exceeds the 1600 character limit.', 'seen'),

  // Conferences.
  conferenceFull: refusal(16020, 'Conference: Participant capacity reached', 'documented'),
  conferenceEnded: refusal(16099, 'Unexpected conference status', 'documented'),
  participantLabel: refusal(
    16023,
    "Conference: Participant label invalid (max 128 chars, not CallSid, no '/')",
    'documented',
  ),
  participantLabelTaken: refusal(16025, 'Participant label is in use by another participant', 'documented'),
  participantApplication: refusal(21218, 'Invalid ApplicationSid', 'documented'),
  conferenceStatus: refusal(20001, 'Invalid Status: {value}', 'inferred'),
} as const satisfies Readonly<Record<string, Refusal>>;

export type RefusalName = keyof typeof REFUSALS;

/** What Twilio answers instead of what was asked for. */
export interface ErrorBody {
  readonly code: number;
  readonly message: string;
  readonly more_info: string;
  readonly status: number;
}

/** Thrown by whoever handles a request; the server answers it. */
export class Refused extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    name: RefusalName,
    details: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    const { code, status, message } = REFUSALS[name];
    super(message.replaceAll(/\{(\w+)\}/g, (_, key: string) => details[key] ?? ''));
    this.name = 'Refused';
    this.status = status;
    this.headers = headers;
    this.body = {
      code,
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    };
  }
}

/** For `throw refuse(…)`: the value that was wrong is all most sentences repeat. */
export function refuse(name: RefusalName, value = '', field = ''): Refused {
  return new Refused(name, { value, name: field });
}
