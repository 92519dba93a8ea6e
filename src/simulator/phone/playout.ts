import { ByteQueue } from './bytes.js';
import { Fifo } from './fifo.js';

/** Twilio plays 8 000 µ-law bytes a second, in frames of 20 ms. */
const BYTES_PER_MS = 8;
const FRAME_BYTES = 160;
/** A billionth of a second, far under a byte's 125 µs: what rounding may take from a time that was computed from bytes. */
const ROUNDING_BYTES = 1e-6;

/** What playout did, each with the exact time at which it was due, however late it was asked. */
export type PlayoutEvent =
  | { readonly type: 'playout-start'; readonly atMs: number; readonly streamOffset: number }
  | { readonly type: 'playout-empty'; readonly atMs: number; readonly streamOffset: number }
  | { readonly type: 'mark'; readonly atMs: number; readonly name: string; readonly cleared: boolean }
  | { readonly type: 'clear'; readonly atMs: number; readonly arrivedMs: number; readonly droppedBytes: number }
  /** More was sent than the buffer holds; the rest of that message is lost. */
  | { readonly type: 'overflow'; readonly atMs: number; readonly droppedBytes: number };

export interface PlayoutOptions {
  /** From the arrival of a clear to the moment it acts. */
  readonly clearDelayMs: number;
  readonly maxBufferedBytes: number;
  /** In which order a clear sends marks back. */
  readonly marksOnClear?: 'send-order' | 'reverse';
  /** Bytes that have been played, in order; byte n of them was played at `playedAtMs` + n/8 ms. A view: copy to keep. */
  readonly onHeard: (bytes: Uint8Array, streamOffset: number, playedAtMs: number) => void;
  readonly onEvent: (event: PlayoutEvent) => void;
}

interface PendingMark {
  readonly name: string;
  /** Played when this many accepted bytes have gone. */
  readonly position: number;
  readonly arrivedMs: number;
}

interface PendingClear {
  readonly atMs: number;
  readonly arrivedMs: number;
  /** What was accepted before it goes … */
  readonly position: number;
  /** … and so many of the marks, counted from the first of the call. */
  readonly marks: number;
}

/**
 * Twilio's playout buffer and the caller's ear: a queue of audio and marks that is played at exactly 8 bytes a
 * millisecond. Time is an argument and is only ever moved forward; between two calls nothing happens, so a late timer
 * changes when something is noticed, never what was heard.
 *
 *   idle ── audio arrives ──▶ playing ── runs dry ──▶ padding ── 20 ms frame is over ──▶ idle
 *                               ▲  └──── clear ────▶ idle         │
 *                               └───── audio arrives, begins after the padding
 *
 * A run is counted in slots of one byte from its anchor. When it runs dry inside a 20 ms frame the rest of that frame
 * is padding, because Twilio's network sends whole frames.
 */
export class Playout {
  readonly #options: PlayoutOptions;
  readonly #audio = new ByteQueue();
  readonly #marks = new Fifo<PendingMark>();
  readonly #clears = new Fifo<PendingClear>();
  /** Slot 0 of the present run; undefined before the first and after a clear. */
  #anchorMs: number | undefined;
  #slot = 0;
  #playing = false;
  /** Since when there has been nothing to play, while there is no anchor. */
  #idleSinceMs = Number.NEGATIVE_INFINITY;
  #received = 0;
  #accepted = 0;
  /** Accepted bytes that were played or dropped. */
  #gone = 0;
  /** Marks that were echoed. */
  #echoed = 0;
  /** Where bytes were lost to the limit: after `position` accepted bytes, `bytes` received ones are missing. */
  readonly #holes = new Fifo<{ readonly position: number; bytes: number }>();
  /** Received bytes lost before the next one to be played. */
  #lost = 0;

  constructor(options: PlayoutOptions) {
    this.#options = options;
  }

  /** Bytes of agent audio received, played or not. */
  get receivedBytes(): number {
    return this.#received;
  }

  /** Bytes waiting, as of the last call. */
  get bufferedBytes(): number {
    return this.#audio.length;
  }

  /** Place in the received audio of the next byte to be played. */
  get playedOffset(): number {
    return this.#streamOffset();
  }

