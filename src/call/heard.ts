/** Names one stretch of audio: the model's own words for it, or ours when it is `local`. */
export interface AudioSource {
  readonly responseId: string;
  readonly itemId: string;
  readonly contentIndex: number;
  /** Audio of the relay itself, such as a recorded greeting: the model knows nothing of it and is told nothing. */
  readonly local?: LocalAudio;
}

export interface LocalAudio {
  /** May the caller cut it short? */
  readonly interruptible: boolean;
  /** It only fills a silence: cut short as soon as the agent has something to say. */
  readonly filler: boolean;
}

/** What the model must be told about one item after an interruption. */
export interface Truncation {
  readonly itemId: string;
  readonly contentIndex: number;
  /** Whole milliseconds of this item that the caller heard. */
  readonly audioEndMs: number;
}

/** How much of one item has reached the caller's ear. Milliseconds are of the item's own audio, from its start. */
export interface ItemHeard extends AudioSource {
  /** What there is of it: sent to the carrier, or kept back when it was interrupted. */
  readonly audioMs: number;
  readonly heardMs: number;
  /** Nothing more of it is to come. */
  readonly done: boolean;
  /** When its first byte was to be heard, on the call's clock: an estimate, made when it was sent. */
  readonly startedAtMs: number;
}

/** What the ledger keeps of an item for as long as something of it may be unheard. */
export interface Item {
  readonly source: AudioSource;
  readonly startedAtMs: number;
  /** Bytes given to the carrier; those that a clear threw away and that are sent again count once. */
  sentBytes: number;
  /** Bytes heard before the present epoch. */
  heardBefore: number;
  /** Where its last byte ends in the present epoch. */
  lastEnd: number;
  done: boolean;
}

/** Bytes of one item that were sent without another between them; offsets count in the epoch. */
export interface Segment {
  readonly item: Item;
  readonly start: number;
  end: number;
}

export interface SettlementOptions {
  readonly mark: string;
  readonly items: Item[];
  readonly segments: readonly Segment[];
  /** Offset in the epoch up to which it was heard. */
  readonly heardOffset: number;
  /** An item with no more than this left counts as heard whole. */
  readonly slackMs: number;
  readonly bytesPerMs: number;
  readonly codecDelayMs: number;
}

/** What is known of an epoch once its clear has acted: how much of each item was heard. */
export class Settlement {
  readonly #options: SettlementOptions;

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  get mark(): string {
    return this.#options.mark;
  }

  get heardOffset(): number {
    return this.#options.heardOffset;
  }

  get items(): ItemHeard[] {
    const { bytesPerMs } = this.#options;
    return this.#options.items.map((item) =>
      this.#whole(item)
        ? itemHeard(item, item.sentBytes / bytesPerMs, bytesPerMs)
        : itemHeard(item, this.#heardMs(item), bytesPerMs),
    );
  }

  /** Of the model's items only, and only where something is missing: a needless one costs the item its transcript. */
  get truncations(): Truncation[] {
    return this.#options.items
      .filter((item) => item.source.local === undefined && !this.#whole(item))
      .map((item) => ({
        itemId: item.source.itemId,
        contentIndex: item.source.contentIndex,
        audioEndMs: Math.floor(this.#heardMs(item)),
      }));
  }

  /** More audio of the same answer, which came after the clear and was never sent. */
  neverSent(source: AudioSource, bytes: number): void {
    const { items } = this.#options;
    let item = items.find((one) => sameSource(one.source, source));
    if (!item) {
      item = { source, startedAtMs: Number.NaN, sentBytes: 0, heardBefore: 0, lastEnd: 0, done: false };
      items.push(item);
    }
    item.sentBytes += bytes;
    item.done = false;
  }

  itemDone(itemId: string): void {
    for (const item of this.#options.items) if (item.source.itemId === itemId) item.done = true;
  }

  /** Takes back what lies behind `fromOffset`, to be sent again; the settlement itself is worth nothing afterwards. */
  rewind(fromOffset: number): Item[] {
    for (const item of this.#options.items) {
      let heard = 0;
      let unheard = 0;
      for (const segment of this.#options.segments) {
        if (segment.item !== item) continue;
        const before = clamp(fromOffset - segment.start, 0, segment.end - segment.start);
        heard += before;
        unheard += segment.end - segment.start - before;
      }
      item.heardBefore += heard;
      item.sentBytes -= unheard;
      item.lastEnd = 0;
      // It is told again that the item is complete, behind the last byte that is sent again.
      if (unheard > 0) item.done = false;
    }
    return this.#options.items;
  }

  #heardBytes(item: Item): number {
    return heardBytes(item, this.#options.segments, this.#options.heardOffset);
  }

  #heardMs(item: Item): number {
    const { bytesPerMs, codecDelayMs } = this.#options;
    return Math.max(0, this.#heardBytes(item) / bytesPerMs - (item.source.local ? 0 : codecDelayMs));
  }

  #whole(item: Item): boolean {
    const { slackMs, bytesPerMs } = this.#options;
    return item.done && item.sentBytes - this.#heardBytes(item) <= slackMs * bytesPerMs;
  }
}

/** Bytes of an item that were heard when playout had reached `offset` of the epoch. */
export function heardBytes(item: Item, segments: readonly Segment[], offset: number): number {
  let heard = item.heardBefore;
  for (const segment of segments) {
    if (segment.item === item) heard += clamp(offset - segment.start, 0, segment.end - segment.start);
  }
  return heard;
}

export function itemHeard(item: Item, heardMs: number, bytesPerMs: number): ItemHeard {
  const { source, startedAtMs, sentBytes, done } = item;
  return { ...source, audioMs: sentBytes / bytesPerMs, heardMs, done, startedAtMs };
}

export function sameSource(a: AudioSource, b: AudioSource): boolean {
  return a.itemId === b.itemId && a.contentIndex === b.contentIndex && a.responseId === b.responseId;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
