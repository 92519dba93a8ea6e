import type { IncomingHttpHeaders } from 'node:http';
import type { SessionConfig } from './config.js';
import { CLIENT_EVENTS } from './schema.js';
import { XAI_CLIENT_EVENTS } from './schema-xai.js';
import type { DIALECT_NAMES } from './script/grammar.js';
import type { ClientEvents } from './strict.js';
import type { ServerEvent } from './wire.js';

type ShownSession = Extract<ServerEvent, { type: 'session.created' }>['session'];

/** What differs between services that speak this protocol. */
export interface Dialect {
  readonly name: (typeof DIALECT_NAMES)[number];
  readonly path: string;
  readonly events: ClientEvents;
  /** The key a client brings; undefined when it brings none where this service looks for it. */
  keyOf(headers: IncomingHttpHeaders): string | undefined;
  /** A wrong key is refused with HTTP 401, instead of in an event after the handshake. */
  readonly refusesKeyAtHandshake: boolean;
  /** The address must name a model, here a deployment. */
  readonly needsModel: boolean;
  /** The session as its events show it. */
  show(config: SessionConfig, resumption: boolean): ShownSession;
  /** The first event after `session.created` names the conversation, which a later session can go on with. */
  readonly resumes: boolean;
  readonly alwaysTranscribes: boolean;
  readonly tellsWordsCumulatively: boolean;
}

const bearer = (headers: IncomingHttpHeaders): string | undefined =>
  headers.authorization?.match(/^Bearer (.*)$/i)?.[1];

const openai: Dialect = {
  name: 'openai',
  path: '/v1/realtime',
  events: CLIENT_EVENTS,
  keyOf(headers) {
    const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const fromBrowser = protocols.find((name) => name.startsWith('openai-insecure-api-key.'));
    return fromBrowser?.slice(fromBrowser.indexOf('.') + 1) ?? bearer(headers);
  },
  refusesKeyAtHandshake: false,
  needsModel: false,
  show: (config) => config,
  resumes: false,
  alwaysTranscribes: false,
  tellsWordsCumulatively: false,
};

/** https://learn.microsoft.com/azure/foundry/openai/how-to/realtime-audio-websockets: the same but for address and key. */
const azure: Dialect = {
  ...openai,
  name: 'azure',
  path: '/openai/v1/realtime',
  keyOf: (headers) => {
    const key = headers['api-key'];
    return typeof key === 'string' ? key : bearer(headers);
  },
  refusesKeyAtHandshake: true,
  needsModel: true,
};

const xai: Dialect = {
  ...openai,
  name: 'xai',
  events: XAI_CLIENT_EVENTS,
  keyOf: bearer,
  refusesKeyAtHandshake: true,
  show({ audio, tracing: _, truncation: __, prompt: ___, include: ____, ...config }, enabled) {
    const { turn_detection, noise_reduction: _____, ...input } = audio.input;
    const { voice, ...output } = audio.output;
    const name = typeof voice === 'string' ? voice : voice.id;
    const shown = { ...config, voice: name, turn_detection, audio: { input, output }, resumption: { enabled } };
    // The official types know the other dialect alone.
    return shown as unknown as ShownSession;
  },
  resumes: true,
  alwaysTranscribes: true,
  tellsWordsCumulatively: true,
};

export const DIALECTS: Readonly<Record<Dialect['name'], Dialect>> = { openai, azure, xai };
