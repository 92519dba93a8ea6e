import { VoicebridgeError } from '../../errors.js';

/** What was typed behind `voicebridge bench`. */
export interface BenchFlags {
  readonly url?: string;
  /** The sandwich: the command that starts the relay under test, what else its environment has, the model's port. */
  readonly start?: string;
  readonly env: readonly string[];
  readonly modelPort?: number;
  readonly sweep: boolean;
  readonly runs?: number;
  readonly calls: number;
  readonly seed: number;
  readonly budget: readonly string[];
  readonly json?: string | true;
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly mrl?: string;
  readonly network?: { readonly toServerMs: number; readonly toPhoneMs: number; readonly jitterMs: number };
  /** Of the model behind our own relay. */
  readonly dialect?: 'openai' | 'azure' | 'xai';
  readonly audio?: 'pcmu' | 'pcm';
  readonly out?: string;
  readonly calibrate: boolean;
  /** Load: within how many ms the calls come in, who makes them, whose processor time is counted, how many are too many. */
  readonly ramp?: number;
  readonly threads?: number;
  readonly pid?: number;
  readonly findLimit: boolean;
  /** An earlier report to hold this one against; below how many ms a difference is none; whether to compare anyway. */
  readonly baseline?: string;
  readonly matters?: number;
  readonly force: boolean;
}

/** @throws VoicebridgeError `usage` */
export function checkUrl(url: string | undefined): void {
  if (url === undefined || (/^wss?:\/\//.test(url) && URL.canParse(url.replace('{port}', '1')))) return;
  throw new VoicebridgeError('usage', { message: `--url ${url} is not a ws:// or wss:// address`, command: 'bench' });
}

/** A stranger's server has a model of its own. @throws VoicebridgeError `options-contradict` */
export function checkModel({ url, dialect, audio }: BenchFlags): void {
  const first = dialect !== undefined ? '--dialect' : audio !== undefined ? '--audio' : undefined;
  if (url === undefined || first === undefined) return;
  throw new VoicebridgeError('options-contradict', { first, second: '--url', command: 'bench' });
}

export function wholeNumber(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    const message = `${flag} ${text} is not a whole number from ${least} to ${most}`;
    throw new VoicebridgeError('usage', { message, command: 'bench' });
  };
}

/** Milliseconds of `10s`, `1.5s` or `500ms`. */
export function readTime(flag: string): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
    if (number !== undefined) return Number(number) * (unit === 's' ? 1000 : 1);
    throw new VoicebridgeError('usage', {
      message: `${flag} ${text} is not a time like 10s or 500ms`,
      command: 'bench',
    });
  };
}

export function positiveNumber(flag: string): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && number > 0) return number;
    throw new VoicebridgeError('usage', { message: `${flag} ${text} is not a number above 0`, command: 'bench' });
  };
}

export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

const MAX_NETWORK_MS = 5_000;

export function readNetwork(text: string): { toServerMs: number; toPhoneMs: number; jitterMs: number } {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [toServerMs, toPhoneMs, jitterMs] = numbers;
  const sane = numbers.length === 3 && numbers.every((ms) => ms >= 0 && ms <= MAX_NETWORK_MS);
  if (sane) return { toServerMs: toServerMs!, toPhoneMs: toPhoneMs!, jitterMs: jitterMs! };
  const message = `--network ${text} is not three times in milliseconds, like 40,40,20`;
  throw new VoicebridgeError('usage', { message, command: 'bench' });
}
