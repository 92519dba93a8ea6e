import type { MessageRule } from '../../carrier/twilio/phone.js';

/** A mistake of the server, as Twilio would have judged it. */
export interface LintFinding {
  /** Our name of the rule, for example `media/wav-header`. */
  readonly rule: string;
  /** Twilio's code when it has one. */
  readonly code?: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  /** What Twilio would have done. */
  readonly twilio: string;
  /** The offending message, shortened, payload replaced. */
  readonly excerpt?: string;
  readonly atMs: number;
}

export type LintRule =
  | MessageRule
  | 'media/wav-header'
  | 'media/linear-pcm'
  | 'playout/overflow'
  | 'frame/protocol'
  | 'frame/too-large'
  | 'socket/not-reading'
  | 'url/query'
  | 'phone/flood';

interface RuleEntry {
  readonly code?: number;
  readonly level: LintFinding['level'];
  /** What the server did, one sentence without a full stop. */
  readonly meaning: string;
  readonly twilio: string;
}

const INVALID = 'logs warning 31951 (Invalid Message) once per stream and ignores the message';

/**
 * What the phone complains about: one table, which the README lists and a test holds equal. Each code has its page at
 * https://www.twilio.com/docs/api/errors/CODE.
 */
export const LINT_RULES: Readonly<Record<LintRule, RuleEntry>> = {
  'message/binary': {
    code: 31950,
    level: 'warning',
    meaning: 'a binary WebSocket message: Twilio reads text only',
    twilio: 'logs warning 31950 (Malformed Message) once per stream and ignores the message',
  },
  'message/not-json': { code: 31951, level: 'warning', meaning: 'a message that is not JSON', twilio: INVALID },
  'message/not-object': {
    code: 31951,
    level: 'warning',
    meaning: 'a message that is JSON, but not an object',
    twilio: INVALID,
  },
  'message/unknown-event': {
    code: 31951,
    level: 'warning',
    meaning: 'an event other than media, mark and clear',
    twilio: INVALID,
  },
  'message/missing-field': {
    code: 31951,
    level: 'warning',
    meaning: 'a field that must be there is not',
    twilio: INVALID,
  },
  'message/extra-field': {
    code: 31951,
    level: 'warning',
    meaning: 'a field that does not belong there, such as track or sequenceNumber',
    twilio: 'logs warning 31951 (Invalid Message) once per stream; whether it obeys the message is not documented',
  },
  'message/wrong-type': { code: 31951, level: 'warning', meaning: 'a field of the wrong type', twilio: INVALID },
  'stream-sid/missing': { code: 31951, level: 'warning', meaning: 'a message without streamSid', twilio: INVALID },
  'stream-sid/wrong': {
    code: 31951,
    level: 'warning',
    meaning: 'a streamSid that is not the one of this stream',
    twilio: INVALID,
  },
  'media/payload-empty': { code: 31951, level: 'warning', meaning: 'media with an empty payload', twilio: INVALID },
  'media/payload-undecodable': {
    code: 31951,
    level: 'warning',
    meaning: 'a payload that is not base64 (a data: address, the URL alphabet, line breaks)',
    twilio: INVALID,
  },
  'media/wav-header': {
    level: 'error',
    meaning: 'a payload that begins with the header of a file (WAV, AU, MP3): Twilio wants raw µ-law',
    twilio: 'plays it: the caller hears a crackle or noise, and nothing is logged',
  },
  'media/linear-pcm': {
    level: 'error',
    meaning: 'a payload of 16-bit linear samples: Twilio wants 8-bit µ-law at 8 kHz',
    twilio: 'plays it as µ-law: the caller hears loud noise, and nothing is logged',
  },
  'playout/overflow': {
    code: 31931,
    level: 'warning',
    meaning: 'more than 10 minutes of audio are waiting to be played',
    twilio: 'logs warning 31931 once and discards what does not fit',
  },
  'frame/protocol': {
    code: 31924,
    level: 'error',
    meaning: 'bytes that break the WebSocket protocol',
    twilio: 'logs error 31924 (Protocol Error) and ends the stream',
  },
  'frame/too-large': {
    level: 'error',
    meaning: 'a message larger than the phone accepts',
    twilio: "Twilio's own limit is not documented; the phone ends the stream (close code 1009)",
  },
  'socket/not-reading': {
    code: 31930,
    level: 'warning',
    meaning: 'the server does not read what it is sent',
    twilio: 'logs warning 31930 (Buffer Overflow) and drops audio of the caller',
  },
  'url/query': {
    code: 31920,
    level: 'warning',
    meaning: 'the address of the stream has a query string',
    twilio: 'does not send it: use the path or a <Parameter> (--param)',
  },
  'phone/flood': {
    level: 'error',
    meaning: 'the server sent more than the phone keeps a record of',
    twilio: 'would still be reading; here what came later is played, but not in the record',
  },
};

/** Makes a finding; `message` defaults to the meaning of the rule. */
export function lintFinding(rule: LintRule, atMs: number, message?: string, offending?: string): LintFinding {
  const { code, level, meaning, twilio } = LINT_RULES[rule];
  return {
    rule,
    ...(code !== undefined && { code }),
    level,
    message: message ?? meaning,
    twilio,
    ...(offending !== undefined && { excerpt: excerptOf(offending) }),
    atMs,
  };
}

const EXCERPT_CHARACTERS = 160;
/** A longer message is not searched to its end for the sake of a line. */
const SEARCHED_CHARACTERS = 64 * 1024;

/** The first characters of a message without anything that may be audio. */
function excerptOf(message: string): string {
  const shown = message
    .slice(0, SEARCHED_CHARACTERS)
    .replace(/("payload"\s*:\s*")[^"]*/g, '$1…')
    .replace(/[A-Za-z0-9+/=_-]{40,}/g, '…');
  return shown.length > EXCERPT_CHARACTERS ? `${shown.slice(0, EXCERPT_CHARACTERS)}…` : shown;
}
