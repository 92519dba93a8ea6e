import { type ItemHeard, Playback, type Truncation } from '../../src/call/playback.js';

/** A line to the carrier: one-way delay drawn per message, order kept. */
export interface LineOptions {
  readonly toCarrierMs: number;
  readonly toRelayMs: number;
  readonly jitterMs: number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

/**
 * A slow, obvious carrier beside the ledger, in numbers only: what is sent arrives after its delay, is played at 8 bytes
 * a millisecond, marks come back when reached and on clear. It knows what was really heard; the ledger must find out.
 */
export class CarrierTwin {
  readonly playback: Playback;
  nowMs = 0;
  /** Truncations the ledger decided on, and what had really been heard of each item. */
  readonly outcomes: {
    truncations: readonly Truncation[];
    items: readonly ItemHeard[];
    heardBytes: Map<string, number>;
    sentBytes: Map<string, number>;
  }[] = [];
  readonly #line: LineOptions;
  #events: { atMs: number; order: number; act: () => void }[] = [];
  #order = 0;
  #lastDown = 0;
  #lastUp = 0;
  #queue: ({ kind: 'audio'; itemId: string; bytes: number } | { kind: 'mark'; name: string })[] = [];
  /** When the head of the queue began to play. */
  #headSinceMs = 0;
  #headPlayed = 0;
  #heard = new Map<string, number>();
  #sent = new Map<string, number>();
  #wakeUp = 0;
  /** Of each clear that has acted and is not settled. */
  #truths: { heardBytes: Map<string, number>; sentBytes: Map<string, number> }[] = [];

  constructor(line: LineOptions, options: { markEveryMs?: number; heardSlackMs?: number } = {}) {
    this.#line = line;
    this.playback = new Playback({ bytesPerMs: 8, markEveryMs: 100, heardSlackMs: 3, name: 'vb', ...options });
  }

  /** The relay sends a piece of an item's audio. */
  audio(itemId: string, bytes: number): void {
    const mark = this.playback.audio({ responseId: `r-${itemId}`, itemId, contentIndex: 0 }, bytes, this.nowMs);
    this.#sent.set(itemId, (this.#sent.get(itemId) ?? 0) + bytes);
    this.#down(() => this.#arriveAudio(itemId, bytes));
    if (mark) this.#down(() => this.#arriveMark(mark));
  }

  /** The relay measures the line while nothing plays. */
  probe(): void {
    const probe = this.playback.probe(this.nowMs);
    if (probe) this.#down(() => this.#arriveMark(probe));
  }

  itemDone(itemId: string): void {
    const mark = this.playback.itemDone(itemId, this.nowMs);
    if (mark) this.#down(() => this.#arriveMark(mark));
  }

  /** The relay clears; `outcomes` gets an entry when the carrier's answer is back. */
  clear(): void {
    const { mark } = this.playback.clear(this.nowMs);
    const sent = new Map(this.#sent);
    this.#down(() => {
      this.#play();
      this.#truths.push({ heardBytes: new Map(this.#heard), sentBytes: sent });
      const flushed = this.#queue;
      this.#queue = [];
      for (const entry of flushed) if (entry.kind === 'mark') this.#echo(entry.name);
    });
    this.#down(() => this.#arriveMark(mark));
  }

  /** Bytes of an item that have been played by now. */
  heardBytes(itemId: string): number {
    this.#play();
    return this.#heard.get(itemId) ?? 0;
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.#events.sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (!next || next.atMs > endMs) break;
      this.#events.shift();
      this.nowMs = next.atMs;
      next.act();
    }
    this.nowMs = endMs;
  }

  #schedule(atMs: number, act: () => void): void {
    this.#events.push({ atMs, order: this.#order++, act });
  }

  #down(act: () => void): void {
    this.#lastDown = Math.max(this.#lastDown, this.nowMs + this.#delay(this.#line.toCarrierMs));
    this.#schedule(this.#lastDown, act);
  }

  #up(act: () => void): void {
    this.#lastUp = Math.max(this.#lastUp, this.nowMs + this.#delay(this.#line.toRelayMs));
    this.#schedule(this.#lastUp, act);
  }

  #delay(baseMs: number): number {
    return Math.max(0, baseMs + (this.#line.random() * 2 - 1) * this.#line.jitterMs);
  }

  #echo(name: string): void {
    this.#up(() => {
      const echo = this.playback.markEchoed(name, this.nowMs);
      if (echo.kind === 'played' && this.playback.wantsProbe) this.probe();
      if (echo.kind === 'settled') {
        const { truncations, items } = echo.settlement;
        this.outcomes.push({ truncations, items, ...this.#truths.shift()! });
      }
    });
  }

  #arriveAudio(itemId: string, bytes: number): void {
    this.#play();
    if (this.#queue.length === 0) {
      this.#headSinceMs = this.nowMs;
      this.#headPlayed = 0;
    }
    this.#queue.push({ kind: 'audio', itemId, bytes });
    this.#wake();
  }

  #arriveMark(name: string): void {
    this.#play();
    if (this.#queue.length === 0) this.#echo(name);
    else this.#queue.push({ kind: 'mark', name });
  }

  /** Brings the playout up to now. */
  #play(): void {
    for (;;) {
      const head = this.#queue[0];
      if (!head) return;
      if (head.kind === 'mark') {
        this.#queue.shift();
        this.#echo(head.name);
        continue;
      }
      const played = Math.min(head.bytes, Math.floor((this.nowMs - this.#headSinceMs) * 8 + 1e-6));
      this.#heard.set(head.itemId, (this.#heard.get(head.itemId) ?? 0) + played - this.#headPlayed);
      this.#headPlayed = played;
      if (played < head.bytes) return;
      this.#queue.shift();
      this.#headSinceMs += head.bytes / 8;
      this.#headPlayed = 0;
    }
  }

  /** Wakes when the head of the queue has been played, so that marks go back on time. */
  #wake(): void {
    const head = this.#queue[0];
    if (head?.kind !== 'audio') return;
    const wakeUp = ++this.#wakeUp;
    this.#schedule(this.#headSinceMs + head.bytes / 8, () => {
      if (wakeUp !== this.#wakeUp) return;
      this.#play();
      this.#wake();
    });
  }
}
