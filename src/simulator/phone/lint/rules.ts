import type { MessageRule } from '../../../carrier/twilio/phone.js';

/** Rules about the audio itself, which Twilio never checks: it plays whatever comes. */
export type AudioRule =
  | 'media/wav-header'
  | 'media/compressed'
  | 'media/linear-pcm'
  | 'media/alaw'
  | 'media/byte-swap'
  | 'media/wrong-rate'
  | 'media/zero-silence'
  | 'media/clipping'
  | 'media/too-loud'
  | 'media/too-quiet';

export type LintRule =
  | MessageRule
  | AudioRule
  | 'audio/never'
  | 'audio/only-silence'
  | 'mark/one-name'
  | 'mark/never-used'
  | 'clear/missing'
  | 'clear/late-audio'
  | 'playout/overflow'
  | 'playout/underrun'
  | 'playout/tiny-pieces'
  | 'close/goodbye-cut'
  | 'close/bad-code'
  | 'close/abrupt'
  | 'frame/masked'
  | 'frame/compressed'
  | 'frame/not-utf8'
  | 'frame/protocol'
  | 'frame/too-large'
  | 'socket/not-reading'
  | 'handshake/refused'
  | 'handshake/origin'
  | 'handshake/subprotocol'
  | 'handshake/compression'
  | 'handshake/not-websocket'
  | 'url/query'
  | 'phone/flood';

export interface RuleEntry {
  /** Twilio's code when it has one. */
  readonly code?: number;
  readonly level: 'error' | 'warning' | 'note';
  /**
   * `certain`: a fact of the wire. `likely`: found in the sound or in the timing by a test that healthy speech passes
   * with room to spare, but a test all the same.
   */
  readonly sure: 'certain' | 'likely';
  /** What the server did, one sentence without a full stop. */
  readonly meaning: string;
  /** What Twilio makes of it. */
  readonly twilio: string;
  /** What to do instead, one sentence without a full stop. */
  readonly instead: string;
  /** Twilio's page about it when it is not the page of `code`. */
  readonly page?: string;
}

const INVALID = 'logs warning 31951 (Invalid Message) once per stream and ignores the message';
const NOISE = 'plays it as if it were µ-law at 8 kHz: the caller hears noise, and nothing is logged';
const PLAYS = 'plays it as it is, and nothing is logged';
const ENDS = 'logs error 31924 (Protocol Error) and ends the stream';
const REFUSED = 'logs error 31920 (Handshake Error), opens no stream, and goes on with the TwiML or hangs up';
const MEDIA = 'https://www.twilio.com/docs/voice/media-streams/websocket-messages#send-a-media-message';
const MARK = 'https://www.twilio.com/docs/voice/media-streams/websocket-messages#send-a-mark-message';
const CLEAR = 'https://www.twilio.com/docs/voice/media-streams/websocket-messages#send-a-clear-message';
const STREAM = 'https://www.twilio.com/docs/voice/twiml/stream';

const invalid = { code: 31951, level: 'warning', sure: 'certain', twilio: INVALID } as const;
const noise = { level: 'error', sure: 'certain', twilio: NOISE, page: MEDIA } as const;

/**
 * What the phone complains about: one table, which the README lists and a test holds equal. Each code has its page at
 * https://www.twilio.com/docs/api/errors/CODE.
 */
