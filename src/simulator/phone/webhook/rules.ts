import { pageOf } from '../lint/rules.js';
import type { LintFinding } from '../lint.js';

export type TwimlRule =
  | 'webhook/unreachable'
  | 'webhook/timeout'
  | 'webhook/status'
  | 'webhook/redirects'
  | 'webhook/content-type'
  | 'webhook/too-large'
  | 'webhook/status-callback'
  | 'twiml/not-xml'
  | 'twiml/blank-before-declaration'
  | 'twiml/no-response'
  | 'twiml/unknown-verb'
  | 'twiml/unknown-attribute'
  | 'twiml/bidirectional'
  | 'twiml/misplaced'
  | 'twiml/not-followed'
  | 'twiml/dead-air'
  | 'stream/no-url'
  | 'stream/not-wss'
  | 'stream/query'
  | 'stream/track'
  | 'stream/two-streams'
  | 'stream/parameter-too-long'
  | 'stream/parameter-without-name'
  | 'stream/refused'
  | 'stream/unreachable'
  | 'stream/one-way'
  | 'stream/nothing-after-start';

export interface TwimlRuleEntry {
  /** Twilio's code when it has one. */
  readonly code?: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly sure: 'certain';
  /** What the server did, one sentence without a full stop. */
  readonly meaning: string;
  /** What Twilio makes of it. */
  readonly twilio: string;
  /** What to write instead, one sentence without a full stop. */
  readonly instead: string;
  /** Twilio's page about it when it is not the page of `code`. */
  readonly page?: string;
}

const FALLBACK = 'asks the fallback URL, else says "an application error has occurred" and hangs up';
const IGNORES = 'logs warning 12200 (Schema Validation Warning) and goes on without it';
const STREAM = 'https://www.twilio.com/docs/voice/twiml/stream';
const CONNECT = 'https://www.twilio.com/docs/voice/twiml/connect';
const TWIML = 'https://www.twilio.com/docs/voice/twiml';

const schema = { code: 12200, level: 'warning', sure: 'certain', twilio: IGNORES } as const;
const fatal = { level: 'error', sure: 'certain' } as const;

/**
 * What the phone complains about before there is a stream, and between two: one table, which the README lists and a test
 * holds equal. Each code has its page at https://www.twilio.com/docs/api/errors/CODE.
 */
