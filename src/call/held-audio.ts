import type { AudioSource } from './heard.js';
import { base64Bytes, base64From } from './pieces.js';

/** One thing that goes to the carrier, in order: audio, or the word that an item is complete. */
export type HeldEntry =
  | { readonly type: 'audio'; readonly source: AudioSource; readonly payload: string }
  | { readonly type: 'item-done'; readonly itemId: string };

interface Kept {
  readonly entry: HeldEntry;
  /** Offset in the epoch of its last byte. */
  readonly end: number;
}

/**
 * The agent's audio that may have to be sent again, as the base64 text it was sent as. It holds what is unheard and no
 * more: what was played is forgotten as its marks come back. Called per delta, and only where barge-in is reversible.
 */
export class HeldAudio {
  #kept: Kept[] = [];
  /** Entries before this index are forgotten; they are moved out now and then, not each time. */
  #first = 0;
  #sentBytes = 0;
  #keptBytes = 0;
  #waiting: HeldEntry[] = [];

  /** Bytes of audio held, sent or not. */
  get bytes(): number {
    return this.#keptBytes + this.waitingBytes;
  }

  /** Bytes of audio that came while nothing was sent. */
  get waitingBytes(): number {
    return this.#waiting.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }

  /** This was sent. */
  sent(entry: HeldEntry): void {
    const bytes = entryBytes(entry);
    this.#sentBytes += bytes;
    this.#keptBytes += bytes;
    this.#kept.push({ entry, end: this.#sentBytes });
  }

  /** This was not sent: it comes behind what was. */
  wait(entry: HeldEntry): void {
    this.#waiting.push(entry);
  }

  /** Everything up to `offset` of the epoch was heard. */
  heard(offset: number): void {
    for (let kept = this.#kept[this.#first]; kept && kept.end <= offset; kept = this.#kept[this.#first]) {
      this.#keptBytes -= entryBytes(kept.entry);
      this.#first += 1;
    }
    if (this.#first >= FORGOTTEN_TOGETHER || this.#first === this.#kept.length) {
      this.#kept.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /**
   * Takes out what is to be sent from `offset` on, and what waits behind it, and begins a new epoch. It starts at
   * `fromOffset`: base64 is cut between groups of three bytes, so at most two bytes (0.25 ms) are heard again.
   */
  takeFrom(offset: number): { readonly fromOffset: number; readonly entries: readonly HeldEntry[] } {
    this.heard(offset);
    const kept = this.#kept.slice(this.#first).map(({ entry }) => entry);
    const [head] = kept;
    let fromOffset = this.#sentBytes;
    if (head?.type === 'audio') {
      const start = this.#sentBytes - this.#keptBytes;
      const skipped = Math.floor(Math.max(0, offset - start) / 3) * 3;
      fromOffset = start + skipped;
      kept[0] = { ...head, payload: base64From(head.payload, skipped) };
    }
    const entries = [...kept, ...this.takeWaiting()];
    this.forget();
    return { fromOffset, entries };
  }

  /** What waits and was never sent, taken out. */
  takeWaiting(): readonly HeldEntry[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  /** A new epoch; what was sent need not be sent again. */
  forget(): void {
    this.#kept = [];
    this.#first = 0;
    this.#sentBytes = 0;
    this.#keptBytes = 0;
  }
}

function entryBytes(entry: HeldEntry): number {
  return entry.type === 'audio' ? base64Bytes(entry.payload) : 0;
}

const FORGOTTEN_TOGETHER = 64;