  media(nowMs: number, bytes: Uint8Array): void {
    this.advance(nowMs);
    const accepted = bytes.subarray(0, Math.max(0, this.#options.maxBufferedBytes - this.#audio.length));
    if (this.#audio.length === 0 && accepted.length > 0) this.#placeRun(nowMs);
    this.#audio.push(accepted);
    this.#accepted += accepted.length;
    this.#received += bytes.length;
    if (accepted.length < bytes.length) this.#lose(nowMs, bytes.length - accepted.length);
    this.#playTo(nowMs);
  }

  mark(nowMs: number, name: string): void {
    this.advance(nowMs);
    this.#marks.push({ name, position: this.#accepted, arrivedMs: nowMs });
    this.#playTo(nowMs);
  }

  clear(nowMs: number): void {
    this.advance(nowMs);
    const atMs = nowMs + this.#options.clearDelayMs;
    this.#clears.push({
      atMs,
      arrivedMs: nowMs,
      position: this.#accepted,
      marks: this.#echoed + this.#marks.length,
    });
    this.advance(nowMs);
  }

  /** The stream is gone, and with it all that was to be played, to be cleared or to be echoed: nobody hears of it. */
  abandon(nowMs: number): void {
    this.advance(nowMs);
    while (this.#marks.shift()) this.#echoed++;
    while (this.#clears.shift());
    const atMs = nowMs;
    if (this.#audio.length > 0)
      this.#flush({ atMs, arrivedMs: atMs, position: this.#accepted, marks: this.#echoed }, true);
  }

  /** Plays up to `nowMs`. */
  advance(nowMs: number): void {
    for (let clear = this.#clears.first; clear && clear.atMs <= nowMs; clear = this.#clears.first) {
      this.#clears.shift();
      this.#playTo(clear.atMs);
      this.#flush(clear);
    }
    this.#playTo(nowMs);
  }

  /** When something happens next if nothing arrives; undefined when nothing will. */
  nextMs(): number | undefined {
    let nextMs = this.#clears.first?.atMs ?? Number.POSITIVE_INFINITY;
    if (this.#audio.length > 0) {
      const position = this.#playing ? (this.#marks.first?.position ?? this.#accepted) : this.#gone;
      nextMs = Math.min(nextMs, this.#msOf(this.#slot + position - this.#gone));
    }
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  #msOf(slot: number): number {
    return this.#anchorMs! + slot / BYTES_PER_MS;
  }

  #streamOffset(): number {
    for (let hole = this.#holes.first; hole && hole.position <= this.#gone; hole = this.#holes.first) {
      this.#lost += hole.bytes;
      this.#holes.shift();
    }
    return this.#gone + this.#lost;
  }

  /** Audio came to an empty buffer: it begins now, or where the padding of the frame that ran dry ends. */
  #placeRun(nowMs: number): void {
    const padded = Math.ceil(this.#slot / FRAME_BYTES) * FRAME_BYTES;
    if (this.#anchorMs !== undefined && this.#msOf(padded) > nowMs) {
      this.#slot = padded;
    } else {
      this.#anchorMs = nowMs;
      this.#slot = 0;
    }
  }

  #lose(nowMs: number, bytes: number): void {
    const last = this.#holes.last;
    if (last?.position === this.#accepted) last.bytes += bytes;
    else this.#holes.push({ position: this.#accepted, bytes });
    this.#options.onEvent({ type: 'overflow', atMs: nowMs, droppedBytes: bytes });
  }

  #playTo(nowMs: number): void {
    this.#echoMarks();
    if (this.#audio.length === 0 || this.#msOf(this.#slot) > nowMs) return;
    if (!this.#playing) this.#begin();
    const due = Math.floor((nowMs - this.#anchorMs!) * BYTES_PER_MS + ROUNDING_BYTES);
    while (this.#slot < due && this.#audio.length > 0) {
      this.#hear(due - this.#slot);
      this.#echoMarks();
    }
    if (this.#audio.length === 0) this.#runDry(this.#msOf(this.#slot));
  }

  /** Plays at most `count` bytes, and not past the next mark or hole. */
  #hear(count: number): void {
    const streamOffset = this.#streamOffset();
    const stop = Math.min(this.#marks.first?.position ?? this.#accepted, this.#holes.first?.position ?? this.#accepted);
    const bytes = this.#audio.take(Math.min(count, stop - this.#gone));
    this.#options.onHeard(bytes, streamOffset, this.#msOf(this.#slot));
    this.#slot += bytes.length;
    this.#gone += bytes.length;
  }

  #begin(): void {
    this.#playing = true;
    this.#options.onEvent({
      type: 'playout-start',
      atMs: this.#msOf(this.#slot),
      streamOffset: this.#streamOffset(),
    });
  }

  #runDry(atMs: number): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#options.onEvent({ type: 'playout-empty', atMs, streamOffset: this.#streamOffset() });
  }

  #echoMarks(): void {
    const reachedMs = this.#anchorMs === undefined ? this.#idleSinceMs : this.#msOf(this.#slot);
    for (let mark = this.#marks.first; mark && mark.position <= this.#gone; mark = this.#marks.first) {
      this.#marks.shift();
      this.#echoed++;
      const atMs = Math.max(mark.arrivedMs, reachedMs);
      this.#options.onEvent({ type: 'mark', atMs, name: mark.name, cleared: false });
    }
  }

  #flush(clear: PendingClear, silently = false): void {
    const droppedBytes = Math.max(0, clear.position - this.#gone);
    if (droppedBytes > 0) {
      const streamOffset = this.#streamOffset();
      this.#audio.drop(droppedBytes);
      this.#gone += droppedBytes;
      this.#slot = 0;
      this.#anchorMs = undefined;
      this.#idleSinceMs = clear.atMs;
      if (this.#playing) {
        this.#playing = false;
        this.#options.onEvent({ type: 'playout-empty', atMs: clear.atMs, streamOffset });
      }
    }
    if (silently) return;
    this.#options.onEvent({ type: 'clear', atMs: clear.atMs, arrivedMs: clear.arrivedMs, droppedBytes });
    const names: string[] = [];
    for (let mark = this.#marks.first; mark && this.#echoed < clear.marks; mark = this.#marks.first) {
      this.#marks.shift();
      this.#echoed++;
      names.push(mark.name);
    }
    if (this.#options.marksOnClear === 'reverse') names.reverse();
    for (const name of names) this.#options.onEvent({ type: 'mark', atMs: clear.atMs, name, cleared: true });
    // What arrived between the clear and its acting is queued after the flush, so it begins now.
    if (droppedBytes > 0 && this.#audio.length > 0) this.#placeRun(clear.atMs);
  }
}
