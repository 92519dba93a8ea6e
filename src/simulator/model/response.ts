import { type AudioFormat, bytesPerMs } from '../../audio/format.js';
import type { Clock } from '../../clock.js';
import { Item } from './conversation.js';
import type { ModelFaults } from './faults.js';
import { type PlannedChunk, planChunks } from './pace.js';
import type { Random } from './random.js';
import type { ResponseParams, WireFormat } from './schema.js';
import { Speech } from './speech.js';
import type { Line } from './voice.js';
import type { ResponseObject, Send } from './wire.js';

/** The service bills a token for 50 ms of its own audio. */
const OUTPUT_TOKEN_MS = 50;

export type FinalStatus = 'completed' | 'cancelled' | 'incomplete' | 'failed';
export type CancelReason = 'turn_detected' | 'client_cancelled';

/** What one response is to say and how, settled when it is created. */
export interface ResponsePlan {
  readonly id: string;
  readonly itemId: string;
  readonly line: Line;
  readonly modality: 'audio' | 'text';
  /** Undefined: out of band, its item joins no conversation. */
  readonly conversationId: string | undefined;
  readonly previousItemId: string | null;
  readonly format: AudioFormat;
  readonly wireFormat: WireFormat;
  readonly voice: string;
  readonly maxOutputTokens: number | 'inf';
  readonly metadata: ResponseParams['metadata'];
  readonly thinkMs: number;
  readonly speed: readonly [number, number];
  /** Fault: the audio stops coming after so much of it, for so long. */
  readonly stall: ModelFaults['stall'];
  /** Fault: the connection goes when so much audio is out. */
  readonly drop: ModelFaults['drop'];
  /** Fault: no audio ever comes. */
  readonly silent: boolean;
  /** Fault: it ends failed. */
  readonly fails: boolean;
  /** Fault: audio goes on for so long after a cancellation. */
  readonly lateDeltasMs: number | undefined;
}

export interface ResponseEvents {
  /** Its item begins to exist. */
  itemStarted(item: Item): void;
  /** Audio is about to be written to the socket. */
  delta(itemId: string, audio: string): void;
  itemDone(itemId: string, status: 'completed' | 'incomplete'): void;
  /** The fault that ends the connection strikes. */
  dropped(code: number | undefined): void;
  done(status: FinalStatus): void;
}

/**
 * One response: thinking → speaking → done, or cut short from either.
 *
 *   create ── thinkMs ──▶ item, part ──▶ audio and transcript, 3–5 times faster than they play ──▶ done events
 *      │                                  │
 *      └── interrupt: done(cancelled, no output)   └── interrupt: done events of what was sent, done(cancelled)
 */
export class Response {
  readonly plan: ResponsePlan;
  #state: 'thinking' | 'speaking' | 'cancelling' | 'done' = 'thinking';
  #item: Item | undefined;
  #sentMs = 0;
  #words: string[] = [];
  #wordsSent = 0;
  #cancelTimer: () => void = () => {};
  #pendingAct: (() => void) | undefined;
  #pendingAtMs = 0;
  #chunks: PlannedChunk[] = [];
  #nextChunk = 0;
  #speech: Speech | undefined;
  #firstDueMs = 0;
  /** Grows with every stall. */
  #shiftMs = 0;
  #stalled = false;
  #dropped = false;
  readonly #clock: Clock;
  readonly #send: Send;
  readonly #random: Random;
  readonly #events: ResponseEvents;

  constructor(plan: ResponsePlan, clock: Clock, send: Send, random: Random, events: ResponseEvents) {
    this.plan = plan;
    this.#clock = clock;
    this.#send = send;
    this.#random = random;
    this.#events = events;
  }

  get id(): string {
    return this.plan.id;
  }

  /** Milliseconds of audio sent so far. */
  get sentMs(): number {
    return this.#sentMs;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  start(): void {
    this.#send({ type: 'response.created', response: this.#object('in_progress') });
    this.#at(this.#clock.now() + this.plan.thinkMs, () => this.#begin());
  }

  /** Nothing more is sent, not even that it is done: the socket has gone. */
  abandon(): void {
    this.#state = 'done';
    this.#cancelTimer();
  }

