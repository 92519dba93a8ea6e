import type { AudioFormat } from '../../audio/format.js';
import type { Clock } from '../../clock.js';
import { CallItem } from './call-item.js';
import type { Item } from './conversation.js';
import type { ModelFaults } from './faults.js';
import type { LineSoon } from './lines.js';
import type { Random } from './random.js';
import { type CancelReason, type Ending, statusDetails, usage } from './response-object.js';
import type { ResponseParams, WireFormat } from './schema.js';
import type { PlannedOutput } from './script.js';
import { OUTPUT_TOKEN_MS, SpokenItem } from './spoken-item.js';
import type { Line } from './voice.js';
import type { ResponseObject, Send } from './wire.js';

/** What one response is to say and how, settled when it is created. */
export interface ResponsePlan {
  readonly id: string;
  readonly outputs: readonly PlannedOutput[];
  readonly modality: 'audio' | 'text';
  /** Undefined: out of band, its items join no conversation. */
  readonly conversationId: string | undefined;
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
  /** Fault: the session expires when so much audio is out. */
  readonly expiresAfterAudioMs: number | undefined;
  /** Fault: no audio ever comes. */
  readonly silent: boolean;
  /** Fault: it ends failed, or incomplete, when so much audio is out. */
  readonly breaks: { readonly afterAudioMs: number; readonly ending: Ending } | undefined;
  /** Fault: audio goes on for so long after a cancellation. */
  readonly lateDeltasMs: number | undefined;
  readonly rateLimits: NonNullable<ModelFaults['rateLimits']>;
}

export interface ResponseEvents {
  /** An item begins to exist. Returns the id of the one before it, for an answer that joins the conversation. */
  itemStarted(item: Item, outputIndex: number): string | null;
  /** Audio is about to be written to the socket. */
  delta(itemId: string, audio: string): void;
  itemDone(item: Item): void;
  /** The fault that ends the connection strikes. */
  dropped(code: number | undefined): void;
  expired(): void;
  done(ending: Ending): void;
}

export interface OutputPlace {
  readonly response_id: string;
  readonly output_index: number;
}

/** One item of a response while it is being made. Times count from its beginning. */
export interface OutputItem {
  readonly item: Item;
  /** Milliseconds of audio, and tokens of text, sent so far. */
  readonly sentMs: number;
  readonly textTokens: number;
  /** Its end will not be said: the tokens do not reach. */
  readonly isCutShort: boolean;
  /** When the next piece is due; undefined when all is said. */
  readonly dueMs: number | undefined;
  begin(): void;
  sayNext(onAudio: (audio: string) => void): void;
  /** Its own done events. */
  end(): void;
}

/**
 * One response: thinking → saying its items one after the other → done, or cut short from either.
 *
 *   create ── thinkMs ──▶ item ──▶ its audio, 3–5 times faster than it plays, or its arguments ──▶ next item ──▶ done
 *      │                                  │
 *      └── interrupt: done(cancelled, no output)   └── interrupt: done events of what was sent, done(cancelled)
 */
