import { DEFAULTS } from '../../options.js';
import { parseDuration } from './duration.js';

/** What Twilio does where it does not say what it does. */
export interface Assumptions {
  readonly handshakeTimeoutMs: number;
  readonly clearDelayMs: number;
  readonly marksOnClear: 'send-order' | 'reverse';
  readonly extraFields: 'play' | 'refuse';
  readonly badPayload: 'warn' | 'ignore';
  readonly pingEveryMs: number;
  readonly closeCode: 1000 | 1005 | 1006;
  readonly digitAt: 'key-down' | 'key-up';
  readonly digitMs: number;
  readonly maxUnreadBytes: number;
  readonly maxMessageBytes: number;
}

/** What a value looks like: a time, a size, or one of a few words. */
type Takes = 'time' | 'bytes' | readonly string[];

interface AssumptionEntry {
  readonly option: keyof Assumptions;
  readonly takes: Takes;
  /** What it decides, one sentence without a full stop. */
  readonly says: string;
}

/** Everything that no source tells about Twilio: one table, which the README lists and a test holds equal. */
export const ASSUMPTIONS = {
  'handshake-timeout': {
    option: 'handshakeTimeoutMs',
    takes: 'time',
    says: 'how long it waits for the 101 of the WebSocket handshake',
  },
  'clear-delay': { option: 'clearDelayMs', takes: 'time', says: 'from the arrival of a clear to the moment it acts' },
  'marks-on-clear': {
    option: 'marksOnClear',
    takes: ['send-order', 'reverse'],
    says: 'the order in which a clear sends the waiting marks back',
  },
  'extra-fields': {
    option: 'extraFields',
    takes: ['play', 'refuse'],
    says: 'whether a message with a field that does not belong there is obeyed; 31951 is logged either way',
  },
  'bad-payload': {
    option: 'badPayload',
    takes: ['warn', 'ignore'],
    says: 'whether a payload that is empty or not base64 is logged as 31951, or silently ignored',
  },
  'ping-every': { option: 'pingEveryMs', takes: 'time', says: 'how often it sends a WebSocket ping; 0s: never' },
  'close-code': {
    option: 'closeCode',
    takes: ['1000', '1005', '1006'],
    says: 'how it closes after `stop`: 1005 without a code, 1006 without a closing handshake',
  },
  'digit-at': {
    option: 'digitAt',
    takes: ['key-down', 'key-up'],
    says: 'whether `dtmf` is sent when a key is pressed or when it is let go',
  },
  'digit-length': { option: 'digitMs', takes: 'time', says: 'how long a key is held down' },
  'max-unread': {
    option: 'maxUnreadBytes',
    takes: 'bytes',
    says: 'how much may wait for a server that does not read, before audio is dropped (31930)',
  },
  'max-message': { option: 'maxMessageBytes', takes: 'bytes', says: 'the largest message it accepts' },
} as const satisfies Readonly<Record<string, AssumptionEntry>>;

export type AssumptionName = keyof typeof ASSUMPTIONS;

const NAMES = Object.keys(ASSUMPTIONS) as AssumptionName[];
const MAX_MS = 10 * 60_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** One assumption, or the one sentence that says what is wrong with it and what would be right. */
export type ParsedAssumption = { readonly assume: Partial<Assumptions> } | { readonly mistake: string };

/** Reads `marks-on-clear=reverse`, `clear-delay=50ms`, `max-unread=65536`. */
export function parseAssumption(text: string): ParsedAssumption {
  const cut = text.indexOf('=');
  const name = cut < 0 ? text : text.slice(0, cut);
  if (!isAssumption(name))
    return { mistake: `"${name.slice(0, 40)}" cannot be assumed: there are ${NAMES.join(', ')}` };
  return readAssumption(name, cut < 0 ? '' : text.slice(cut + 1).trim());
}

export function readAssumption(name: AssumptionName, value: string): ParsedAssumption {
  const { option, takes }: AssumptionEntry = ASSUMPTIONS[name];
  const shown = value.slice(0, 40);
  if (takes === 'time') {
    const ms = value === '0' ? 0 : parseDuration(value);
    if (ms !== undefined && ms <= MAX_MS) return { assume: { [option]: ms } };
    return { mistake: `${name} takes a time like 500ms or 1.5s, up to 10 minutes, not "${shown}"` };
  }
  if (takes === 'bytes') {
    const bytes = /^\d{1,12}$/.test(value) ? Number(value) : 0;
    if (bytes >= 1 && bytes <= MAX_BYTES) return { assume: { [option]: bytes } };
    return { mistake: `${name} takes a number of bytes from 1 to ${MAX_BYTES}, not "${shown}"` };
  }
  if (!takes.includes(value)) return { mistake: `${name} takes ${takes.join(' or ')}, not "${shown}"` };
  return { assume: { [option]: option === 'closeCode' ? Number(value) : value } };
}

export function isAssumption(name: string): name is AssumptionName {
  return Object.hasOwn(ASSUMPTIONS, name);
}

/** What the phone assumes unless told otherwise, as one would type it. */
export function shownDefault(name: AssumptionName): string {
  const { option, takes }: AssumptionEntry = ASSUMPTIONS[name];
  const value = DEFAULTS.phone[option];
  return takes === 'time' ? `${value}ms` : String(value);
}
