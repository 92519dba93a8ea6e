import { REFUSALS } from './api-error.js';
import { Item } from './item.js';
import type { MemoryItem } from './memory.js';
import type { NewItem } from './schema.js';

export { Item };

/** The items in their order. Throws ApiError for what the service refuses. */
export class Conversation {
  readonly id: string;
  #items: Item[] = [];
  #hasSpoken = false;
  #turns = 0;
  #heard: string | undefined;
  #heardCount = 0;

  constructor(id: string) {
    this.id = id;
  }

  get lastItemId(): string | null {
    return this.#items.at(-1)?.id ?? null;
  }

  /** Nobody has said anything yet: neither caller nor model. System messages do not count. */
  get isSilent(): boolean {
    return !this.#items.some((item) => item.isFromUser || item.isFromAssistant);
  }

  /** The model has sent audio at least once: its voice is settled. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  modelHasSpoken(): void {
    this.#hasSpoken = true;
  }

  /** The caller's last words, spoken or typed, where they are known. */
  get heard(): string | undefined {
    return this.#heard;
  }

  /** How many things the caller has said so far. */
  get heardCount(): number {
    return this.#heardCount;
  }

  hear(words: string | undefined): void {
    this.#heardCount++;
    this.#heard = words;
  }

  /** Counts the turns of the caller, from 1. */
  nextTurn(): number {
    return ++this.#turns;
  }

  /** A new session goes on with it: its voice is to be chosen anew. */
  resumed(): void {
    this.#hasSpoken = false;
  }

  append(item: Item): void {
    this.#items.push(item);
  }

  /** Puts a client's item after `previousItemId` (`root` is the beginning; none is the end) and returns what precedes it. */
  insert(item: Item, given: NewItem, previousItemId: string | null | undefined): string | null {
    if (this.#items.some((other) => other.id === item.id)) throw REFUSALS.itemExists(item.id);
    if (given.type === 'function_call_output' && !this.toolOf(given.call_id)) throw REFUSALS.callUnknown(given.call_id);
    let place = this.#items.length;
    if (previousItemId === 'root') place = 0;
    else if (previousItemId != null) {
      place = this.#items.findIndex((other) => other.id === previousItemId) + 1;
      if (place === 0) throw REFUSALS.previousUnknown(previousItemId);
    }
    this.#items.splice(place, 0, item);
    return this.#items[place - 1]?.id ?? null;
  }

  find(itemId: string): Item | undefined {
    return this.#items.find((item) => item.id === itemId);
  }

  /** The name of the function that was called with this id. */
  toolOf(callId: string): string | undefined {
    return this.#items.find((item) => item.hasCallId(callId))?.call?.name;
  }

  delete(itemId: string): void {
    if (!this.find(itemId)) throw REFUSALS.deleteUnknown(itemId);
    this.#items = this.#items.filter((item) => item.id !== itemId);
  }

  truncate(itemId: string, contentIndex: number, endMs: number): void {
    const item = this.find(itemId);
    if (!item) throw REFUSALS.truncateUnknown(itemId);
    if (item.kind !== 'answer' || !item.hasSounded) throw REFUSALS.truncateNotAudio();
    if (contentIndex !== 0) throw REFUSALS.truncateContentIndex(contentIndex);
    if (endMs > item.audioMs) throw REFUSALS.truncateTooLong(item.audioMs, endMs);
    item.truncate(endMs);
  }

  memory(): MemoryItem[] {
    return this.#items.map((item) => item.remembered());
  }
}
