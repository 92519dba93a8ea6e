import { PlayoutClock } from './playout-clock.js';

/** Names one stretch of the model's audio in the model's own words. */
export interface AudioSource {
  readonly responseId: string;
  readonly itemId: string;
  readonly contentIndex: number;
}

/** What the model must be told about one item after an interruption. */
export interface Truncation {
  readonly itemId: string;
  readonly contentIndex: number;
  /** Whole milliseconds of this item that the caller heard. */
  readonly audioEndMs: number;
}

/** What the session must know at the moment it clears. */
export interface Clearing {
  /** Send this mark right after the clear: its echo says when the clear acted. */
  readonly mark: string;
  /** Responses with audio that will not be heard: no more of their deltas may be sent. */
  readonly responseIds: readonly string[];
}

/** What the echo of a mark meant. */
export type MarkEcho =
  | { readonly kind: 'played' }
  /** A mark of an epoch that was cleared: it came back because of the clear, or too late to matter. */
  | { readonly kind: 'void' }
  /** The carrier has acted on a clear: the truncations are final. */
  | { readonly kind: 'settled'; readonly mark: string; readonly truncations: readonly Truncation[] }
  | { readonly kind: 'unknown' };

export interface PlaybackOptions {
  /** 8 for G.711: how fast the carrier plays. */
  readonly bytesPerMs: number;
  readonly markEveryMs: number;
  /** See DEFAULTS.relay.heardSlackMs. */
  readonly heardSlackMs: number;
  /** Delay that transcoding added to the model's audio before it was sent. */
  readonly codecDelayMs?: number;
  /** Prefix of mark names, so that marks of another stream are recognised as foreign. */
  readonly name: string;
}

interface Segment extends AudioSource {
  readonly start: number;
  end: number;
  done: boolean;
}

interface Mark {
  readonly offset: number;
  readonly sentAtMs: number;
  /** Sent into an empty buffer: comes back at once and measures the round trip. */
  readonly probe: boolean;
}

interface PendingClear {
  /** Sent right after the clear; certain to come back, but last. */
  readonly settlingMark: string;
  readonly clearedAtMs: number;
  readonly clock: PlayoutClock;
  readonly segments: readonly Segment[];
  readonly sent: number;
  readonly acknowledged: number;
  /** Marks that the playout cannot have reached before the clear: they come back because of it, and first. */
  readonly flushed: ReadonlySet<string>;
}

/**
 * The ledger of what was sent to the caller and how much of it has been heard.
 *
 * Offsets count bytes sent since the last clear (an epoch). `sent` and `mark…` are called per piece of audio, the rest a
 * few times per turn. Nothing here reads a clock, sends or waits: the session passes `nowMs` and carries out the result.
 */
