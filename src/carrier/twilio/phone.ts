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
  /** As `media`, in pieces of ASCII that need not be joined by who writes bytes: hundreds of phones do 50 times a second. */
  mediaPieces(timestampMs: number, payload: string): readonly [head: string, payload: string, tail: string];
  mark(name: string): string;
  dtmf(digit: string): string;
  stop(): string;
}

export function phoneEncoder({ streamSid, callSid, accountSid }: StreamSids): PhoneEncoder {
  let sequence = 0;
  let chunk = 0;
  const mediaTail = `"},"streamSid":"${streamSid}"}`;
  const mediaPieces = (timestampMs: number, payload: string) =>
    [
      `{"event":"media","sequenceNumber":"${++sequence}","media":{"track":"inbound","chunk":"${++chunk}","timestamp":"${timestampMs}","payload":"`,
      payload,
      mediaTail,
    ] as const;
  return {
    connected: () => '{"event":"connected","protocol":"Call","version":"1.0.0"}',
    start: (parameters) =>
      `{"event":"start","sequenceNumber":"${++sequence}","start":{"accountSid":"${accountSid}","streamSid":"${streamSid}","callSid":"${callSid}","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":${JSON.stringify(parameters)}},"streamSid":"${streamSid}"}`,
    media: (timestampMs, payload) => mediaPieces(timestampMs, payload).join(''),
    mediaPieces,
    mark: (name) =>
      `{"event":"mark","sequenceNumber":"${++sequence}","streamSid":"${streamSid}","mark":{"name":${JSON.stringify(name)}}}`,
    dtmf: (digit) =>
      `{"event":"dtmf","streamSid":"${streamSid}","sequenceNumber":"${++sequence}","dtmf":{"track":"inbound_track","digit":"${digit}"}}`,
    stop: () =>
      `{"event":"stop","sequenceNumber":"${++sequence}","streamSid":"${streamSid}","stop":{"accountSid":"${accountSid}","callSid":"${callSid}"}}`,
  };
}

export { type Judged, judgeBinaryMessage, judgeServerMessage, type MessageRule, type PhoneCommand } from './judge.js';
