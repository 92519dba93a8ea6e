import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { DEFAULTS } from '../../options.js';

export interface ConnectOptions {
  readonly streamUrl: string;
  /** Asked when the stream is over, whoever ended it. */
  readonly endedUrl: string;
  readonly statusUrl: string;
  /** What the stream brings along; name and value are below 500 characters together. They are escaped here. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** TwiML that bridges the call to the stream. */
export function connectTwiml({ streamUrl, endedUrl, statusUrl, parameters = {} }: ConnectOptions): string {
  const response = new VoiceResponse();
  const stream = response
    .connect({ action: endedUrl, method: 'POST' })
    .stream({ url: streamUrl, statusCallback: statusUrl, statusCallbackMethod: 'POST' });
  for (const [name, value] of Object.entries(parameters)) stream.parameter({ name, value });
  return response.toString();
}

/** What follows the stream: nothing, after a word of apology when the agent was lost in the middle of the call. */
export function endedTwiml(agentLost: boolean): string {
  const response = new VoiceResponse();
  if (agentLost) response.say('I am sorry, we have a technical problem. Please call again in a few minutes.');
  response.hangup();
  return response.toString();
}

export function fullTwiml(): string {
  const response = new VoiceResponse();
  response.say('All our lines are busy. Please call again in a few minutes.');
  response.hangup();
  return response.toString();
}

/** What a number is dialled with when an agent hands a call over. */
export interface DialTarget {
  /** E.164. */
  readonly number: string;
  /** What the called party sees; absent, the caller's own number. */
  readonly callerId?: string;
  /** How long it may ring, 30 s unless told. */
  readonly timeoutSeconds?: number;
}

/**
 * The caller is put through to a number; the call ends with that conversation, and also when nobody answers: without an
 * address to ask, TwiML cannot tell one from the other. Source: https://www.twilio.com/docs/voice/twiml/dial
 */
export function transferTwiml({ number, callerId, timeoutSeconds }: DialTarget): string {
  const response = new VoiceResponse();
  const timeout = timeoutSeconds ?? DEFAULTS.carrier.ringSeconds;
  response.dial({ timeout, ...(callerId !== undefined && { callerId }) }).number(number);
  return response.toString();
}
