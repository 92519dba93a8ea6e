import type { Clock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import { DIALECTS, type Dialect, type Provider, type WireAudio } from './dialects.js';
import type { OpenModel } from './model.js';
import { openaiModel } from './openai.js';

/** One model that calls can be connected to. Secrets are handed in as they are, and reach nothing but the handshake. */
export interface ModelTarget {
  readonly provider: Provider;
  /** ws(s):// address in place of the provider's own; `compatible` needs one. */
  readonly url?: string;
  /** Azure: the first part of `….openai.azure.com`. */
  readonly resource?: string;
  /** Azure: the name of the deployment, which takes the place of the model. */
  readonly deployment?: string;
  readonly model?: string;
  readonly key?: string;
  /** Azure: a token of Microsoft Entra, in place of the key. */
  readonly entraToken?: string;
  /** `auto`: µ-law, untouched from end to end, and linear audio at 24 kHz with a model that does not take it. */
  readonly audio: 'auto' | WireAudio;
  readonly connectTimeoutMs: number;
  readonly pingEveryMs: number;
  readonly maxMessageBytes: number;
}

/**
 * `OpenModel` for a target. Throws VoicebridgeError `usage` when the target cannot be an address, and
 * `model-key-missing` when the provider's own address is to be called without a key.
 */
export function modelFor(target: ModelTarget, world: { readonly clock: Clock }): OpenModel {
  const dialect = DIALECTS[target.provider];
  const url = modelAddress(target);
  const headers = headersOf(target, dialect, url);
  const { connectTimeoutMs, pingEveryMs, maxMessageBytes } = target;
  let audio = target.audio === 'auto' ? dialect.formats[0]! : target.audio;
  // What one call has learnt about the model holds for the next.
  const onFormatRefused = (): void => {
    audio = 'pcm';
  };
  return (session, onEvent) => {
    const canFallBack = target.audio === 'auto' && audio !== 'pcm';
    return openaiModel({
      ...{ url, headers, dialect, audio, clock: world.clock, connectTimeoutMs, pingEveryMs, maxMessageBytes },
      ...(canFallBack && { onFormatRefused }),
    })(session, onEvent);
  };
}

/** Where a target is called: no secret is part of it. Throws VoicebridgeError `usage` when it is no address. */
export function modelAddress(target: ModelTarget): string {
  const { provider, resource } = target;
  const dialect = DIALECTS[provider];
  const needsResource = target.url === undefined && dialect.address?.includes('{resource}');
  if (needsResource && !/^[a-z0-9-]+$/i.test(resource ?? '')) {
    throw refused(`the model azure needs the name of its resource, or an address, and has ${resource ?? 'none'}`);
  }
  const base = target.url ?? dialect.address?.replace('{resource}', resource ?? '');
  if (base === undefined) throw refused(`the model ${provider} needs an address: ws://… or wss://…`);
  if (!/^wss?:\/\//.test(base) || !URL.canParse(base)) throw refused(`${base} is not a ws:// or wss:// address`);
  const url = new URL(base);
  const chosen = target.deployment ?? target.model;
  const model = chosen ?? url.searchParams.get('model') ?? dialect.model;
  if (model !== undefined) url.searchParams.set('model', model);
  if (provider === 'azure' && !url.searchParams.has('model')) throw refused('the model azure needs a deployment');
  return url.href;
}

/** A key goes only where it was meant for: over TLS, or to this machine. */
function headersOf(target: ModelTarget, dialect: Dialect, url: string): Record<string, string> {
  const { key, entraToken } = target;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'wss:' && !LOOPBACK.test(hostname)) return {};
  if (entraToken) return { Authorization: `Bearer ${entraToken}` };
  if (key) return dialect.keyHeader === 'api-key' ? { 'api-key': key } : { Authorization: `Bearer ${key}` };
  if (target.url === undefined) {
    throw new VoicebridgeError('model-key-missing', { model: target.provider, variable: dialect.keyVariable });
  }
  return {};
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function refused(message: string): VoicebridgeError {
  return new VoicebridgeError('usage', { message, command: 'serve' });
}