  /** Everything not yet sent comes so much later. */
  stall(forMs: number): void {
    if (this.#state === 'done' || !this.#pendingAct) return;
    this.#shiftMs += forMs;
    this.#cancelTimer();
    this.#at(this.#pendingAtMs + forMs, this.#pendingAct);
  }

  interrupt(reason: CancelReason): void {
    if (this.#state === 'done' || this.#state === 'cancelling') return;
    if (this.plan.lateDeltasMs === undefined || this.#state === 'thinking') return this.#finish('cancelled', reason);
    this.#state = 'cancelling';
    this.#clock.at(this.#clock.now() + this.plan.lateDeltasMs, () => this.#finish('cancelled', reason));
  }

  #begin(): void {
    if (this.plan.fails) return this.#finish('failed');
    if (this.plan.silent) return;
    this.#state = 'speaking';
    const { format, modality, conversationId, line, maxOutputTokens } = this.plan;
    const item = Item.ofAnswer(this.plan.itemId, modality === 'audio' ? format : undefined);
    this.#item = item;
    this.#events.itemStarted(item);
    const place = { response_id: this.id, output_index: 0 };
    this.#send({ type: 'response.output_item.added', ...place, item: item.wire() });
    if (conversationId !== undefined)
      this.#send({ type: 'conversation.item.added', previous_item_id: this.plan.previousItemId, item: item.wire() });
    this.#send({
      type: 'response.content_part.added',
      ...place,
      item_id: item.id,
      content_index: 0,
      part: modality === 'audio' ? { type: 'audio', transcript: '' } : { type: 'text', text: '' },
    });
    this.#words = line.text.match(/\s*\S+/g) ?? [];
    if (modality === 'text') return this.#sayText(maxOutputTokens);
    const limitMs = maxOutputTokens === 'inf' ? undefined : maxOutputTokens * OUTPUT_TOKEN_MS;
    this.#speech = new Speech(line, format, this.#random.seed(), limitMs);
    const sampleBytes = format.encoding === 'L16' ? 2 : 1;
    this.#chunks = planChunks(this.#speech.totalBytes, bytesPerMs(format), sampleBytes, this.plan.speed, this.#random);
    this.#firstDueMs = this.#clock.now();
    this.#shiftMs = 0;
    this.#sayAudio();
  }

  /** Sends all that is due. Called by the clock, once for every chunk when the loop keeps up. */
  #sayAudio(): void {
    while (this.#state !== 'done') {
      const chunk = this.#chunks[this.#nextChunk];
      if (!chunk) {
        if (this.#state === 'speaking') this.#finish(this.#isCutShort() ? 'incomplete' : 'completed');
        return;
      }
      const { stall, drop } = this.plan;
      if (drop && !this.#dropped && this.#sentMs >= drop.afterAudioMs) {
        this.#dropped = true;
        this.#events.dropped(drop.code);
        return;
      }
      if (stall && !this.#stalled && this.#sentMs >= stall.afterAudioMs) {
        this.#stalled = true;
        this.#shiftMs += stall.forMs;
      }
      const dueMs = this.#firstDueMs + chunk.dueMs + this.#shiftMs;
      if (dueMs > this.#clock.now()) return this.#at(dueMs, () => this.#sayAudio());
      this.#sayChunk(chunk);
    }
  }

  #sayChunk(chunk: PlannedChunk): void {
    const item = this.#item!;
    const bytes = this.#speech!.make(chunk.bytes);
    this.#nextChunk++;
    this.#sentMs = chunk.endMs;
    item.append(bytes);
    const audio = bytes.toString('base64');
    const place = this.#place(item);
    this.#send({ type: 'response.output_audio.delta', ...place, delta: audio });
    // Told after the write: making the message is the model's own time, not that of whoever carries it on.
    this.#events.delta(item.id, audio);
    // The words run with the audio they belong to, in proportion: nobody has marked their places.
    const heardShare = chunk.endMs / (this.#speech!.totalMs || 1);
    this.#sayWords(Math.ceil(heardShare * this.#words.length), 'response.output_audio_transcript.delta');
  }

  #sayText(maxOutputTokens: number | 'inf'): void {
    const limit = maxOutputTokens === 'inf' ? this.#words.length : Math.min(maxOutputTokens, this.#words.length);
    this.#sayWords(limit, 'response.output_text.delta');
    this.#finish(limit < this.#words.length ? 'incomplete' : 'completed');
  }

