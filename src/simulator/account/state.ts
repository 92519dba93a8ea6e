import type { Clock } from '../../clock.js';
import type { Random } from '../../random.js';
import type { ApplicationBook } from './applications.js';
import type { CallBook } from './call-book.js';
import type { Callbacks } from './callback.js';
import type { MessageBook } from './messages.js';
import type { NumberBook } from './numbers.js';
import type { People } from './people.js';
import type { RecordingBook } from './recordings.js';
import type { Rooms } from './rooms.js';
import type { StreamBook } from './streams.js';

export const API_VERSION = '2010-04-01';

/** The letters Twilio begins the sid of each resource with. */
export type SidKind = 'AC' | 'AP' | 'CA' | 'CF' | 'MZ' | 'PN' | 'RE' | 'SM';

/** What every part of the account needs of the whole. */
export interface Ground {
  readonly accountSid: string;
  readonly clock: Clock;
  readonly callbacks: Callbacks;
  /** Whether addresses that only this machine reaches are taken; Twilio refuses them. */
  readonly privateUrls: boolean;
  /** A trial account calls and writes to verified numbers only. */
  readonly trial: boolean;
  /** The wall clock: its start as given, its going from `clock`. */
  now(): Date;
  sid(kind: SidKind): string;
  /** `/2010-04-01/Accounts/{AC}` and what follows. */
  uri(path: string): string;
}

/** The account: its books. */
export interface Account {
  readonly ground: Ground;
  readonly people: People;
  readonly numbers: NumberBook;
  readonly applications: ApplicationBook;
  readonly calls: CallBook;
  readonly recordings: RecordingBook;
  readonly streams: StreamBook;
  readonly messages: MessageBook;
  readonly rooms: Rooms;
}

export interface GroundOptions {
  readonly accountSid: string;
  readonly clock: Clock;
  readonly callbacks: Callbacks;
  readonly random: Random;
  readonly startedAt: Date;
  readonly privateUrls: boolean;
  readonly trial: boolean;
}

export function createGround({ random, startedAt, ...given }: GroundOptions): Ground {
  const startedMs = given.clock.now();
  return {
    ...given,
    now: () => new Date(startedAt.getTime() + given.clock.now() - startedMs),
    sid: (kind) => drawSid(kind, random),
    uri: (path) => `/${API_VERSION}/Accounts/${given.accountSid}${path}`,
  };
}

export function drawSid(kind: string, random: Random): string {
  let digits = '';
  while (digits.length < 32) digits += Math.floor(random() * 16).toString(16);
  return kind + digits;
}

/** Dates in answers and callbacks: RFC 2822 in UTC, `Tue, 31 Aug 2010 20:36:28 +0000`. */
export function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}

export function dateOrNull(date: Date | undefined): string | null {
  return date === undefined ? null : rfc2822(date);
}
