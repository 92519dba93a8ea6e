import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { packagedSample } from '../../samples.js';
import type { World } from '../world.js';

/** What was typed; what was not is undefined, so that the environment and the file can say it. */
export interface ServeFlags {
  readonly config?: string;
  readonly check: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly publicUrl?: string;
  readonly maxCalls?: number;
  readonly model?: string;
  readonly instructions?: string;
  readonly voice?: string;
  readonly audio?: 'auto' | 'pcmu' | 'pcma' | 'pcm';
  readonly greet: boolean;
  readonly insecure: boolean;
  readonly json: boolean;
}

/** The file to take, as it was named and where it is. */
export interface ConfigFile {
  readonly shown: string;
  readonly path: string;
}

/** Flags that describe an agent, which is what a file is for. */
function agentFlag(flags: ServeFlags): string | undefined {
  if (flags.instructions !== undefined) return '--instructions';
  if (flags.voice !== undefined) return '--voice';
  if (!flags.greet) return '--no-greet';
  return flags.audio !== undefined && flags.model === undefined ? '--audio' : undefined;
}

/**
 * Which file is used: the one that was named, or the one that lies there unless a flag describes an agent of its own.
 * Throws VoicebridgeError options-contradict when both were asked for.
 */
export function chooseFile(flags: ServeFlags, world: World): { file?: ConfigFile; aside?: string } {
  const named = flags.config ?? world.env.VOICEBRIDGE_CONFIG;
  const contradiction = agentFlag(flags);
  if (flags.config !== undefined && contradiction !== undefined) {
    throw new VoicebridgeError('options-contradict', { first: '--config', second: contradiction, command: 'serve' });
  }
  const shown = named ?? DEFAULTS.config.file;
  const path = resolve(world.cwd, shown);
  if (named === undefined && !existsSync(path)) return {};
  const packaged = existsSync(path) ? undefined : packagedSample(shown);
  return contradiction === undefined
    ? { file: { shown, path: packaged ?? path } }
    : { aside: `${shown} is not used: ${contradiction} describes an agent of its own` };
}

/** Where the relay listens, and how many calls it takes. Flags override the environment, the environment overrides the file. */
export function listenAt(
  flags: ServeFlags,
  env: World['env'],
  file: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly publicUrl?: string | undefined;
    readonly maxCalls?: number | undefined;
  } = {},
): { readonly host: string; readonly port: number; readonly publicUrl?: string; readonly maxCalls: number } {
  const { VOICEBRIDGE_PORT, VOICEBRIDGE_PUBLIC_URL, VOICEBRIDGE_MAX_CALLS } = env;
  const envPort = VOICEBRIDGE_PORT ? parsePort(VOICEBRIDGE_PORT, 'VOICEBRIDGE_PORT') : undefined;
  const envUrl = VOICEBRIDGE_PUBLIC_URL ? parsePublicUrl(VOICEBRIDGE_PUBLIC_URL, 'VOICEBRIDGE_PUBLIC_URL') : undefined;
  const envCalls = VOICEBRIDGE_MAX_CALLS ? parseMaxCalls(VOICEBRIDGE_MAX_CALLS, 'VOICEBRIDGE_MAX_CALLS') : undefined;
  const publicUrl = flags.publicUrl ?? envUrl ?? file.publicUrl;
  return {
    host: flags.host ?? (env.VOICEBRIDGE_HOST || file.host || DEFAULTS.serve.host),
    port: flags.port ?? envPort ?? file.port ?? DEFAULTS.serve.port,
    maxCalls: flags.maxCalls ?? envCalls ?? file.maxCalls ?? DEFAULTS.serve.maxCalls,
    ...(publicUrl !== undefined && { publicUrl }),
  };
}

export function parsePort(text: string, name = '--port'): number {
  const port = Number(text);
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new VoicebridgeError('usage', { message: `${name} ${text} is not a port (0 to 65535)`, command: 'serve' });
  }
  return port;
}

const MOST_CALLS = 100_000;

export function parseMaxCalls(text: string, name = '--max-calls'): number {
  const calls = Number(text);
  if (text.trim() !== '' && Number.isInteger(calls) && calls >= 1 && calls <= MOST_CALLS) return calls;
  throw new VoicebridgeError('usage', {
    message: `${name} ${text} is not a whole number from 1 to ${MOST_CALLS}`,
    command: 'serve',
  });
}

/** Only the beginning of an address: the paths of the webhooks and of the stream are put behind it. */
export function parsePublicUrl(text: string, name = '--public-url'): string {
  if (/^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text)) return text;
  throw new VoicebridgeError('usage', {
    message: `${name} ${text} is not an address like https://voice.example.com`,
    command: 'serve',
  });
}