  #sayWords(upTo: number, type: 'response.output_audio_transcript.delta' | 'response.output_text.delta'): void {
    const item = this.#item!;
    for (; this.#wordsSent < Math.min(upTo, this.#words.length); this.#wordsSent++) {
      const delta = this.#words[this.#wordsSent]!;
      item.addTranscript(delta);
      this.#send({ type, ...this.#place(item), delta });
    }
  }

  #isCutShort(): boolean {
    const { line, format } = this.plan;
    const samples = format.encoding === 'L16' ? line.l16.length : line.pcmu.length;
    return this.#speech!.totalBytes < samples * (format.encoding === 'L16' ? 2 : 1);
  }

  #place(item: Item) {
    return { response_id: this.id, item_id: item.id, output_index: 0, content_index: 0 };
  }

  #finish(status: FinalStatus, reason?: CancelReason): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#cancelTimer();
    if (this.#item) this.#finishItem(this.#item, status === 'completed' ? 'completed' : 'incomplete');
    this.#send({ type: 'response.done', response: this.#object(status, reason) });
    this.#events.done(status);
    this.#send({
      type: 'rate_limits.updated',
      rate_limits: [{ name: 'tokens', limit: 15_000_000, remaining: 14_999_000, reset_seconds: 0.004 }],
    });
  }

  #finishItem(item: Item, status: 'completed' | 'incomplete'): void {
    item.status = status;
    const place = this.#place(item);
    const { content_index: _, ...outputPlace } = place;
    // The transcript of the done events is what the deltas said, also when a truncation has removed it from the item.
    const said = this.#words.slice(0, this.#wordsSent).join('');
    if (this.plan.modality === 'audio') {
      this.#send({ type: 'response.output_audio.done', ...place });
      this.#send({ type: 'response.output_audio_transcript.done', ...place, transcript: said });
      this.#send({ type: 'response.content_part.done', ...place, part: { type: 'audio', transcript: said } });
    } else {
      this.#send({ type: 'response.output_text.done', ...place, text: said });
      this.#send({ type: 'response.content_part.done', ...place, part: { type: 'text', text: said } });
    }
    if (this.plan.conversationId !== undefined)
      this.#send({ type: 'conversation.item.done', previous_item_id: this.plan.previousItemId, item: item.wire() });
    const { item_id: __, ...done } = outputPlace;
    this.#send({ type: 'response.output_item.done', ...done, item: item.wire() });
    this.#events.itemDone(item.id, status);
  }

  #object(status: NonNullable<ResponseObject['status']>, reason?: CancelReason): ResponseObject {
    const { plan } = this;
    return {
      object: 'realtime.response',
      id: plan.id,
      status,
      status_details: statusDetails(status, reason),
      output: this.#item ? [this.#item.wire()] : [],
      conversation_id: plan.conversationId ?? null,
      output_modalities: [plan.modality],
      max_output_tokens: plan.maxOutputTokens,
      audio: { output: { format: plan.wireFormat, voice: plan.voice } },
      usage: status === 'in_progress' ? null : this.#usage(),
      metadata: plan.metadata ?? null,
    };
  }

  /** The counts are made up in proportion to what was said; their shape is the service's. */
  #usage(): NonNullable<ResponseObject['usage']> {
    const audio = Math.ceil(this.#sentMs / OUTPUT_TOKEN_MS);
    const text = this.#wordsSent;
    return {
      total_tokens: 100 + audio + text,
      input_tokens: 100,
      output_tokens: audio + text,
      input_token_details: { text_tokens: 100, audio_tokens: 0, image_tokens: 0, cached_tokens: 0 },
      output_token_details: { text_tokens: text, audio_tokens: audio },
    };
  }

  #at(atMs: number, act: () => void): void {
    this.#pendingAct = act;
    this.#pendingAtMs = atMs;
    this.#cancelTimer = this.#clock.at(atMs, () => {
      this.#pendingAct = undefined;
      act();
    });
  }
}

function statusDetails(status: ResponseObject['status'], reason?: CancelReason): ResponseObject['status_details'] {
  switch (status) {
    case 'cancelled':
      return { type: 'cancelled', ...(reason && { reason }) };
    case 'incomplete':
      return { type: 'incomplete', reason: 'max_output_tokens' };
    case 'failed':
      return {
        type: 'failed',
        error: {
          type: 'server_error',
          code: 'server_error',
          message: 'The server had an error while processing your request. Sorry about that!',
        },
      };
    default:
      return null;
  }
}
