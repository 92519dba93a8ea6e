import { VoicebridgeError } from '../../errors.js';
import { type Assumptions, parseAssumption } from '../../simulator/phone/assumptions.js';
import { type NetworkFault, parseFault } from '../../simulator/phone/faults.js';
import { readWebhook, type WebhookSettings } from './webhook-settings.js';

/** The options of `voicebridge simulate` as commander hands them over. */
export interface SimulateFlags {
  readonly url?: string;
  readonly param?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly seed: string;
  readonly out?: string;
  readonly network?: string;
  readonly fault?: readonly string[];
  readonly assume?: readonly string[];
  readonly authToken?: string;
  readonly json?: boolean;
  readonly record: boolean;
  readonly page: boolean;
  readonly replay?: string;
  readonly mic?: boolean;
  readonly halfDuplex?: boolean;
  readonly digits?: string;
  readonly method?: string;
  readonly fallbackUrl?: string;
  readonly statusCallback?: string;
  readonly dialAnswers?: string;
}

/** The same, understood and free of contradictions. */
export interface SimulateSettings {
  /** Undefined: the relay on the default port, or an embedded one. */
  readonly url?: string;
  /** What the webhook at `url` is called with; absent when `url` is that of a stream. */
  readonly webhook?: WebhookSettings;
  readonly parameters: Readonly<Record<string, string>>;
  readonly seed: number;
  /** As typed; undefined: a new folder per call. */
  readonly outDir?: string;
  readonly record: boolean;
  /** Whether call.html is written. */
  readonly page: boolean;
  readonly network?: Network;
  readonly faults?: readonly NetworkFault[];
  readonly assume?: Partial<Assumptions>;
  /** Signs the upgrade. */
  readonly authToken?: string;
  readonly json: boolean;
}

export interface Network {
  readonly toServerMs: number;
  readonly toPhoneMs: number;
  readonly jitterMs: number;
}

/** Twilio's limit for name and value of one `<Parameter>` together. */
const MAX_PARAMETER_LENGTH = 500;

/** Checks every option before anything starts. Throws VoicebridgeError with exit code 2. */
export function readSettings(flags: SimulateFlags): SimulateSettings {
  if (!flags.record && flags.out !== undefined) {
    throw new VoicebridgeError('options-contradict', { first: '--no-record', second: '--out', command: 'simulate' });
  }
  const url = flags.url === undefined ? undefined : readUrl(flags.url);
  const webhook = readWebhook(flags, url);
  const network = flags.network === undefined ? undefined : readNetwork(flags.network);
  return {
    parameters: readParameters(flags.param ?? []),
    seed: readSeed(flags.seed),
    record: flags.record,
    page: flags.page,
    json: flags.json ?? false,
    ...(url !== undefined && { url }),
    ...(webhook && { webhook }),
    ...(flags.out !== undefined && { outDir: notEmpty('--out', flags.out) }),
    ...(network && { network }),
    ...(flags.fault && { faults: flags.fault.map(readFault) }),
    ...(flags.assume && { assume: readAssumptions(flags.assume) }),
    ...(flags.authToken !== undefined && { authToken: notEmpty('--auth-token', flags.authToken) }),
  };
}

/** Who speaks: a person at the microphone, the caller of a recorded call, or what a file says. */
export type WhoSpeaks =
  | { readonly mic: { readonly halfDuplex: boolean } }
  | { readonly replay: string }
  | { readonly path: string };

export function readWhoSpeaks(path: string | undefined, flags: SimulateFlags): WhoSpeaks {
  const { mic = false, halfDuplex = false, replay } = flags;
  if (replay !== undefined && (mic || path !== undefined)) {
    throw new VoicebridgeError('options-contradict', {
      first: '--replay',
      second: path ?? '--mic',
      command: 'simulate',
    });
  }
  if (mic && path !== undefined) {
    throw new VoicebridgeError('options-contradict', { first: '--mic', second: path, command: 'simulate' });
  }
  if (mic) return { mic: { halfDuplex } };
  if (halfDuplex) throw usage('--half-duplex needs --mic: it mutes a microphone');
  if (replay !== undefined) return { replay: notEmpty('--replay', replay) };
  if (path === undefined) throw usage("missing required argument 'caller': a WAV, a call.yaml, or --mic to speak");
  return { path };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(wss?|https?):$/.test(url.protocol) || url.hostname === '') {
    throw usage(`--url ${text} is neither a stream (ws://, wss://) nor a webhook (http://, https://)`);
  }
  return text;
}

function readParameters(pairs: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const pair of pairs) {
    const cut = pair.indexOf('=');
    if (cut < 1) throw usage(`--param ${pair} is not of the form name=value`);
    const name = pair.slice(0, cut);
    if (Object.hasOwn(parameters, name)) throw usage(`--param ${name} is given twice`);
    if (pair.length - 1 >= MAX_PARAMETER_LENGTH) {
      throw usage(`--param ${name} is too long: Twilio takes names and values of less than 500 characters together`);
    }
    parameters[name] = pair.slice(cut + 1);
  }
  return parameters;
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) throw usage(`--seed ${text} is not a whole number`);
  return seed;
}

/** `toServer,toPhone,jitter` in milliseconds. */
function readNetwork(text: string): Network {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [toServerMs, toPhoneMs, jitterMs] = numbers;
  const sane = numbers.length === 3 && numbers.every((ms) => ms >= 0 && ms <= MAX_NETWORK_MS);
  if (!sane || toServerMs === undefined || toPhoneMs === undefined || jitterMs === undefined) {
    throw usage(
      `--network ${text} is not three numbers of milliseconds from 0 to ${MAX_NETWORK_MS}, such as 40,40,10 ` +
        '(to the server, to the phone, jitter)',
    );
  }
  return { toServerMs, toPhoneMs, jitterMs };
}

const MAX_NETWORK_MS = 10_000;

function readFault(text: string): NetworkFault {
  const parsed = parseFault(text);
  if ('mistake' in parsed) throw usage(`--fault: ${parsed.mistake}`);
  return parsed.fault;
}

/** What is said last of one thing counts. */
function readAssumptions(texts: readonly string[]): Partial<Assumptions> {
  const assumed = texts.map((text) => {
    const parsed = parseAssumption(text);
    if ('mistake' in parsed) throw usage(`--assume: ${parsed.mistake}`);
    return parsed.assume;
  });
  return Object.assign({}, ...assumed);
}

function notEmpty(option: string, text: string): string {
  if (text.trim() === '') throw usage(`${option} is empty`);
  return text;
}

function usage(message: string): VoicebridgeError {
  return new VoicebridgeError('usage', { message, command: 'simulate' });
}
