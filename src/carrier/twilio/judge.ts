import { isBase64 } from '../base64.js';

/** What a server may ask of the phone. */
export type PhoneCommand =
  | { readonly type: 'media'; readonly audio: Uint8Array }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'clear' };

/** Why Twilio would complain about a message: 31950 for the first, 31951 for most others, nothing for the last three. */
export type MessageRule =
  | 'message/binary'
  | 'message/not-json'
  | 'message/several'
  | 'message/not-object'
  | 'message/double-encoded'
  | 'message/phone-event'
  | 'message/foreign'
  | 'message/unknown-event'
  | 'message/missing-field'
  | 'message/extra-field'
  | 'message/wrong-type'
  | 'stream-sid/missing'
  | 'stream-sid/misspelt'
  | 'stream-sid/call-sid'
  | 'stream-sid/wrong'
  | 'media/payload-empty'
  | 'media/payload-undecodable'
  | 'media/hex'
  | 'media/base64-twice'
  | 'mark/unnamed';

/**
 * A message as Twilio judges it: obeyed, refused, or obeyed with a complaint. The last is what the phone does with extra
 * fields: Twilio's documents say 31951, and nobody says whether the audio is played all the same.
 */
export interface Judged {
  readonly command?: PhoneCommand;
  readonly rule?: MessageRule;
  /** One sentence without a full stop; only with `rule`. */
  readonly message?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const ENVELOPE: Readonly<Record<string, readonly string[]>> = {
  media: ['event', 'streamSid', 'media'],
  mark: ['event', 'streamSid', 'mark'],
  clear: ['event', 'streamSid'],
};
const PHONE_EVENTS = ['connected', 'start', 'stop', 'dtmf'];
/** Plivo's and Vonage's; see plivo.com/docs/voice/audio-streaming and developer.vonage.com/voice/voice-api/guides/websockets. */
const FOREIGN_EVENTS = ['playAudio', 'clearAudio', 'checkpoint', 'sendDTMF', 'websocket:media'];
const SID_NAMES = ['streamsid', 'stream_sid', 'streamid', 'stream_id', 'stream-sid', 'sid'];

/** Judges one text message of a server. Never throws. */
export function judgeServerMessage(data: string, streamSid: string): Judged {
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    return SEVERAL.test(data.slice(0, SEARCHED_CHARACTERS))
      ? refused('message/several', 'there is more than one JSON object in the message')
      : refused('message/not-json', 'the message is not JSON');
  }
  if (!isFields(message)) return notAnObject(message);
  const event = own(message, 'event');
  if (event === undefined) return withoutEvent(message);
  if (typeof event !== 'string') return refused('message/wrong-type', 'the field "event" is not a string');
  const known = Object.hasOwn(ENVELOPE, event) ? ENVELOPE[event] : undefined;
  if (!known) return notAnEvent(event);
  return wrongSid(message, streamSid) ?? withExtras(judgeBody(event, message), message, known, '');
}

