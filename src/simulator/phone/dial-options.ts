import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { CallerSource } from './script.js';

export interface NetworkOptions {
  /** One-way delays of the carrier's leg. */
  readonly toServerMs: number;
  readonly toPhoneMs: number;
  /** Each message takes so much longer or shorter at most; order is kept. */
  readonly jitterMs: number;
}

export interface DialOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly caller: CallerSource;
  readonly clock?: Clock;
  /** What the TwiML's `<Parameter>` elements would carry. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Drawn from the seed when left out. */
  readonly streamSid?: string;
  readonly callSid?: string;
  readonly accountSid?: string;
  readonly from?: string;
  readonly to?: string;
  /** Identifiers, timestamps and jitter repeat with it. */
  readonly seed?: number;
  readonly network?: NetworkOptions;
  readonly clearDelayMs?: number;
  /** Folder for `call.wav` and `events.jsonl`; made when missing. */
  readonly outDir?: string;
  /** Ends the call politely. */
  readonly signal?: AbortSignal;
  /** Signs the upgrade as Twilio does. */
  readonly authToken?: string;
  readonly handshakeTimeoutMs?: number;
  readonly agentQuietMs?: number;
  readonly lingerMs?: number;
  readonly maxCallMs?: number;
  readonly maxBufferedBytes?: number;
  readonly maxMessageBytes?: number;
}

/** What the phone goes by when nothing else is said. */
const DIAL_DEFAULTS = {
  seed: DEFAULTS.phone.seed,
  network: DEFAULTS.phone.network as NetworkOptions,
  clearDelayMs: DEFAULTS.phone.clearDelayMs,
  handshakeTimeoutMs: DEFAULTS.phone.handshakeTimeoutMs,
  agentQuietMs: DEFAULTS.phone.agentQuietMs,
  lingerMs: DEFAULTS.phone.lingerMs,
  maxCallMs: DEFAULTS.phone.maxCallMs,
  maxBufferedBytes: DEFAULTS.phone.maxBufferedBytes,
  maxMessageBytes: DEFAULTS.phone.maxMessageBytes,
} satisfies Partial<DialOptions>;

export type CompleteOptions = DialOptions & Required<Pick<DialOptions, keyof typeof DIAL_DEFAULTS>>;

/** Fills in the defaults. An option that is there but undefined counts as left out. */
export function complete(options: DialOptions): CompleteOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...DIAL_DEFAULTS, ...(given as unknown as DialOptions) };
}
