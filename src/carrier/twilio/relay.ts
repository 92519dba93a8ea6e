import { PCMU_8K } from '../../audio/format.js';
import { isBase64 } from '../base64.js';
import { type Carrier, type CarrierEncoder, type CarrierEvent, CarrierProtocolError } from '../carrier.js';

/**
 * Twilio Media Streams as a relay sees them, bidirectional (`<Connect><Stream>`).
 * Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages
 */
export const twilioCarrier: Carrier = {
  name: 'twilio',
  input: PCMU_8K,
  output: PCMU_8K,
  decode,
  stream,
};

/** Longer messages are not frames of 20 ms, and not worth a search. */
const LONGEST_FRAME = 2_048;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A frame exactly as Twilio writes it. One search instead of a parser makes it three times cheaper; whatever looks
 * otherwise in any way goes the long way.
 */
const MEDIA =
  /^\{"event":"media","sequenceNumber":"\d{1,15}","media":\{"track":"inbound","chunk":"\d{1,15}","timestamp":"(\d{1,15})","payload":"((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)"\},"streamSid":"[\w.:-]{1,128}"\}$/;

/** Runs once per message, 50 times a second and call. */
function decode(data: string): CarrierEvent {
  const media = data.length <= LONGEST_FRAME ? MEDIA.exec(data) : null;
  if (media) return { type: 'media', payload: media[2]!, track: 'inbound', timestampMs: Number(media[1]) };
  const message = parse(data);
  const event = message.event;
  switch (event) {
    case 'media': {
      const media = fields(message, 'media');
      const payload = text(media, 'payload');
      // The payload is joined into other messages without being quoted again, so it must not be able to end a string.
      if (!isBase64(payload)) throw new CarrierProtocolError('media.payload is not base64');
      return { type: 'media', payload, track: text(media, 'track'), timestampMs: milliseconds(media, 'timestamp') };
    }
    case 'mark':
      return { type: 'mark', name: text(fields(message, 'mark'), 'name') };
    case 'dtmf': {
      const digit = text(fields(message, 'dtmf'), 'digit');
      if (!/^[0-9*#A-D]$/.test(digit)) throw new CarrierProtocolError('dtmf.digit is not a key of a telephone');
      return { type: 'dtmf', digit };
    }
    case 'connected':
      return { type: 'connected' };
    case 'start':
      return decodeStart(fields(message, 'start'));
    case 'stop':
      return { type: 'stop' };
    default:
      if (typeof event !== 'string') throw new CarrierProtocolError('the message has no event name');
      return { type: 'unknown', event };
  }
}

function decodeStart(start: Fields): CarrierEvent {
  const format = start.mediaFormat;
  if (format !== undefined) {
    const { encoding, sampleRate } = fields(start, 'mediaFormat');
    if (encoding !== 'audio/x-mulaw' || sampleRate !== 8000)
      throw new CarrierProtocolError('start.mediaFormat is not audio/x-mulaw at 8000 Hz');
  }
  return {
    type: 'start',
    streamSid: sid(start, 'streamSid'),
    callSid: sid(start, 'callSid'),
    accountSid: sid(start, 'accountSid'),
    parameters: start.customParameters === undefined ? NO_PARAMETERS : parameters(fields(start, 'customParameters')),
  };
}

const NO_PARAMETERS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** Names come from whoever opened the socket: without a prototype, `__proto__` is a name like any other. */
function parameters(custom: Fields): Readonly<Record<string, string>> {
  const result: Record<string, string> = Object.create(null);
  for (const name of Object.keys(custom)) result[name] = text(custom, name);
  return result;
}

function stream(streamSid: string): CarrierEncoder {
  const sidJson = JSON.stringify(streamSid);
  const mediaHead = `{"event":"media","streamSid":${sidJson},"media":{"payload":"`;
  const markHead = `{"event":"mark","streamSid":${sidJson},"mark":{"name":`;
  const clear = `{"event":"clear","streamSid":${sidJson}}`;
  return {
    media: (payload) => `${mediaHead}${payload}"}}`,
    mark: (name) => `${markHead}${JSON.stringify(name)}}}`,
    clear: () => clear,
  };
}

function parse(data: string): Fields {
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    throw new CarrierProtocolError('the message is not JSON');
  }
  if (!isFields(message)) throw new CarrierProtocolError('the message is not an object');
  return message;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(of: Fields, name: string): Fields {
  // An own property: a message without `media` must not find one on a prototype.
  const value = Object.hasOwn(of, name) ? of[name] : undefined;
  if (!isFields(value)) throw new CarrierProtocolError(`${name} is not an object`);
  return value;
}

function text(of: Fields, name: string): string {
  const value = Object.hasOwn(of, name) ? of[name] : undefined;
  if (typeof value !== 'string') throw new CarrierProtocolError(`${name} is not a string`);
  return value;
}

/** Twilio's are two letters and 32 hexadecimal digits; test clients make up shorter ones, so only absurd ones are refused. */
function sid(of: Fields, name: string): string {
  const value = text(of, name);
  if (!/^[\w.:-]{1,128}$/.test(value)) throw new CarrierProtocolError(`${name} is not an identifier`);
  return value;
}

function milliseconds(of: Fields, name: string): number {
  const value = text(of, name);
  if (!/^\d{1,15}$/.test(value)) throw new CarrierProtocolError(`${name} is not a number of milliseconds in a string`);
  return Number(value);
}
