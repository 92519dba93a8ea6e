import { type AudioFormat, bytesPerMs } from '../../audio/format.js';
import type { MemoryItem } from './memory.js';
import type { NewItem } from './schema.js';
import type { WireItem } from './wire.js';
import { type TimedText, wordsUpTo } from './words.js';

type Status = 'completed' | 'incomplete' | 'in_progress';

/** A function call that the model has made. */
interface MadeCall {
  readonly callId: string;
  readonly name: string;
  arguments: string;
}

/** One item of the conversation with its audio, whole chunks as they were sent or received. */
export class Item {
  readonly id: string;
  readonly kind: 'caller-audio' | 'answer' | 'call' | 'given';
  status: Status;
  /** What is said in it, as the service holds it; undefined when nobody knows, or when a truncation removed it. */
  transcript: string | undefined;
  readonly format: AudioFormat | undefined;
  /** The truth about its sound: of an answer its line, of the caller's audio what the script says was said. */
  readonly said: TimedText | undefined;
  readonly #given: NewItem | undefined;
  readonly #call: MadeCall | undefined;
  #audio: Uint8Array[] = [];
  #bytes = 0;
  #truncated = false;
  #hasSounded = false;

  private constructor(
    id: string,
    kind: Item['kind'],
    status: Status,
    details: { format?: AudioFormat; given?: NewItem; transcript?: string; said?: TimedText; call?: MadeCall },
  ) {
    this.id = id;
    this.kind = kind;
    this.status = status;
    this.format = details.format;
    this.#given = details.given;
    this.transcript = details.transcript;
    this.said = details.said;
    this.#call = details.call;
  }

  static ofCaller(id: string, audio: readonly Uint8Array[], format: AudioFormat): Item {
    const item = new Item(id, 'caller-audio', 'completed', { format });
    for (const chunk of audio) item.append(chunk);
    return item;
  }

  /** An answer being made. `format` is undefined when it is text only. */
  static ofAnswer(id: string, format: AudioFormat | undefined, said: TimedText): Item {
    return new Item(id, 'answer', 'in_progress', { transcript: '', said, ...(format && { format }) });
  }

  /** A function call being made. */
  static ofCall(id: string, callId: string, name: string): Item {
    return new Item(id, 'call', 'in_progress', { call: { callId, name, arguments: '' } });
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

  addArguments(delta: string): void {
    this.#call!.arguments += delta;
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
    if (this.#call) {
      const { callId, name, arguments: written } = this.#call;
      return { ...head, type: 'function_call', call_id: callId, name, arguments: written };
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

  /** What the model remembers of it. */
  remembered(): MemoryItem {
    const base = { id: this.id, audioMs: this.audioMs, truncated: this.#truncated };
    if (this.#call) {
      const { callId, name, arguments: written } = this.#call;
      return { ...base, role: 'function_call', callId, name, text: written };
    }
    const role = this.isFromUser ? 'user' : 'assistant';
    if (this.#given) {
      if (this.#given.type === 'function_call')
        return { ...base, role: 'function_call', name: this.#given.name, text: this.#given.arguments };
      if (this.#given.type === 'function_call_output')
        return { ...base, role: 'function_call_output', callId: this.#given.call_id, text: this.#given.output };
      const text = textOf(this.#given);
      return { ...base, role: this.#given.role, ...(text !== undefined && { text }) };
    }
    const heldMs = this.format ? this.audioMs : Number.POSITIVE_INFINITY;
    return {
      ...base,
      role,
      ...(this.transcript !== undefined && { text: this.transcript }),
      ...(this.said && { said: wordsUpTo(this.said, heldMs + 1).text }),
    };
  }

  hasCallId(callId: string): boolean {
    return this.call?.callId === callId;
  }

  /** The function call that it is. */
  get call(): { readonly callId: string; readonly name: string } | undefined {
    if (this.#call) return this.#call;
    if (this.#given?.type !== 'function_call') return undefined;
    return { callId: this.#given.call_id ?? '', name: this.#given.name };
  }

  get isFromUser(): boolean {
    return this.kind === 'caller-audio' || (this.#given?.type === 'message' && this.#given.role === 'user');
  }

  get isFromAssistant(): boolean {
    return this.kind === 'answer' || (this.#given?.type === 'message' && this.#given.role === 'assistant');
  }
}

/** The words of a message that a client has put into the conversation. */
export function textOf(given: NewItem): string | undefined {
  if (given.type !== 'message') return undefined;
  const texts = given.content.flatMap((part) => {
    if (part.type === 'input_audio') return part.transcript ?? [];
    return 'text' in part ? part.text : [];
  });
  return texts.length > 0 ? texts.join(' ') : undefined;
}
