import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { Assumptions } from './assumptions.js';
import type { CarrierScript, NetworkOptions } from './carrier-script.js';
import type { NetworkFault } from './faults.js';
import type { CallerSource } from './script.js';

export interface DialOptions extends Partial<Assumptions> {
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
  /** Identifiers, timestamps, jitter and drawn moments of faults repeat with it. */
  readonly seed?: number;
  readonly network?: NetworkOptions;
  /** What goes wrong on the carrier's side, and when. */
  readonly faults?: readonly NetworkFault[];
  /** Folder for `call.wav` and `events.jsonl`; made when missing. */
  readonly outDir?: string;
  /** Ends the call politely. */
  readonly signal?: AbortSignal;
  /** Signs the upgrade as Twilio does. */
  readonly authToken?: string;
  readonly agentQuietMs?: number;
  readonly lingerMs?: number;
  readonly maxCallMs?: number;
  readonly maxBufferedBytes?: number;
}

/** What the phone goes by when nothing else is said. */
const DIAL_DEFAULTS = {
  seed: DEFAULTS.phone.seed,
  network: DEFAULTS.phone.network as NetworkOptions,
  faults: [] as readonly NetworkFault[],
  handshakeTimeoutMs: DEFAULTS.phone.handshakeTimeoutMs,
  clearDelayMs: DEFAULTS.phone.clearDelayMs,
  marksOnClear: DEFAULTS.phone.marksOnClear,
  extraFields: DEFAULTS.phone.extraFields,
  badPayload: DEFAULTS.phone.badPayload,
  pingEveryMs: DEFAULTS.phone.pingEveryMs,
  closeCode: DEFAULTS.phone.closeCode,
  digitAt: DEFAULTS.phone.digitAt,
  digitMs: DEFAULTS.phone.digitMs,
  maxUnreadBytes: DEFAULTS.phone.maxUnreadBytes,
  maxMessageBytes: DEFAULTS.phone.maxMessageBytes,
  agentQuietMs: DEFAULTS.phone.agentQuietMs,
  lingerMs: DEFAULTS.phone.lingerMs,
  maxCallMs: DEFAULTS.phone.maxCallMs,
  maxBufferedBytes: DEFAULTS.phone.maxBufferedBytes,
} satisfies Partial<DialOptions>;

export type CompleteOptions = DialOptions & Required<Pick<DialOptions, keyof typeof DIAL_DEFAULTS>>;

/** Fills in what the script says, and the defaults. An option that is there but undefined counts as left out. */
export function complete(options: DialOptions): CompleteOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { network, faults = [], assume }: CarrierScript = 'live' in options.caller ? {} : options.caller;
  return {
    ...DIAL_DEFAULTS,
    ...assume,
    ...(network && { network }),
    ...(given as unknown as DialOptions),
    faults: [...faults, ...(options.faults ?? [])],
  };
}