export class Playback {
  readonly #options: PlaybackOptions;
  readonly #clock: PlayoutClock;
  #epoch = 0;
  #sent = 0;
  /** Highest offset whose mark came back: played, whatever the clock says. */
  #acknowledged = 0;
  #lastMarkOffset = 0;
  #markNumber = 0;
  #segments: Segment[] = [];
  #marks = new Map<string, Mark>();
  #clearing = new Map<string, PendingClear>();

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#clock = new PlayoutClock(options.bytesPerMs);
  }

  /** Bytes sent in this epoch. */
  get sentBytes(): number {
    return this.#sent;
  }

  get roundTripMs(): number | undefined {
    return this.#clock.roundTripMs;
  }

  /** A mark to send while the buffer is empty, where it comes back at once; undefined when something is playing. */
  probe(nowMs: number): string | undefined {
    return this.isEmpty(nowMs) ? this.#mark(this.#sent, nowMs, true) : undefined;
  }

  /** The line has not been measured often enough to know its jitter. */
  get wantsProbe(): boolean {
    return this.#clock.roundTrips < ENOUGH_ROUND_TRIPS;
  }

  /**
   * `bytes` of the model's audio are sent now. Returns the name of a mark to send right after them when one is due.
   * Called once per piece of at most `markEveryMs` of audio.
   */
  audio(source: AudioSource, bytes: number, nowMs: number): string | undefined {
    if (this.isEmpty(nowMs)) this.#clock.start(this.#sent, nowMs);
    const last = this.#segments.at(-1);
    if (last && sameSource(last, source)) {
      last.end += bytes;
      last.done = false;
    } else {
      this.#forgetHeard();
      this.#segments.push({ ...source, start: this.#sent, end: this.#sent + bytes, done: false });
    }
    this.#sent += bytes;
    const due = this.#sent - this.#lastMarkOffset >= this.#options.markEveryMs * this.#options.bytesPerMs;
    return due ? this.#mark(this.#sent, nowMs, false) : undefined;
  }

  /** The model has sent all audio of an item. Returns a mark to send when audio stands after the last one. */
  itemDone(itemId: string, nowMs: number): string | undefined {
    for (const segment of this.#segments) if (segment.itemId === itemId) segment.done = true;
    return this.#sent > this.#lastMarkOffset ? this.#mark(this.#sent, nowMs, false) : undefined;
  }

  /** Will everything sent so far have been played when a message sent now arrives? */
  isEmpty(nowMs: number): boolean {
    return this.unheardMs(nowMs) <= 0;
  }

  /** Milliseconds of audio that will still be waiting at the carrier when a message sent now arrives. */
  unheardMs(nowMs: number): number {
    if (this.#acknowledged >= this.#sent) return 0;
    const reached = this.#clock.offsetReachedBy(nowMs) ?? 0;
    return Math.max(0, this.#sent - Math.max(reached, this.#acknowledged)) / this.#options.bytesPerMs;
  }

  /**
   * May an interruption still find something of this epoch unheard? Only the carrier's own word, the last mark, says no:
   * a clear too many is harmless, a clear too few lets the agent talk on.
   */
  get hasUnheard(): boolean {
    return this.#acknowledged < this.#sent || this.#segments.some((segment) => !segment.done);
  }

  markEchoed(name: string, nowMs: number): MarkEcho {
    for (const pending of this.#clearing.values()) {
      const flushed = pending.flushed.has(name);
      if (flushed || name === pending.settlingMark) return this.#answered(pending, nowMs, flushed);
    }
    const mark = this.#marks.get(name);
    if (!mark) return { kind: name.startsWith(`${this.#options.name}:`) ? 'void' : 'unknown' };
    this.#marks.delete(name);
    if (mark.probe) this.#clock.roundTrip(mark.sentAtMs, nowMs);
    else this.#clock.echo(mark.offset, nowMs);
    this.#acknowledged = Math.max(this.#acknowledged, mark.offset);
    return { kind: 'played' };
  }

  /**
   * A clear is sent now. What was sent and not heard is void, its marks included, and a new epoch begins.
   * The truncations follow when the returned mark comes back, or from `settle` when it does not.
   */
  clear(nowMs: number): Clearing {
    const responseIds = [...new Set(this.#segments.map((segment) => segment.responseId))];
    this.#epoch += 1;
    const mark = `${this.#options.name}:${this.#epoch}:cleared`;
    this.#clearing.set(mark, {
      settlingMark: mark,
      clearedAtMs: nowMs,
      clock: this.#clock.snapshot(),
      segments: this.#segments,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      flushed: this.#marksBeyond(nowMs),
    });
    this.#segments = [];
    this.#marks = new Map();
    this.#sent = 0;
    this.#acknowledged = 0;
    this.#lastMarkOffset = 0;
    this.#clock.stop();
    return { mark, responseIds };
  }

  /** The carrier has not answered a clear and there is no more time: the truncations from the clock alone. */
  settle(mark: string): readonly Truncation[] {
    const pending = this.#clearing.get(mark);
    if (!pending) return [];
    this.#clearing.delete(mark);
    return this.#truncations(pending, pending.clock.offsetReachedBy(pending.clearedAtMs));
  }

  #answered(pending: PendingClear, nowMs: number, flushed: boolean): MarkEcho {
    this.#clearing.delete(pending.settlingMark);
    // The settling mark is the last of a burst, which a jittery line delivers late: no measure of the line.
    if (flushed || this.#clock.roundTripMs === undefined) this.#clock.roundTrip(pending.clearedAtMs, nowMs);
    const heard = pending.clock.offsetAnswered(pending.clearedAtMs, nowMs);
    return { kind: 'settled', mark: pending.settlingMark, truncations: this.#truncations(pending, heard) };
  }

  /** Marks too far ahead to be reached before a clear sent now arrives, whatever the jitter. */
  #marksBeyond(nowMs: number): Set<string> {
    const reached = Math.max(this.#clock.offsetReachedBy(nowMs) ?? 0, this.#acknowledged);
    const beyond = reached + (CERTAINLY_AHEAD_MS + 4 * this.#clock.spreadMs) * this.#options.bytesPerMs;
    return new Set([...this.#marks].filter(([, mark]) => mark.offset > beyond).map(([name]) => name));
  }

  #truncations(pending: PendingClear, heardOffset: number | undefined): Truncation[] {
    const heardEnd = Math.min(Math.max(heardOffset ?? 0, pending.acknowledged), pending.sent);
    const items = new Map<string, { source: AudioSource; received: number; heard: number; done: boolean }>();
    for (const segment of pending.segments) {
      const key = `${segment.itemId} ${segment.contentIndex}`;
      const item = items.get(key) ?? { source: segment, received: 0, heard: 0, done: true };
      item.received += segment.end - segment.start;
      item.heard += Math.min(Math.max(heardEnd - segment.start, 0), segment.end - segment.start);
      item.done &&= segment.done;
      items.set(key, item);
    }
    const { bytesPerMs, codecDelayMs = 0 } = this.#options;
    // What lies within the doubt of the estimate counts as heard: a needless truncation costs the item's transcript.
    const slackMs = this.#options.heardSlackMs + pending.clock.spreadMs;
    const truncations: Truncation[] = [];
    for (const { source, received, heard, done } of items.values()) {
      if (done && received - heard <= slackMs * bytesPerMs) continue;
      const audioEndMs = Math.floor(Math.max(0, heard / bytesPerMs - codecDelayMs));
      truncations.push({ itemId: source.itemId, contentIndex: source.contentIndex, audioEndMs });
    }
    return truncations;
  }

  #mark(offset: number, nowMs: number, probe: boolean): string {
    this.#markNumber += 1;
    const name = `${this.#options.name}:${this.#epoch}:${this.#markNumber}`;
    this.#marks.set(name, { offset, sentAtMs: nowMs, probe });
    if (!probe) this.#lastMarkOffset = offset;
    return name;
  }

  /** Items that were sent whole and whose end was acknowledged can no longer be cut. */
  #forgetHeard(): void {
    while (this.#segments.length > 0) {
      const first = this.#segments[0]!;
      if (!first.done || first.end > this.#acknowledged) return;
      this.#segments.shift();
    }
  }
}

function sameSource(a: AudioSource, b: AudioSource): boolean {
  return a.itemId === b.itemId && a.contentIndex === b.contentIndex && a.responseId === b.responseId;
}

const ENOUGH_ROUND_TRIPS = 4;

/** Beyond the estimate by this and four times the jitter, a mark was not played before the clear. */
const CERTAINLY_AHEAD_MS = 20;