export class Response {
  readonly plan: ResponsePlan;
  #state: 'thinking' | 'saying' | 'cancelling' | 'done' = 'thinking';
  readonly #said: OutputItem[] = [];
  #current: OutputItem | undefined;
  /** The item that the present one follows, in the conversation. */
  #previousItemId: string | null = null;
  #cancelTimer: () => void = () => {};
  #pendingAct: (() => void) | undefined;
  #pendingAtMs = 0;
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
    return this.#said.reduce((sum, { sentMs }) => sum + sentMs, 0);
  }

  /** Something of it is out that cannot be taken back: sound, or a function call. */
  get hasOutput(): boolean {
    return this.sentMs > 0 || this.#said.some(({ item }) => item.call !== undefined);
  }

  start(): void {
    this.#send({ type: 'response.created', response: this.#object() });
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
    const ending = { status: 'cancelled', reason } as const;
    if (this.plan.lateDeltasMs === undefined || this.#state === 'thinking') return this.#finish(ending);
    this.#state = 'cancelling';
    this.#clock.at(this.#clock.now() + this.plan.lateDeltasMs, () => this.#finish(ending));
  }

  #begin(): void {
    if (this.plan.breaks?.afterAudioMs === 0) return this.#finish(this.plan.breaks.ending);
    if (this.plan.silent) return;
    this.#next();
  }

  /** Begins the next item, or ends. */
  #next(): void {
    const output = this.plan.outputs[this.#said.length];
    if (!output) return this.#finish({ status: 'completed' });
    if (output.type === 'call') return this.#say(this.#callItem(output));
    whenReady(output.line, (line) => {
      if (this.#state !== 'done') this.#say(this.#spokenItem(line));
    });
  }

  #callItem({ name, arguments: written, takesMs }: Extract<PlannedOutput, { type: 'call' }>): CallItem {
    const ids = { itemId: this.#random.id('item'), callId: this.#random.id('call') };
    return new CallItem({ ...ids, name, arguments: written, takesMs }, this.#place(), this.#send);
  }

  #spokenItem(line: Line): SpokenItem {
    const { maxOutputTokens } = this.plan;
    const limitMs =
      maxOutputTokens === 'inf' ? Number.POSITIVE_INFINITY : maxOutputTokens * OUTPUT_TOKEN_MS - this.sentMs;
    const settings = { itemId: this.#random.id('item'), ...this.plan };
    return new SpokenItem(line, settings, this.#place(), this.#send, this.#random, Math.max(0, limitMs));
  }

  #place() {
    return { response_id: this.id, output_index: this.#said.length };
  }

  #say(output: OutputItem): void {
    if (this.#state === 'thinking') this.#state = 'saying';
    const place = this.#place();
    this.#said.push(output);
    this.#current = output;
    const { item } = output;
    this.#previousItemId = this.#events.itemStarted(item, place.output_index);
    this.#send({ type: 'response.output_item.added', ...place, item: item.wire() });
    if (this.plan.conversationId !== undefined)
      this.#send({ type: 'conversation.item.added', previous_item_id: this.#previousItemId, item: item.wire() });
    output.begin();
    this.#firstDueMs = this.#clock.now();
    this.#shiftMs = 0;
    this.#sayPieces(output);
  }

  /** Sends all that is due. Called by the clock, once for every piece when the loop keeps up. */
  #sayPieces(output: OutputItem): void {
    while (this.#state !== 'done') {
      if (this.#fails()) return;
      if (output.dueMs === undefined) return this.#endItem(output);
      const dueMs = this.#firstDueMs + output.dueMs + this.#shiftMs;
      if (dueMs > this.#clock.now()) return this.#at(dueMs, () => this.#sayPieces(output));
      output.sayNext((audio) => this.#events.delta(output.item.id, audio));
    }
  }

  /** The faults that strike in the middle of an answer. Returns whether nothing more is to be said. */
  #fails(): boolean {
    const { stall, drop, breaks, expiresAfterAudioMs } = this.plan;
    const { sentMs } = this;
    if (this.#dropped) return true;
    if (drop && sentMs >= drop.afterAudioMs) {
      this.#dropped = true;
      this.#events.dropped(drop.code);
    } else if (expiresAfterAudioMs !== undefined && sentMs >= expiresAfterAudioMs) {
      this.#dropped = true;
      this.#events.expired();
    } else if (breaks && sentMs >= breaks.afterAudioMs) {
      this.#finish(breaks.ending);
      return true;
    }
    if (stall && !this.#stalled && sentMs >= stall.afterAudioMs) {
      this.#stalled = true;
      this.#shiftMs += stall.forMs;
    }
    return this.#dropped;
  }

  #endItem(output: OutputItem): void {
    // Cancelled, the rest said all the same: that it is over is told when the time for late deltas is.
    if (this.#state === 'cancelling') return;
    if (output.isCutShort) return this.#finish({ status: 'incomplete', reason: 'max_output_tokens' });
    this.#finishItem(output, 'completed');
    this.#next();
  }

  #finish(ending: Ending): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#cancelTimer();
    if (this.#current) this.#finishItem(this.#current, ending.status === 'completed' ? 'completed' : 'incomplete');
    this.#send({ type: 'response.done', response: this.#object(ending) });
    this.#events.done(ending);
    this.#send({ type: 'rate_limits.updated', rate_limits: [...this.plan.rateLimits] });
  }

  #finishItem(output: OutputItem, status: 'completed' | 'incomplete'): void {
    const { item } = output;
    this.#current = undefined;
    item.status = status;
    output.end();
    if (this.plan.conversationId !== undefined)
      this.#send({ type: 'conversation.item.done', previous_item_id: this.#previousItemId, item: item.wire() });
    const place = { response_id: this.id, output_index: this.#said.indexOf(output) };
    this.#send({ type: 'response.output_item.done', ...place, item: item.wire() });
    this.#events.itemDone(item);
  }

  #object(ending?: Ending): ResponseObject {
    const { plan } = this;
    const textTokens = this.#said.reduce((sum, each) => sum + each.textTokens, 0);
    return {
      object: 'realtime.response',
      id: plan.id,
      status: ending?.status ?? 'in_progress',
      status_details: statusDetails(ending),
      output: this.#said.map(({ item }) => item.wire()),
      conversation_id: plan.conversationId ?? null,
      output_modalities: [plan.modality],
      max_output_tokens: plan.maxOutputTokens,
      audio: { output: { format: plan.wireFormat, voice: plan.voice } },
      usage: ending ? usage(this.sentMs, textTokens) : null,
      metadata: plan.metadata ?? null,
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

/** At once when the line is there: an answer that waits for nothing begins within the same turn of the clock. */
function whenReady(line: LineSoon, act: (line: Line) => void): void {
  if (line instanceof Promise) void line.then(act);
  else act(line);
}
