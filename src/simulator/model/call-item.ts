import { Item } from './conversation.js';
import type { OutputItem, OutputPlace } from './response.js';
import type { Send } from './wire.js';

/** Arguments are written in so many pieces: enough that a client has to join them. */
const PIECES = 4;

export interface CallSettings {
  readonly itemId: string;
  readonly callId: string;
  readonly name: string;
  readonly arguments: string;
  /** So long the arguments are being written; an interruption in that time leaves the call incomplete. */
  readonly takesMs: number;
}

/** A function call of the model. */
export class CallItem implements OutputItem {
  readonly item: Item;
  readonly sentMs = 0;
  readonly isCutShort = false;
  readonly #settings: CallSettings;
  readonly #place: OutputPlace;
  readonly #send: Send;
  readonly #pieces: readonly string[];
  #nextPiece = 0;

  constructor(settings: CallSettings, place: OutputPlace, send: Send) {
    this.#settings = settings;
    this.#place = place;
    this.#send = send;
    this.item = Item.ofCall(settings.itemId, settings.callId, settings.name);
    const size = Math.max(1, Math.ceil(settings.arguments.length / PIECES));
    this.#pieces = settings.arguments.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
  }

  get textTokens(): number {
    return this.#nextPiece;
  }

  begin(): void {}

  get dueMs(): number | undefined {
    if (this.#nextPiece >= this.#pieces.length) return undefined;
    return ((this.#nextPiece + 1) * this.#settings.takesMs) / this.#pieces.length;
  }

  sayNext(): void {
    const delta = this.#pieces[this.#nextPiece++]!;
    this.item.addArguments(delta);
    this.#send({ type: 'response.function_call_arguments.delta', ...this.#inItem(), delta });
  }

  end(): void {
    const { name } = this.#settings;
    const written = this.#pieces.slice(0, this.#nextPiece).join('');
    this.#send({ type: 'response.function_call_arguments.done', ...this.#inItem(), name, arguments: written });
  }

  #inItem() {
    const { response_id, output_index } = this.#place;
    return { response_id, item_id: this.item.id, output_index, call_id: this.#settings.callId };
  }
}
