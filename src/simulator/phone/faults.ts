import { parseDuration } from './duration.js';

/** Which way a fault acts, seen from the carrier. */
export type Direction = 'to-server' | 'to-phone' | 'both';

/** Milliseconds after `start`; of two, a moment between them that the seed draws. */
export type Moment = number | readonly [earliestMs: number, latestMs: number];

/** Something that goes wrong on the carrier's side of a call. */
export type NetworkFault =
  /** Nothing arrives for so long; then everything that waited does, at once and in order. */
  | { readonly type: 'stall'; readonly at: Moment; readonly forMs: number; readonly direction?: Direction }
  /** So many messages are held and sent together, again and again. */
  | {
      readonly type: 'bunch';
      readonly at: Moment;
      readonly frames: number;
      readonly forMs?: number;
      readonly direction?: Direction;
    }
  /** The phone stops reading its socket: what the server sends waits in the server. */
  | { readonly type: 'slow-reader'; readonly at: Moment; readonly forMs?: number }
  /** The line is dead and nobody is told: nothing is sent or read any more, the socket stays, then it breaks. */
  | { readonly type: 'half-open'; readonly at: Moment; readonly forMs?: number }
  /** The socket is closed in order, but without a `stop` before it. */
  | { readonly type: 'close'; readonly at: Moment }
  /** A TCP reset. */
  | { readonly type: 'reset'; readonly at: Moment }
  /** A second stream for the same call: same callSid, new streamSid, the same caller, while the first one lives. */
  | { readonly type: 'duplicate'; readonly at: Moment; readonly forMs?: number };

export type FaultType = NetworkFault['type'];

type Use = 'needed' | 'optional' | 'none';

interface FaultEntry {
  /** As one would type it. */
  readonly example: string;
  /** What happens, one sentence without a full stop. */
  readonly says: string;
  readonly frames: Use;
  readonly forMs: Use;
  readonly direction: boolean;
}

/** Every fault: one table, which the README lists and a test holds equal. */
export const FAULTS: Readonly<Record<FaultType, FaultEntry>> = {
  stall: {
    example: 'stall@5s:1500ms',
    says: 'nothing arrives for 1.5 s, then all of it at once; `:to-server` or `:to-phone` for one direction alone',
    frames: 'none',
    forMs: 'needed',
    direction: true,
  },
  bunch: {
    example: 'bunch@2s:5:3s',
    says: 'for 3 s (else until the end) frames leave five at a time; `:to-phone` bunches what the server sends instead',
    frames: 'needed',
    forMs: 'optional',
    direction: true,
  },
  'slow-reader': {
    example: 'slow-reader@5s:3s',
    says: 'the phone does not read its socket for 3 s (else until the end), so that the server’s messages pile up',
    frames: 'none',
    forMs: 'optional',
    direction: false,
  },
  'half-open': {
    example: 'half-open@5s:30s',
    says: 'nothing is sent or read any more and the socket stays for 30 s (the default), then it breaks',
    frames: 'none',
    forMs: 'optional',
    direction: false,
  },
  close: {
    example: 'close@5s',
    says: 'the stream is closed without `stop`',
    frames: 'none',
    forMs: 'none',
    direction: false,
  },
  reset: {
    example: 'reset@5s',
    says: 'the connection is reset (RST)',
    frames: 'none',
    forMs: 'none',
    direction: false,
  },
  duplicate: {
    example: 'duplicate@5s:3s',
    says: 'a second stream of the same call is opened and lives for 3 s (else until the end); what the server says on it is counted, not heard',
    frames: 'none',
    forMs: 'optional',
    direction: false,
  },
};

const FAULT_TYPES = Object.keys(FAULTS) as FaultType[];
const DIRECTIONS: readonly string[] = ['to-server', 'to-phone', 'both'] satisfies Direction[];
const MAX_FRAMES = 500;

/** A fault, or the one sentence that says what is wrong with it and what would be right. */
export type ParsedFault = { readonly fault: NetworkFault } | { readonly mistake: string };

/**
 * Reads `stall@5s:1500ms:to-server`: a name, when it begins (or between when and when: `5s-8s`), and what it needs:
 * a number of frames, how long, which direction, in any order.
 */
export function parseFault(text: string): ParsedFault {
  const [head = '', ...rest] = text.split(':').map((part) => part.trim());
  const cut = head.indexOf('@');
  const name = cut < 0 ? head : head.slice(0, cut);
  if (!isFaultType(name)) return mistake(`"${show(name)}" is no fault: there are ${FAULT_TYPES.join(', ')}`);
  const { example } = FAULTS[name];
  if (cut < 0) return mistake(`"${show(text)}" does not say when it begins: ${example}`);
  const at = parseMoment(head.slice(cut + 1));
  if (at === undefined)
    return mistake(
      `"${show(head.slice(cut + 1))}" is no moment of the call: write 5s, 500ms or 5s-8s, as in ${example}`,
    );
  const written: { -readonly [K in keyof WrittenFault]: WrittenFault[K] } = { type: name, at };
  for (const part of rest) {
    const forMs = parseDuration(part);
    if (forMs !== undefined && written.forMs === undefined) written.forMs = forMs;
    else if (/^\d{1,9}$/.test(part) && written.frames === undefined) written.frames = Number(part);
    else if (DIRECTIONS.includes(part) && written.direction === undefined) written.direction = part as Direction;
    else return mistake(`"${show(part)}" says nothing about a ${name}: ${example}`);
  }
  return checkFault(written);
}

/** A fault as it was written, its parts not yet held against each other. */
export interface WrittenFault {
  readonly type: FaultType;
  readonly at: Moment;
  readonly forMs?: number | undefined;
  readonly frames?: number | undefined;
  readonly direction?: Direction | undefined;
}

export function checkFault({ type, at, forMs, frames, direction }: WrittenFault): ParsedFault {
  const entry = FAULTS[type];
  const { example } = entry;
  if (frames === undefined && entry.frames === 'needed')
    return mistake(`a ${type} needs a number of frames: ${example}`);
  if (frames !== undefined && entry.frames === 'none') return mistake(`a ${type} has no number of frames: ${example}`);
  if (frames !== undefined && !(Number.isInteger(frames) && frames >= 2 && frames <= MAX_FRAMES))
    return mistake(`a ${type} takes 2 to ${MAX_FRAMES} frames, not ${frames}: ${example}`);
  if (forMs === undefined && entry.forMs === 'needed') return mistake(`a ${type} needs how long it lasts: ${example}`);
  if (forMs !== undefined && entry.forMs === 'none') return mistake(`a ${type} has no length: ${example}`);
  if (forMs === 0) return mistake(`a ${type} of no length is none: ${example}`);
  if (direction !== undefined && !entry.direction) return mistake(`a ${type} has no direction: ${example}`);
  const fault = {
    type,
    at,
    ...(frames !== undefined && { frames }),
    ...(forMs !== undefined && { forMs }),
    ...(direction !== undefined && { direction }),
  };
  return { fault: fault as NetworkFault };
}

export function isFaultType(name: string): name is FaultType {
  return Object.hasOwn(FAULTS, name);
}

/** Of `5s` or `5s-8s`; undefined for anything else. */
export function parseMoment(text: string): Moment | undefined {
  const [from = '', to, ...more] = text.split('-').map((part) => parseDuration(part.trim()));
  if (typeof from !== 'number' || more.length > 0) return undefined;
  if (!text.includes('-')) return from;
  return to === undefined || to < from ? undefined : [from, to];
}

function mistake(text: string): { mistake: string } {
  return { mistake: text };
}

function show(text: string): string {
  return text.slice(0, 40);
}
