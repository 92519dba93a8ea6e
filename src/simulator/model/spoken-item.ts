import { type AudioFormat, bytesPerMs } from '../../audio/format.js';
import { Item } from './conversation.js';
import { type PlannedChunk, planChunks } from './pace.js';
import type { Random } from './random.js';
import type { OutputItem, OutputPlace } from './response.js';
import { Speech } from './speech.js';
import { type Line, lineMs } from './voice.js';
import type { Send } from './wire.js';
import type { TimedText } from './words.js';

/** The service bills a token for 50 ms of its own audio. */
export const OUTPUT_TOKEN_MS = 50;

export interface SpokenSettings {
  readonly itemId: string;
  readonly modality: 'audio' | 'text';
  readonly format: AudioFormat;
  readonly speed: readonly [number, number];
  /** Of the whole response. */
  readonly maxOutputTokens: number | 'inf';
}

/** A message of the model: its audio in uneven chunks with the words beside it, or its text at once. */
export class SpokenItem implements OutputItem {
  readonly item: Item;
  readonly said: TimedText;
  readonly #settings: SpokenSettings;
  readonly #place: OutputPlace;
  readonly #send: Send;
  readonly #words: string[];
  readonly #speech: Speech | undefined;
  readonly #chunks: readonly PlannedChunk[];
  readonly #isCutShort: boolean;
  #nextChunk = 0;
  #wordsSent = 0;

  /** `limitMs`: so much audio is left of the response's tokens. */
  constructor(line: Line, settings: SpokenSettings, place: OutputPlace, send: Send, random: Random, limitMs: number) {
    const { modality, format, speed } = settings;
    this.#settings = settings;
    this.#place = place;
    this.#send = send;
    this.#words = line.text.match(/\s*\S+/g) ?? [];
    this.said = { text: line.text, totalMs: lineMs(line), ...(line.words && { words: line.words }) };
    this.item = Item.ofAnswer(settings.itemId, modality === 'audio' ? format : undefined, this.said);
    if (modality === 'text') {
      this.#chunks = [];
      this.#isCutShort = settings.maxOutputTokens !== 'inf' && settings.maxOutputTokens < this.#words.length;
      return;
    }
    this.#speech = new Speech(line, format, random.seed(), limitMs);
    this.#isCutShort = this.#speech.totalMs < this.said.totalMs;
    const sampleBytes = format.encoding === 'L16' ? 2 : 1;
    this.#chunks = planChunks(this.#speech.totalBytes, bytesPerMs(format), sampleBytes, speed, random);
  }

  get sentMs(): number {
    return this.#chunks[this.#nextChunk - 1]?.endMs ?? 0;
  }

  get textTokens(): number {
    return this.#wordsSent;
  }

  get isCutShort(): boolean {
    return this.#isCutShort;
  }

  begin(): void {
    const isAudio = this.#settings.modality === 'audio';
    this.#send({
      type: 'response.content_part.added',
      ...this.#inPart(),
      part: isAudio ? { type: 'audio', transcript: '' } : { type: 'text', text: '' },
    });
    if (isAudio) return;
    const { maxOutputTokens } = this.#settings;
    const limit = maxOutputTokens === 'inf' ? this.#words.length : Math.min(maxOutputTokens, this.#words.length);
    this.#sayWords(limit, 'response.output_text.delta');
  }

  get dueMs(): number | undefined {
    return this.#chunks[this.#nextChunk]?.dueMs;
  }

  sayNext(onAudio: (audio: string) => void): void {
    const chunk = this.#chunks[this.#nextChunk]!;
    const bytes = this.#speech!.make(chunk.bytes);
    this.#nextChunk++;
    this.item.append(bytes);
    const audio = bytes.toString('base64');
    this.#send({ type: 'response.output_audio.delta', ...this.#inPart(), delta: audio });
    // Told after the write: making the message is the model's own time, not that of whoever carries it on.
    onAudio(audio);
    // The words run with the audio they belong to, in proportion: nobody has marked their places.
    const heardShare = chunk.endMs / (this.#speech!.totalMs || 1);
    this.#sayWords(Math.ceil(heardShare * this.#words.length), 'response.output_audio_transcript.delta');
  }

  end(): void {
    const place = this.#inPart();
    // The transcript of the done events is what the deltas said, also when a truncation has removed it from the item.
    const said = this.#words.slice(0, this.#wordsSent).join('');
    if (this.#settings.modality === 'audio') {
      this.#send({ type: 'response.output_audio.done', ...place });
      this.#send({ type: 'response.output_audio_transcript.done', ...place, transcript: said });
      this.#send({ type: 'response.content_part.done', ...place, part: { type: 'audio', transcript: said } });
    } else {
      this.#send({ type: 'response.output_text.done', ...place, text: said });
      this.#send({ type: 'response.content_part.done', ...place, part: { type: 'text', text: said } });
    }
  }

  #sayWords(upTo: number, type: 'response.output_audio_transcript.delta' | 'response.output_text.delta'): void {
    for (; this.#wordsSent < Math.min(upTo, this.#words.length); this.#wordsSent++) {
      const delta = this.#words[this.#wordsSent]!;
      this.item.addTranscript(delta);
      this.#send({ type, ...this.#inPart(), delta });
    }
  }

  #inPart() {
    const { response_id, output_index } = this.#place;
    return { response_id, item_id: this.item.id, output_index, content_index: 0 };
  }
}
