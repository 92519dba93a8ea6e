import { isBase64 } from '../base64.js';

/**
 * Twilio's own side of a media stream: what it sends, byte for byte, and what it accepts.
 * Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages; the order of keys is that of real streams.
 */
export interface StreamSids {
  /** `MZ` and 32 lower-case hexadecimal digits. */
  readonly streamSid: string;
  /** `CA` and 32 lower-case hexadecimal digits. */
  readonly callSid: string;
  /** `AC` and 32 lower-case hexadecimal digits. */
  readonly accountSid: string;
}

/** Makes the messages of one stream. One series of sequence numbers runs over all of them, from "1" at `start`. */
export interface PhoneEncoder {
  connected(): string;
  start(parameters: Readonly<Record<string, string>>): string;
  /** `payload` is base64 of 20 ms of µ-law; chunks are counted from "1". */
  media(timestampMs: number, payload: string): string;
  mark(name: string): string;
  dtmf(digit: string): string;
  stop(): string;
}

export function phoneEncoder({ streamSid, callSid, accountSid }: StreamSids): PhoneEncoder {
  let sequence = 0;
  let chunk = 0;
  return {
    connected: () => '{"event":"connected","protocol":"Call","version":"1.0.0"}',
    start: (parameters) =>
      `{"event":"start","sequenceNumber":"${++sequence}","start":{"accountSid":"${accountSid}","streamSid":"${streamSid}","callSid":"${callSid}","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":${JSON.stringify(parameters)}},"streamSid":"${streamSid}"}`,
    media: (timestampMs, payload) =>
      `{"event":"media","sequenceNumber":"${++sequence}","media":{"track":"inbound","chunk":"${++chunk}","timestamp":"${timestampMs}","payload":"${payload}"},"streamSid":"${streamSid}"}`,
    mark: (name) =>
      `{"event":"mark","sequenceNumber":"${++sequence}","streamSid":"${streamSid}","mark":{"name":${JSON.stringify(name)}}}`,
    dtmf: (digit) =>
      `{"event":"dtmf","streamSid":"${streamSid}","sequenceNumber":"${++sequence}","dtmf":{"track":"inbound_track","digit":"${digit}"}}`,
    stop: () =>
      `{"event":"stop","sequenceNumber":"${++sequence}","streamSid":"${streamSid}","stop":{"accountSid":"${accountSid}","callSid":"${callSid}"}}`,
  };
}

/** What a server may ask of the phone. */
export type PhoneCommand =
  | { readonly type: 'media'; readonly audio: Uint8Array }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'clear' };

/** Why Twilio would complain about a message: 31950 for the first, 31951 for all others. */
export type MessageRule =
  | 'message/binary'
  | 'message/not-json'
  | 'message/not-object'
  | 'message/unknown-event'
  | 'message/missing-field'
  | 'message/extra-field'
  | 'message/wrong-type'
  | 'stream-sid/missing'
  | 'stream-sid/wrong'
  | 'media/payload-empty'
  | 'media/payload-undecodable';

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

/** Judges one text message of a server. Never throws. */
export function judgeServerMessage(data: string, streamSid: string): Judged {
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    return refused('message/not-json', 'the message is not JSON');
  }
  if (!isFields(message)) return refused('message/not-object', 'the message is JSON, but not an object');
  const event = own(message, 'event');
  if (event === undefined) return refused('message/missing-field', 'the field "event" is missing');
  if (typeof event !== 'string') return refused('message/wrong-type', 'the field "event" is not a string');
  const known = Object.hasOwn(ENVELOPE, event) ? ENVELOPE[event] : undefined;
  if (!known) return refused('message/unknown-event', `there is no event "${event.slice(0, 40)}" a server may send`);
  return wrongSid(own(message, 'streamSid'), streamSid) ?? withExtras(judgeBody(event, message), message, known, '');
}

/** Judges a binary message: Twilio reads none. */
export function judgeBinaryMessage(bytes: number): Judged {
  return refused('message/binary', `a binary message of ${bytes} bytes: only text is allowed`);
}

function wrongSid(sid: unknown, expected: string): Judged | undefined {
  if (sid === undefined) return refused('stream-sid/missing', 'the field "streamSid" is missing');
  if (typeof sid !== 'string') return refused('message/wrong-type', 'the field "streamSid" is not a string');
  if (sid !== expected)
    return refused('stream-sid/wrong', `the streamSid is "${sid.slice(0, 40)}", this stream is ${expected}`);
  return undefined;
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
  if (!isBase64(payload)) return refused('media/payload-undecodable', 'media.payload is not base64');
  const audio = Buffer.from(payload, 'base64');
  return withExtras({ command: { type: 'media', audio } }, message.media as Fields, ['payload'], 'media.');
}

function judgeMark(message: Fields): Judged {
  const name = textIn(message, 'mark', 'name');
  if (typeof name !== 'string') return name;
  return withExtras({ command: { type: 'mark', name } }, message.mark as Fields, ['name'], 'mark.');
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
