import { type AudioFormat, bytesPerMs } from '../../audio/format.js';
import { REFUSALS } from './api-error.js';
import type { NewItem } from './schema.js';
import type { WireItem } from './wire.js';

type Status = 'completed' | 'incomplete' | 'in_progress';

/** One item of the conversation with its audio, whole chunks as they were sent or received. */
export class Item {
  readonly id: string;
  readonly kind: 'caller-audio' | 'answer' | 'given';
  status: Status;
  /** What is said in it; undefined when nobody knows, or when a truncation removed it. */
  transcript: string | undefined;
  readonly format: AudioFormat | undefined;
  readonly #given: NewItem | undefined;
  #audio: Uint8Array[] = [];
  #bytes = 0;
  #truncated = false;
  #hasSounded = false;

  private constructor(
    id: string,
    kind: Item['kind'],
    status: Status,
    details: { format?: AudioFormat; given?: NewItem; transcript?: string },
  ) {
    this.id = id;
    this.kind = kind;
    this.status = status;
    this.format = details.format;
    this.#given = details.given;
    this.transcript = details.transcript;
  }

  static ofCaller(id: string, audio: readonly Uint8Array[], format: AudioFormat): Item {
    const item = new Item(id, 'caller-audio', 'completed', { format });
    for (const chunk of audio) item.append(chunk);
    return item;
  }

  /** An answer being made. `format` is undefined when it is text only. */
  static ofAnswer(id: string, format: AudioFormat | undefined): Item {
    return new Item(id, 'answer', 'in_progress', { transcript: '', ...(format && { format }) });
  }

  static given(id: string, given: NewItem): Item {
    return new Item(id, 'given', 'completed', { given });
  }

  get audioMs(): number {
    return this.format ? this.#bytes / bytesPerMs(this.format) : 0;
  }

  /** There was audio in it at some time, cut away since or not. */
  get hasSounded(): boolean {
    return this.#hasSounded;
  }

  /** Audio after a truncation is not kept: the item ends where it was cut. */
  append(chunk: Uint8Array): void {
    this.#hasSounded = true;
    if (this.#truncated) return;
    this.#audio.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Cuts the audio and removes the transcript, as the service does. */
  truncate(endMs: number): void {
    if (!this.format) return;
    const keep = endMs * bytesPerMs(this.format);
    const whole = Buffer.concat(this.#audio);
    this.#audio = [whole.subarray(0, keep)];
    this.#bytes = keep;
    this.#truncated = true;
    this.transcript = undefined;
  }

  addTranscript(delta: string): void {
    if (!this.#truncated) this.transcript = (this.transcript ?? '') + delta;
  }

  /** As events show it: without audio, which only `conversation.item.retrieve` brings. */
  wire(withAudio = false): WireItem {
    const head = { id: this.id, object: 'realtime.item' as const, status: this.status };
    const audio = withAudio ? { audio: Buffer.concat(this.#audio).toString('base64') } : {};
    const transcript = this.transcript ?? null;
    if (this.#given) {
      // The parsed input is what the wire shows, but for the literal types of its head.
      return { ...this.#given, ...head } as WireItem;
    }
    if (this.kind === 'caller-audio')
      return { ...head, type: 'message', role: 'user', content: [{ type: 'input_audio', transcript, ...audio }] };
    if (this.status === 'in_progress') return { ...head, type: 'message', role: 'assistant', content: [] };
    return {
      ...head,
      type: 'message',
      role: 'assistant',
      content: this.format
        ? [{ type: 'output_audio', transcript, ...audio }]
        : [{ type: 'output_text', text: transcript ?? '' }],
    };
  }

  hasCallId(callId: string): boolean {
    return this.#given?.type === 'function_call' && this.#given.call_id === callId;
  }

  get isFromUser(): boolean {
    return this.kind === 'caller-audio' || (this.#given?.type === 'message' && this.#given.role === 'user');
  }

  get isFromAssistant(): boolean {
    return this.kind === 'answer' || (this.#given?.type === 'message' && this.#given.role === 'assistant');
  }
}

/** The items in their order. Throws ApiError for what the service refuses. */
export class Conversation {
  readonly id: string;
  #items: Item[] = [];
  #hasSpoken = false;

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

  append(item: Item): void {
    this.#items.push(item);
  }

  /** Puts a client's item after `previousItemId` (`root` is the beginning; none is the end) and returns what precedes it. */
  insert(item: Item, given: NewItem, previousItemId: string | null | undefined): string | null {
    if (this.#items.some((other) => other.id === item.id)) throw REFUSALS.itemExists(item.id);
    if (given.type === 'function_call_output' && !this.#items.some((other) => other.hasCallId(given.call_id)))
      throw REFUSALS.callUnknown(given.call_id);
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
}