export const TWIML_RULES: Readonly<Record<TwimlRule, TwimlRuleEntry>> = {
  'webhook/unreachable': {
    ...fatal,
    code: 11205,
    meaning: 'the webhook cannot be reached',
    twilio: `logs error 11205 (HTTP connection failure), ${FALLBACK}`,
    instead: 'start the server, and give the address under which it listens',
  },
  'webhook/timeout': {
    ...fatal,
    code: 11200,
    meaning: 'the webhook has not answered within 15 s',
    twilio: `logs error 11200 (HTTP retrieval failure), ${FALLBACK}`,
    instead: 'answer with TwiML at once, and do what takes long behind it',
  },
  'webhook/status': {
    ...fatal,
    code: 11200,
    meaning: 'the webhook answered with an HTTP status other than 2xx',
    twilio: `logs error 11200 (HTTP retrieval failure), ${FALLBACK}`,
    instead: 'answer 200 with TwiML; 403 means that the signature was not accepted: is --auth-token the right one?',
  },
  'webhook/redirects': {
    ...fatal,
    code: 11215,
    meaning: 'the webhook answers with one HTTP redirect after the other',
    twilio: `logs error 11215 (too many HTTP redirects), ${FALLBACK}`,
    instead: 'configure the last address of the chain as the webhook',
  },
  'webhook/content-type': {
    ...fatal,
    code: 12300,
    meaning: 'the content type of the answer is not one that can hold TwiML',
    twilio: 'logs error 12300 (Invalid Content-Type) and hangs up',
    instead: 'send the header Content-Type: text/xml',
  },
  'webhook/too-large': {
    ...fatal,
    code: 11750,
    meaning: 'the answer is larger than 64 kB',
    twilio: `logs error 11750 (TwiML response body too large), ${FALLBACK}`,
    instead: 'send shorter TwiML, and <Redirect> to what follows',
  },
  'webhook/status-callback': {
    code: 15003,
    level: 'warning',
    sure: 'certain',
    meaning: 'a status callback was not answered with 2xx',
    twilio: 'logs warning 15003 (Call Progress: Warning Response to Callback URL), and the call goes on',
    instead: 'answer status callbacks with 204 at once',
  },
  'twiml/not-xml': {
    ...fatal,
    code: 12100,
    meaning: 'the answer is not well-formed XML',
    twilio: `logs error 12100 (Document parse failure), ${FALLBACK}`,
    instead: 'make TwiML with a library, or escape &, < and quotes in every value yourself',
  },
  'twiml/blank-before-declaration': {
    ...fatal,
    code: 12100,
    meaning: 'there is something before the <?xml …?> declaration, if only a blank or an empty line',
    twilio: `logs error 12100 (Document parse failure), ${FALLBACK}`,
    instead: 'begin the body with "<?xml", or leave the declaration out',
  },
  'twiml/no-response': {
    ...fatal,
    code: 12100,
    meaning: 'the root of the document is not <Response>',
    twilio: `logs error 12100 (Document parse failure), ${FALLBACK}`,
    instead: 'write <Response>…</Response>, with a capital R',
  },
  'twiml/unknown-verb': {
    ...schema,
    meaning: 'an element that TwiML does not know',
    instead: 'write verbs as TwiML does, with a capital first letter: <Connect>, <Say>, <Hangup>',
  },
  'twiml/unknown-attribute': {
    ...schema,
    meaning: 'an attribute that this element does not have',
    instead: 'write attributes as TwiML does: statusCallback, not statuscallback or status_callback',
  },
  'twiml/bidirectional': {
    ...schema,
    meaning: 'bidirectional is not an attribute of Twilio: it is Plivo’s',
    instead: 'leave it out: a <Stream> in <Connect> is bidirectional',
  },
  'twiml/misplaced': {
    ...schema,
    meaning: 'an element in a place where it cannot stand',
    instead: 'put <Stream> into <Connect> or <Start>, <Parameter> into <Stream>, <Number> into <Dial>',
  },
  'twiml/not-followed': {
    level: 'note',
    sure: 'certain',
    meaning: 'a verb of TwiML that this phone does not follow',
    twilio: 'does what the verb says; here the call goes on with the next one',
    instead: 'test this part against Twilio itself',
    page: TWIML,
  },
  'twiml/dead-air': {
    level: 'warning',
    sure: 'certain',
    meaning: 'behind the stream the caller hears nothing for seconds',
    twilio: 'keeps the call and its bill running in silence',
    instead: 'leave out the <Pause> behind </Connect>: <Connect> waits by itself for the end of its stream',
    page: CONNECT,
  },
  'stream/no-url': {
    ...fatal,
    code: 31923,
    meaning: 'the url of <Stream> is missing or is no address',
    twilio: 'logs error 31923 (Malformed URL), opens no stream, and goes on behind <Connect>',
    instead: 'write url="wss://host/path"',
  },
  'stream/not-wss': {
    ...fatal,
    code: 31922,
    meaning: 'the url of <Stream> does not begin with wss://',
    twilio: 'logs error 31922 (Invalid scheme), opens no stream, and goes on behind <Connect>',
    instead: 'write url="wss://host/path"',
  },
  'stream/query': {
    ...fatal,
    code: 31920,
    meaning: 'the url of <Stream> has a query string',
    twilio: 'opens the address without it, or not at all (31920)',
    instead: 'hand over data in the path, or in <Parameter name value> inside <Stream>',
  },
  'stream/track': {
    ...fatal,
    code: 31941,
    meaning: 'a <Stream> in <Connect> cannot have this track',
    twilio: 'logs error 31941 (Invalid track), opens no stream, and goes on behind <Connect>',
    instead: 'leave track out: <Connect> always sends the inbound track',
  },
  'stream/two-streams': {
    ...schema,
    meaning: 'a <Connect> holds more than one noun',
    twilio: 'logs warning 12200 (Schema Validation Warning) and connects the first one only',
    instead: 'write one <Stream> in each <Connect>; further listeners go into <Start>',
  },
  'stream/parameter-too-long': {
    ...fatal,
    meaning: 'name and value of a <Parameter> are 500 characters or more together',
    twilio: 'refuses it: the parameter does not arrive',
    instead: 'hand over an id, and keep what it stands for at the server',
    page: STREAM,
  },
  'stream/parameter-without-name': {
    ...schema,
    meaning: 'a <Parameter> without name or value',
    instead: 'write <Parameter name="…" value="…"/>',
  },
  'stream/refused': {
    ...fatal,
    code: 31920,
    meaning: 'the server of the stream did not answer with 101',
    twilio: 'logs error 31920 (Handshake Error), tells the statusCallback, and goes on behind <Connect>',
    instead: 'check the path of the url, the signature over the wss:// address, and that a proxy passes upgrades on',
  },
  'stream/unreachable': {
    ...fatal,
    code: 31904,
    meaning: 'the server of the stream cannot be reached',
    twilio: 'logs an error (31901 to 31910), tells the statusCallback, and goes on behind <Connect>',
    instead: 'check host and port of the url, and that its certificate is valid',
  },
  'stream/one-way': {
    ...fatal,
    code: 31924,
    meaning: 'a message on a stream of <Start>, which is one-way',
    twilio: 'logs error 31924 (Protocol Error) and ends the stream',
    instead: 'only listen there; to be heard open the stream with <Connect>',
  },
  'stream/nothing-after-start': {
    level: 'warning',
    sure: 'certain',
    meaning: 'nothing stands behind <Start>, which does not wait for its stream',
    twilio: 'starts the stream and ends the call at once',
    instead: 'write what the call is to do behind </Start>: <Connect>, <Dial>, <Pause length="60"/>',
    page: STREAM,
  },
};

/** Makes a finding; `message` defaults to the meaning of the rule. */
export function twimlFinding(rule: TwimlRule, atMs: number, message?: string, excerpt?: string): LintFinding {
  const entry = TWIML_RULES[rule];
  const { code, level, meaning, twilio, instead } = entry;
  return {
    rule,
    ...(code !== undefined && { code }),
    level,
    message: message ?? meaning,
    twilio,
    instead,
    page: pageOf(entry),
    ...(excerpt !== undefined && { excerpt: excerpt.slice(0, EXCERPT_CHARACTERS) }),
    atMs,
  };
}

const EXCERPT_CHARACTERS = 160;