export const LINT_RULES: Readonly<Record<LintRule, RuleEntry>> = {
  'message/binary': {
    code: 31950,
    level: 'warning',
    sure: 'certain',
    meaning: 'a binary WebSocket message: Twilio reads text only',
    twilio: 'logs warning 31950 (Malformed Message) once per stream and ignores the message',
    instead: 'send the audio as base64 in a text message: {"event":"media","streamSid":"MZ…","media":{"payload":"…"}}',
  },
  'message/not-json': {
    ...invalid,
    meaning: 'a message that is not JSON',
    instead: 'send one JSON object in each message; WebSocket pings keep a connection alive, not words',
  },
  'message/several': {
    ...invalid,
    meaning: 'several JSON objects in one message',
    instead: 'send each of them as a WebSocket message of its own',
  },
  'message/not-object': {
    ...invalid,
    meaning: 'a message that is JSON, but not an object',
    instead: 'send one JSON object in each message, no array around it',
  },
  'message/double-encoded': {
    ...invalid,
    meaning: 'a JSON string with a JSON message in it: it was encoded twice',
    instead: 'encode once: hand your library either the object or its JSON, not the JSON of its JSON',
  },
  'message/phone-event': {
    ...invalid,
    meaning: 'an event that only Twilio sends: connected, start, stop or dtmf',
    instead: 'send media, mark and clear only; to end the call close the socket or use the REST API',
  },
  'message/foreign': {
    ...invalid,
    meaning: 'a message of another protocol: of a speech model, or of another carrier',
    instead: 'translate it: audio to {"event":"media",…}, a flush of the buffer to {"event":"clear",…}',
  },
  'message/unknown-event': {
    ...invalid,
    meaning: 'an event other than media, mark and clear',
    instead: 'send media, mark and clear only, in lower case',
  },
  'message/missing-field': {
    ...invalid,
    meaning: 'a field that must be there is not',
    instead: 'send event and streamSid, and media.payload for media, mark.name for a mark',
  },
  'message/extra-field': {
    ...invalid,
    meaning: 'a field that does not belong there, such as track or sequenceNumber',
    twilio: 'logs warning 31951 (Invalid Message) once per stream; whether it obeys the message is not documented',
    instead: 'leave it out: media carries a payload and nothing else; track, chunk and timestamp are what Twilio sends',
  },
  'message/wrong-type': {
    ...invalid,
    meaning: 'a field of the wrong type',
    instead: 'event, streamSid, media.payload and mark.name are strings, media and mark are objects',
  },
  'stream-sid/missing': {
    ...invalid,
    meaning: 'a message without streamSid',
    instead: 'keep start.streamSid of the start message and send it in every message',
  },
  'stream-sid/misspelt': {
    ...invalid,
    meaning: 'a streamSid under another name, such as stream_sid or streamId',
    instead: 'call the field "streamSid", with just these capitals',
  },
  'stream-sid/call-sid': {
    ...invalid,
    meaning: 'the callSid (CA…) where the streamSid (MZ…) belongs',
    instead: 'send start.streamSid; the callSid is for the REST API',
  },
  'stream-sid/wrong': {
    ...invalid,
    meaning: 'a streamSid that is not the one of this stream',
    instead: 'keep the streamSid for each connection, not in a variable that all calls share',
  },
  'media/payload-empty': {
    ...invalid,
    meaning: 'media with an empty payload',
    instead: 'send nothing when there is nothing to play',
  },
  'media/payload-undecodable': {
    ...invalid,
    meaning: 'a payload that is not base64 (a data: address, the URL alphabet, line breaks)',
    instead: 'base64 in the standard alphabet (A–Z a–z 0–9 + /), with padding, in one line, without a prefix',
  },
  'media/hex': {
    ...noise,
    meaning: 'a payload in hexadecimal: it happens to be base64 of something else',
    instead: "encode the bytes as base64: buffer.toString('base64'), base64.b64encode(data).decode()",
  },
  'media/base64-twice': {
    ...noise,
    meaning: 'a payload that was encoded as base64 twice',
    instead: "pass a speech model's base64 on as it came, or decode it before you encode it again",
  },
  'media/wav-header': {
    ...noise,
    meaning: 'a payload that begins with the header of a file (WAV, AU, MP3): Twilio wants raw µ-law',
    twilio: 'plays it: the caller hears a crackle or noise, and nothing is logged',
    instead:
      'skip the header (44 bytes of a simple WAV), or ask for raw audio: ffmpeg -i in.wav -ar 8000 -ac 1 -f mulaw out',
  },
  'media/compressed': {
    ...noise,
    meaning: 'a payload of compressed audio (MP3 or AAC frames, Ogg, FLAC, WebM)',
    instead: 'ask the speech synthesiser for µ-law at 8 kHz (ulaw_8000, g711_ulaw, mulaw), or decode it first',
  },
  'media/linear-pcm': {
    ...noise,
    meaning: 'a payload of 16-bit linear samples: Twilio wants 8-bit µ-law at 8 kHz',
    twilio: 'plays it as µ-law: the caller hears loud noise, and nothing is logged',
    instead: 'resample to 8 kHz, then encode as µ-law: half as many bytes as samples of 16 bit',
  },
  'media/alaw': {
    ...noise,
    sure: 'likely',
    meaning: 'A-law sent as µ-law',
    twilio: 'plays it as µ-law: the caller hears a hoarse, distorted voice, and nothing is logged',
    instead: 'encode as µ-law (PCMU, g711_ulaw), not as A-law (PCMA, g711_alaw)',
  },
  'media/byte-swap': {
    ...noise,
    sure: 'likely',
    meaning: 'µ-law with every two bytes swapped',
    twilio: 'plays it: the caller hears a voice under a hiss, and nothing is logged',
    instead: 'µ-law is one byte a sample and has no byte order: swap linear samples before encoding them, if at all',
  },
  'media/wrong-rate': {
    ...noise,
    sure: 'likely',
    meaning: 'µ-law of 16 or 24 kHz sent as 8 kHz',
    twilio: 'plays it two or three times too slowly, in a deep voice, and nothing is logged',
    instead: 'resample to 8 kHz before encoding, or ask the synthesiser for 8 kHz',
  },
  'media/zero-silence': {
    ...noise,
    sure: 'likely',
    meaning: 'bytes 0x00 for silence: in µ-law they are the loudest negative value',
    twilio: 'plays them: the caller hears a loud click at both ends, and nothing is logged',
    instead: 'fill silence with 0xFF, or send nothing: Twilio plays silence by itself',
  },
  'media/clipping': {
    level: 'warning',
    sure: 'likely',
    meaning: 'audio that is clipped: many samples in a row stand at the limit',
    twilio: PLAYS,
    instead: 'lower the level before encoding; speech has its peaks about 15 dB above its level',
    page: MEDIA,
  },
  'media/too-loud': {
    level: 'warning',
    sure: 'likely',
    meaning: 'speech far above telephone level: -10 dBov or more; usual is -20',
    twilio: PLAYS,
    instead: 'bring speech to about -20 dBov before encoding',
    page: MEDIA,
  },
  'media/too-quiet': {
    level: 'warning',
    sure: 'likely',
    meaning: 'speech far below telephone level: its loudest words are under -38 dBov; usual is -20',
    twilio: PLAYS,
    instead: 'bring speech to about -20 dBov before encoding; check for samples scaled to ±1 and cast to integers',
    page: MEDIA,
  },
  'audio/never': {
    level: 'warning',
    sure: 'likely',
    meaning: 'the caller spoke, and for 8 s the server sent no audio at all',
    twilio: 'plays silence for as long as the call lasts',
    instead: 'answer the caller with media messages; for a server that only listens use <Start><Stream>',
    page: STREAM,
  },
  'audio/only-silence': {
    level: 'warning',
    sure: 'likely',
    meaning: 'the caller spoke, and for 8 s all audio the server sent was silence',
    twilio: 'plays the silence',
    instead: 'send audio only when there is something to hear, and check what the speech synthesiser returns',
    page: MEDIA,
  },
  'mark/unnamed': {
    level: 'warning',
    sure: 'certain',
    meaning: 'a mark with an empty name',
    twilio: 'sends it back without a name, if it takes it at all (not documented)',
    instead: 'name each mark after the audio before it: {"mark":{"name":"answer-3-end"}}',
    page: MARK,
  },
  'mark/one-name': {
    level: 'note',
    sure: 'certain',
    meaning: 'one name for all marks, several of them waiting at once',
    twilio: 'sends each back; which of them was reached can only be counted',
    instead: 'number the marks; after a clear all that wait come back at once, and counting breaks',
    page: MARK,
  },
  'mark/never-used': {
    level: 'note',
    sure: 'certain',
    meaning: 'interrupts with clear, but sends no marks',
    twilio: 'has nothing to send back: the server cannot know how much was heard',
    instead: 'send a mark behind every piece of audio and truncate the conversation at the last one that came back',
    page: MARK,
  },
  'clear/missing': {
    level: 'warning',
    sure: 'likely',
    meaning: 'the caller interrupted, and no clear came while seconds of audio were waiting',
    twilio: 'plays what is buffered to its end: the agent talks over the caller',
    instead: 'send {"event":"clear","streamSid":"MZ…"} as soon as the caller speaks; to stop sending is not enough',
    page: CLEAR,
  },
  'clear/late-audio': {
    level: 'error',
    sure: 'likely',
    meaning: 'after a clear the old answer goes on',
    twilio: 'plays it: a clear empties the buffer once and stops nothing that comes later',
    instead: 'drop what the model still sends of the interrupted answer until its next one begins',
    page: CLEAR,
  },
  'playout/overflow': {
    code: 31931,
    level: 'warning',
    sure: 'certain',
    meaning: 'more than 10 minutes of audio are waiting to be played',
    twilio: 'logs warning 31931 once and discards what does not fit',
    instead: 'keep no more than a few answers ahead; send the next piece when a mark comes back',
  },
  'playout/underrun': {
    level: 'warning',
    sure: 'likely',
    meaning: 'audio of one answer that comes too late: the caller hears holes in the words',
    twilio: 'plays silence until more comes, always whole frames of 20 ms',
    instead: 'send audio as soon as it is there, ahead of time: Twilio buffers it; a timer of 20 ms is always late',
    page: MEDIA,
  },
  'playout/tiny-pieces': {
    level: 'note',
    sure: 'certain',
    meaning: 'audio in pieces of less than 10 ms',
    twilio: 'plays them; one that is late costs a frame of 20 ms, and each costs 130 bytes of JSON',
    instead: 'send pieces of 20 ms (160 bytes) or more',
    page: MEDIA,
  },
  'close/goodbye-cut': {
    code: 31921,
    level: 'error',
    sure: 'certain',
    meaning: 'the server closed the stream while its own words were still waiting to be played',
    twilio: 'logs 31921, ends the stream and throws away what is buffered: the caller never hears it',
    instead: 'send a mark behind the goodbye and close when it comes back',
  },
  'close/bad-code': {
    code: 31921,
    level: 'warning',
    sure: 'certain',
    meaning: 'the server closed the stream with a code that means an error',
    twilio: 'logs 31921 (Close Error), ends the stream and goes on with the TwiML or hangs up',
    instead: "close with 1000 when the call is over; look for an exception in the server's log when this was not meant",
  },
  'close/abrupt': {
    code: 31921,
    level: 'warning',
    sure: 'certain',
    meaning: 'the server dropped the connection without a closing handshake',
    twilio: 'logs 31921 (Close Error), ends the stream and goes on with the TwiML or hangs up',
    instead: 'send a close frame (1000) before the socket goes, also when the process ends',
  },
  'frame/masked': {
    code: 31924,
    level: 'error',
    sure: 'certain',
    meaning: 'a masked frame: only clients mask theirs (RFC 6455, 5.1)',
    twilio: ENDS,
    instead: 'write frames as a server does, without a mask; a proxy that turns roles around does this',
  },
  'frame/compressed': {
    code: 31924,
    level: 'error',
    sure: 'certain',
    meaning: 'a compressed frame, although no compression was agreed',
    twilio: ENDS,
    instead: 'switch permessage-deflate off: Twilio does not offer it',
  },
  'frame/not-utf8': {
    code: 31924,
    level: 'error',
    sure: 'certain',
    meaning: 'a text message that is not UTF-8',
    twilio: ENDS,
    instead: 'send audio as base64 in JSON; raw bytes in a text frame are not allowed',
  },
  'frame/protocol': {
    code: 31924,
    level: 'error',
    sure: 'certain',
    meaning: 'bytes that break the WebSocket protocol',
    twilio: ENDS,
    instead: 'leave framing to a WebSocket library, and write nothing beside it to the socket',
  },
  'frame/too-large': {
    level: 'error',
    sure: 'certain',
    meaning: 'a message larger than the phone accepts',
    twilio: "Twilio's own limit is not documented; the phone ends the stream (close code 1009)",
    instead: 'send a second of audio or less in one message',
    page: MEDIA,
  },
  'socket/not-reading': {
    code: 31930,
    level: 'warning',
    sure: 'certain',
    meaning: 'the server does not read what it is sent',
    twilio: 'logs warning 31930 (Buffer Overflow) and drops audio of the caller',
    instead: 'read the socket all the time: no waiting for a model or a database in the handler of a message',
  },
  'handshake/refused': {
    code: 31920,
    level: 'error',
    sure: 'certain',
    meaning: 'an answer to the WebSocket upgrade other than 101',
    twilio: REFUSED,
    instead: 'answer 101 on the path of the TwiML: Twilio follows no redirect, sends no cookie and no Authorization',
  },
  'handshake/origin': {
    code: 31920,
    level: 'error',
    sure: 'certain',
    meaning: 'an Origin header is demanded, and Twilio sends none',
    twilio: REFUSED,
    instead: 'accept upgrades without Origin and check X-Twilio-Signature instead',
  },
  'handshake/subprotocol': {
    code: 31920,
    level: 'error',
    sure: 'certain',
    meaning: 'a WebSocket subprotocol is demanded or chosen, and Twilio offers none',
    twilio: REFUSED,
    instead: 'accept upgrades without Sec-WebSocket-Protocol and answer without one',
  },
  'handshake/compression': {
    code: 31920,
    level: 'error',
    sure: 'certain',
    meaning: 'compression (permessage-deflate) is demanded or chosen, and Twilio offers none',
    twilio: REFUSED,
    instead: 'accept upgrades without Sec-WebSocket-Extensions and answer without them',
  },
  'handshake/not-websocket': {
    code: 31920,
    level: 'error',
    sure: 'certain',
    meaning: 'an answer to the upgrade that is not one of RFC 6455, such as a wrong Sec-WebSocket-Accept',
    twilio: REFUSED,
    instead: 'leave the handshake to a WebSocket library, and let no proxy take its headers away',
  },
  'url/query': {
    code: 31920,
    level: 'warning',
    sure: 'certain',
    meaning: 'the address of the stream has a query string',
    twilio: 'does not send it',
    instead: 'use the path or a <Parameter> (--param)',
    page: STREAM,
  },
  'phone/flood': {
    level: 'error',
    sure: 'certain',
    meaning: 'the server sent more than the phone keeps a record of',
    twilio: 'would still be reading; here what came later is played, but not in the record',
    instead: 'send each piece of audio once, and end the call when it is over',
    page: MEDIA,
  },
};

/** Where Twilio writes about it. */
export function pageOf({ code, page }: { readonly code?: number; readonly page?: string }): string {
  return page ?? (code === undefined ? STREAM : `https://www.twilio.com/docs/api/errors/${code}`);
}
