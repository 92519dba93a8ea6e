import type { AudioFormat } from '../audio/format.js';

/** What a carrier tells the relay, in the order a call goes through it. */
export type CarrierEvent =
  | { readonly type: 'connected' }
  | {
      readonly type: 'start';
      readonly streamSid: string;
      readonly callSid: string;
      readonly accountSid: string;
      readonly parameters: Readonly<Record<string, string>>;
      /** Where the carrier says so. Twilio's `start` does not: they come as parameters. */
      readonly from?: string;
      readonly to?: string;
    }
  /** `payload` is base64 of raw audio, exactly as it came: it travels on without being decoded. */
  | { readonly type: 'media'; readonly payload: string; readonly track: string; readonly timestampMs: number }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'dtmf'; readonly digit: string }
  | { readonly type: 'stop' }
  /** Well-formed but not known to us: new event names appear without notice and must not end a call. */
  | { readonly type: 'unknown'; readonly event: string };

/** The relay's side of one carrier's wire. A carrier is a value without state; what belongs to a call is in `stream`. */
export interface Carrier {
  readonly name: string;
  /** Audio from the caller. */
  readonly input: AudioFormat;
  /** Audio to the caller. */
  readonly output: AudioFormat;
  /** Reads one WebSocket message. Throws CarrierProtocolError, and nothing else, for what the carrier would never send. */
  decode(data: string): CarrierEvent;
  /** Binds the encoder to one stream; its methods run per frame and only join strings. */
  stream(streamSid: string): CarrierEncoder;
}

/** Makes the messages a relay may send on one stream. */
export interface CarrierEncoder {
  /** `payload` is base64 of raw audio in the carrier's output format, any length. */
  media(payload: string): string;
  mark(name: string): string;
  clear(): string;
}

/**
 * What a relay may ask of the carrier beside the stream. Promises reject with VoicebridgeError `carrier-refused` or
 * `carrier-unreachable`; neither repeats a number or a text.
 */
export interface CarrierRest {
  /** The call goes on with other instructions, which ends its stream. `url`: the carrier asks there what to do. */
  redirect(callSid: string, to: { readonly twiml: string } | { readonly url: string }): Promise<void>;
  /** A call that is over already counts as hung up. */
  hangUp(callSid: string): Promise<void>;
  /** Numbers in E.164. */
  sendMessage(message: { readonly from: string; readonly to: string; readonly body: string }): Promise<void>;
}

export class CarrierProtocolError extends Error {
  override readonly name = 'CarrierProtocolError';
}