const SEARCHED_CHARACTERS = 64 * 1024;
/** Where one object ends and another begins, with nothing but white space between them. */
const SEVERAL = /^\s*\{[\s\S]*\}\s*\{\s*"/;

/** Judges a binary message: Twilio reads none. */
export function judgeBinaryMessage(bytes: number): Judged {
  return refused('message/binary', `a binary message of ${bytes} bytes: only text is allowed`);
}

function notAnObject(message: unknown): Judged {
  if (typeof message === 'string' && /^\s*\{/.test(message))
    return refused('message/double-encoded', 'the message is a JSON string, and the object is inside of it');
  return refused('message/not-object', 'the message is JSON, but not an object');
}

function withoutEvent(message: Fields): Judged {
  const type = own(message, 'type');
  if (typeof type === 'string')
    return refused('message/foreign', `a message of type "${type.slice(0, 40)}" is not one of Twilio's`);
  return refused('message/missing-field', 'the field "event" is missing');
}

function notAnEvent(event: string): Judged {
  const shown = event.slice(0, 40);
  if (PHONE_EVENTS.includes(event)) return refused('message/phone-event', `the event "${shown}" is Twilio's to send`);
  if (FOREIGN_EVENTS.includes(event)) return refused('message/foreign', `the event "${shown}" is another carrier's`);
  return refused('message/unknown-event', `there is no event "${shown}" a server may send`);
}

function wrongSid(message: Fields, expected: string): Judged | undefined {
  const sid = own(message, 'streamSid');
  if (sid === undefined) {
    const name = Object.keys(message).find((key) => SID_NAMES.includes(key.toLowerCase()));
    if (name !== undefined) return refused('stream-sid/misspelt', `the field "${name}" should be called "streamSid"`);
    return refused('stream-sid/missing', 'the field "streamSid" is missing');
  }
  if (typeof sid !== 'string') return refused('message/wrong-type', 'the field "streamSid" is not a string');
  if (sid === expected) return undefined;
  const shown = sid.slice(0, 40);
  if (/^CA[0-9a-f]{32}$/.test(sid))
    return refused(
      'stream-sid/call-sid',
      `the streamSid is "${shown}", which is a callSid; this stream is ${expected}`,
    );
  return refused('stream-sid/wrong', `the streamSid is "${shown}", this stream is ${expected}`);
}

function judgeBody(event: string, message: Fields): Judged {
  switch (event) {
    case 'media':
      return judgeMedia(message);
    case 'mark':
      return judgeMark(message);
    default:
      return { command: { type: 'clear' } };
  }
}

function judgeMedia(message: Fields): Judged {
  const payload = textIn(message, 'media', 'payload');
  if (typeof payload !== 'string') return payload;
  if (payload === '') return refused('media/payload-empty', 'media.payload is empty');
  if (!isBase64(payload)) return refused('media/payload-undecodable', `media.payload is not base64${whyNot(payload)}`);
  const audio = Buffer.from(payload, 'base64');
  const command: PhoneCommand = { type: 'media', audio };
  const disguise = disguiseOf(payload, audio);
  if (disguise) return { command, ...disguise };
  return withExtras({ command }, message.media as Fields, ['payload'], 'media.');
}

/** The ways people get it wrong, by their first characters. */
function whyNot(payload: string): string {
  if (payload.startsWith('data:')) return ': it begins with the "data:" of an address';
  if (/^b['"]/.test(payload)) return ": it is Python's way to print bytes, not the text in them";
  if (/[\r\n]/.test(payload.slice(0, 4096))) return ': there are line breaks in it';
  if (/[-_]/.test(payload.slice(0, 4096))) return ': it uses the URL alphabet';
  return '';
}

/** So many characters of base64 are not all hexadecimal digits by chance: of random bytes once in 10^38. */
const HEX_CHARACTERS = 64;
/** 20 ms: no voice stays on one side of zero for so long, and all of base64's characters are negative µ-law values. */
const INNER_BYTES = 160;

/** Text that is base64 by accident, or once too often. */
function disguiseOf(payload: string, audio: Uint8Array): { rule: MessageRule; message: string } | undefined {
  const from = Math.max(0, (payload.length - HEX_CHARACTERS) >> 1);
  // From the middle, where a message that begins with silence is likely to have speech.
  const text = payload.slice(from, from + HEX_CHARACTERS);
  if (text.length === HEX_CHARACTERS && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(text) && /\d/.test(text) && /\D/.test(text))
    return { rule: 'media/hex', message: 'media.payload is hexadecimal, not base64' };
  const inner = audio.subarray((audio.length - INNER_BYTES) >> 1).subarray(0, INNER_BYTES);
  // Looked at first: nearly all audio has a byte above 0x7F.
  if (audio.length < INNER_BYTES || inner.some((byte) => byte > 0x7f)) return undefined;
  const code = Buffer.from(inner).toString('latin1');
  if (!/^[A-Za-z0-9+/]+$/.test(code) || !/[A-Z]/.test(code) || !/[a-z]/.test(code)) return undefined;
  return { rule: 'media/base64-twice', message: 'media.payload is base64 of base64' };
}

function judgeMark(message: Fields): Judged {
  const name = textIn(message, 'mark', 'name');
  if (typeof name !== 'string') return name;
  const command: PhoneCommand = { type: 'mark', name };
  if (name === '') return { command, rule: 'mark/unnamed', message: 'the field "mark.name" is empty' };
  return withExtras({ command }, message.mark as Fields, ['name'], 'mark.');
}

/** The text at `message[part][name]`, or the reason why there is none. */
function textIn(message: Fields, part: string, name: string): string | Judged {
  const body = own(message, part);
  if (body === undefined) return refused('message/missing-field', `the field "${part}" is missing`);
  if (!isFields(body)) return refused('message/wrong-type', `the field "${part}" is not an object`);
  const value = own(body, name);
  if (value === undefined) return refused('message/missing-field', `the field "${part}.${name}" is missing`);
  if (typeof value !== 'string') return refused('message/wrong-type', `the field "${part}.${name}" is not a string`);
  return value;
}

function withExtras(judged: Judged, of: Fields, known: readonly string[], prefix: string): Judged {
  if (!judged.command || judged.rule) return judged;
  for (const name of Object.keys(of)) {
    if (known.includes(name)) continue;
    const message = `the field "${prefix}${name.slice(0, 40)}" does not belong there`;
    return { command: judged.command, rule: 'message/extra-field', message };
  }
  return judged;
}

function refused(rule: MessageRule, message: string): Judged {
  return { rule, message };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(of: Fields, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
