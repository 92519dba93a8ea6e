import {
  type AudioSource,
  type Item,
  type ItemHeard,
  itemHeard,
  type Segment,
  Settlement,
  sameSource,
} from './heard.js';
import { PlayoutClock } from './playout-clock.js';

export type { AudioSource, ItemHeard, LocalAudio, Settlement, Truncation } from './heard.js';

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
  /** The carrier has acted on a clear: what was heard is final. */
  | { readonly kind: 'settled'; readonly settlement: Settlement }
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
  /** The carrier's marks say that an item was played to its last byte. Told once for each item. */
  readonly onPlayed?: (item: ItemHeard) => void;
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
  readonly items: Item[];
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
  /** What may be unheard, in the order in which it was begun … */
  #items: Item[] = [];
  /** … and where its bytes lie. */
  #segments: Segment[] = [];
  /** Up to here nobody's voice may stop the agent. */
  #protectedEnd = 0;
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
    if (last && sameSource(last.item.source, source)) last.end += bytes;
    else this.#segments.push({ item: this.#item(source, nowMs), start: this.#sent, end: this.#sent + bytes });
    const { item } = this.#segments.at(-1)!;
    this.#sent += bytes;
    item.sentBytes += bytes;
    item.lastEnd = this.#sent;
    item.done = false;
    if (source.local?.interruptible === false) this.protect();
    const due = this.#sent - this.#lastMarkOffset >= this.#options.markEveryMs * this.#options.bytesPerMs;
    return due ? this.#mark(this.#sent, nowMs, false) : undefined;
  }

  /** The model has sent all audio of an item. Returns a mark to send when audio stands after the last one. */
  itemDone(itemId: string, nowMs: number): string | undefined {
    for (const item of this.#items) if (item.source.itemId === itemId) item.done = true;
    this.#tellPlayed();
    return this.endMark(nowMs);
  }

  /** A mark behind the last byte, when there is none yet. */
  endMark(nowMs: number): string | undefined {
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
    return this.#acknowledged < this.#sent || this.#items.some((item) => !item.done);
  }

  /** The carrier's marks say that every byte sent was played. */
  get allAcknowledged(): boolean {
    return this.#acknowledged >= this.#sent;
  }

  /** Offset of this epoch that was played beyond any doubt; without marks, what must have been by the clock. */
  surelyHeardBytes(nowMs: number): number {
    const reached = this.#clock.offsetReachedBy(nowMs - SURELY_MS) ?? 0;
    return Math.min(Math.max(this.#acknowledged, reached), this.#sent);
  }

  /** From here back nobody's voice may stop the agent. */
  protect(): void {
    this.#protectedEnd = this.#sent;
  }

  /** Milliseconds until a message sent then can no longer cut off what is protected. */
  protectedMs(nowMs: number): number {
    if (this.#protectedEnd <= this.#acknowledged) return 0;
    const leftBytes = this.#protectedEnd - (this.#clock.offsetReachedBy(nowMs) ?? 0);
    return Math.max(0, leftBytes / this.#options.bytesPerMs + this.#clock.spreadMs);
  }

  /** Is all that may still be unheard a filler, and is there any? */
  onlyFillerUnheard(nowMs: number): boolean {
    const marginBytes = CERTAINLY_AHEAD_MS * this.#options.bytesPerMs;
    const heard = Math.max((this.#clock.offsetReachedBy(nowMs) ?? 0) - marginBytes, this.#acknowledged);
    const unheard = this.#items.filter((item) => item.lastEnd > heard || !item.done);
    return unheard.length > 0 && unheard.every((item) => item.source.local?.filler);
  }

  /**
   * Each item that is not known to be played whole: what was heard of it until a clear that is not settled yet, or would
   * be, if everything were cleared now.
   */
  heard(nowMs: number): ItemHeard[] {
    const cleared = [...this.#clearing.values()].map((pending) =>
      this.#settlement(pending, pending.clock.offsetReachedBy(pending.clearedAtMs)),
    );
    const playing = this.#settlement(this.#pending('', nowMs), this.#clock.offsetReachedBy(nowMs));
    return [...cleared, playing].flatMap(({ items }) => items);
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
    if (mark.offset > this.#acknowledged) {
      this.#acknowledged = mark.offset;
      this.#tellPlayed();
    }
    return PLAYED;
  }

  /**
   * A clear is sent now. What was sent and not heard is void, its marks included, and a new epoch begins.
   * The truncations follow when the returned mark comes back, or from `settle` when it does not.
   */
  clear(nowMs: number): Clearing {
    const sources = this.#items.map((item) => item.source).filter((source) => source.local === undefined);
    const responseIds = [...new Set(sources.map((source) => source.responseId))];
    this.#epoch += 1;
    const mark = `${this.#options.name}:${this.#epoch}:cleared`;
    this.#clearing.set(mark, this.#pending(mark, nowMs));
    this.#items = [];
    this.#protectedEnd = 0;
    this.#segments = [];
    this.#marks = new Map();
    this.#sent = 0;
    this.#acknowledged = 0;
    this.#lastMarkOffset = 0;
    this.#clock.stop();
    return { mark, responseIds };
  }

  /** The carrier has not answered a clear and there is no more time: what was heard from the clock alone. */
  settle(mark: string): Settlement | undefined {
    const pending = this.#clearing.get(mark);
    if (!pending) return undefined;
    this.#clearing.delete(mark);
    return this.#settlement(pending, pending.clock.offsetReachedBy(pending.clearedAtMs));
  }

  /**
   * The clear is taken back: its items go on where `fromOffset` of their epoch was, and what lay behind is sent again, as
   * if it were new. Nothing else may have been sent since.
   */
  resume(settlement: Settlement, fromOffset: number): void {
    this.#items = settlement.rewind(fromOffset);
    this.#tellPlayed();
  }

  /** Of a clear that was not needed, because nothing had been sent. */
  emptySettlement(mark: string): Settlement {
    const { bytesPerMs, heardSlackMs: slackMs, codecDelayMs = 0 } = this.#options;
    return new Settlement({ ...{ mark, slackMs, bytesPerMs, codecDelayMs }, items: [], segments: [], heardOffset: 0 });
  }

  #answered(pending: PendingClear, nowMs: number, flushed: boolean): MarkEcho {
    this.#clearing.delete(pending.settlingMark);
    // The settling mark is the last of a burst, which a jittery line delivers late: no measure of the line.
    if (flushed || this.#clock.roundTripMs === undefined) this.#clock.roundTrip(pending.clearedAtMs, nowMs);
    const heard = pending.clock.offsetAnswered(pending.clearedAtMs, nowMs);
    return { kind: 'settled', settlement: this.#settlement(pending, heard) };
  }

  #pending(settlingMark: string, nowMs: number): PendingClear {
    return {
      settlingMark,
      clearedAtMs: nowMs,
      clock: this.#clock.snapshot(),
      items: this.#items,
      segments: this.#segments,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      flushed: this.#marksBeyond(nowMs),
    };
  }

  /** Marks too far ahead to be reached before a clear sent now arrives, whatever the jitter. */
  #marksBeyond(nowMs: number): Set<string> {
    const reached = Math.max(this.#clock.offsetReachedBy(nowMs) ?? 0, this.#acknowledged);
    const beyond = reached + (CERTAINLY_AHEAD_MS + 4 * this.#clock.spreadMs) * this.#options.bytesPerMs;
    return new Set([...this.#marks].filter(([, mark]) => mark.offset > beyond).map(([name]) => name));
  }

  #settlement(pending: PendingClear, heardOffset: number | undefined): Settlement {
    const { bytesPerMs, heardSlackMs, codecDelayMs = 0 } = this.#options;
    return new Settlement({
      mark: pending.settlingMark,
      items: pending.items,
      segments: pending.segments,
      heardOffset: Math.min(Math.max(heardOffset ?? 0, pending.acknowledged), pending.sent),
      // What lies within the doubt of the estimate counts as heard.
      slackMs: heardSlackMs + pending.clock.spreadMs,
      ...{ bytesPerMs, codecDelayMs },
    });
  }

  #item(source: AudioSource, nowMs: number): Item {
    const known = this.#items.find((item) => sameSource(item.source, source));
    if (known) return known;
    const startedAtMs = nowMs + this.unheardMs(nowMs) + (this.roundTripMs ?? 0) / 2;
    const item: Item = { source, startedAtMs, sentBytes: 0, heardBefore: 0, lastEnd: 0, done: false };
    this.#items.push(item);
    return item;
  }

  #mark(offset: number, nowMs: number, probe: boolean): string {
    this.#markNumber += 1;
    const name = `${this.#options.name}:${this.#epoch}:${this.#markNumber}`;
    this.#marks.set(name, { offset, sentAtMs: nowMs, probe });
    if (!probe) this.#lastMarkOffset = offset;
    return name;
  }

  /** Items that were sent whole and whose end was acknowledged can no longer be cut: they are told and forgotten. */
  #tellPlayed(): void {
    if (!this.#items.some((item) => this.#isPlayed(item))) return;
    const played = this.#items.filter((item) => this.#isPlayed(item));
    this.#items = this.#items.filter((item) => !played.includes(item));
    this.#segments = this.#segments.filter((segment) => !played.includes(segment.item));
    const { bytesPerMs, onPlayed } = this.#options;
    for (const item of played) onPlayed?.(itemHeard(item, item.sentBytes / bytesPerMs, bytesPerMs));
  }

  #isPlayed(item: Item): boolean {
    return item.done && item.lastEnd <= this.#acknowledged;
  }
}

const PLAYED: MarkEcho = { kind: 'played' };
const ENOUGH_ROUND_TRIPS = 4;

/** Beyond the estimate by this and four times the jitter, a mark was not played before the clear. */
const CERTAINLY_AHEAD_MS = 20;
/** So late even the slowest line has played what was due; only used where no mark comes back at all. */
const SURELY_MS = 2_000;
