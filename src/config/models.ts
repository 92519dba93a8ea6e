import { VoicebridgeError } from '../errors.js';
import { DIALECTS } from '../model/dialects.js';
import type { ModelTarget } from '../model/providers.js';
import { DEFAULTS } from '../options.js';
import type { ModelShape } from './model-shape.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a model is, with its key out of the environment; `sim` is the simulated one, which whoever serves starts. */
export type WhereModelIs = ModelTarget | 'sim';

/**
 * Throws VoicebridgeError `model-key-missing` when the file names a variable, or the provider wants a key, and it is not
 * set, and `usage` when what it holds cannot be a key. An address of one's own may need none.
 */
export function whereModelIs(name: string, shape: ModelShape, env: Env): WhereModelIs {
  const { provider, url, resource, deployment, model, audio = 'auto' } = shape;
  if (provider === 'sim') return 'sim';
  const { variable, needed } = keyOf(shape);
  // Files and shells leave line ends behind keys.
  const key = variable === undefined ? undefined : env[variable]?.trim();
  if (needed && !key) {
    throw new VoicebridgeError('model-key-missing', { model: name, variable: variable! });
  }
  if (key && !/^[\x21-\x7e]+$/.test(key)) {
    const message = `${variable} holds a space or another character that no key has`;
    throw new VoicebridgeError('usage', { message, command: 'serve' });
  }
  const { pingEveryMs, connectTimeoutMs, maxMessageBytes } = DEFAULTS.model;
  return {
    provider,
    audio,
    maxMessageBytes,
    connectTimeoutMs: shape.connectTimeout ?? connectTimeoutMs,
    pingEveryMs: shape.ping ?? pingEveryMs,
    ...(url !== undefined && { url }),
    ...(resource !== undefined && { resource }),
    ...(deployment !== undefined && { deployment }),
    ...(model !== undefined && { model }),
    ...(key && { key }),
  };
}

/** The variable of the environment that holds the key, and whether it can be done without. */
export function keyOf({ provider, keyEnv, url }: ModelShape): { readonly variable?: string; readonly needed: boolean } {
  if (keyEnv !== undefined) return { variable: keyEnv, needed: true };
  if (provider === 'compatible' || provider === 'sim') return { needed: false };
  return { variable: DIALECTS[provider].keyVariable, needed: url === undefined };
}
