import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../clock.js';
import { Answers } from './answers.js';
import { ApiError, REFUSALS } from './api-error.js';
import { Caller } from './caller.js';
import { initialConfig, mergedConfig, type SessionConfig, type SessionDefaults } from './config.js';
import { Conversation, Item } from './conversation.js';
import type { Dialect } from './dialect.js';
import type { ModelTraceEvent } from './events.js';
import type { ModelFaults } from './faults.js';
import { textOf } from './item.js';
import type { Lines } from './lines.js';
import type { MemoryItem } from './memory.js';
import type { Random } from './random.js';
import type { ClientEvent, ResponseParams } from './schema.js';
import type { ModelScript } from './script/file.js';
import { eventIdOf, parseClientEvent } from './strict.js';
import type { CallerWords } from './transcripts.js';
import type { SpeechDetector } from './turns.js';
import type { Send } from './wire.js';

type Untimed<Event> = Event extends { atMs: number } ? Omit<Event, 'atMs' | 'sessionId'> : never;
export type Trace = (event: Untimed<ModelTraceEvent>) => void;

export interface SessionSettings extends SessionDefaults {
  readonly model: string;
  /** Of the sessions since the model was started, from 1. */
  readonly number: number;
  readonly dialect: Dialect;
  readonly thinkMs: number;
  readonly speed: readonly [number, number];
  readonly lines: Lines;
  readonly script: ModelScript;
  readonly callerWords: CallerWords | undefined;
  readonly faults: ModelFaults;
  /** How long a session may last, for `expires_at`. */
  readonly maxSessionMs: number;
}

/** What a session needs of the world. */
export interface SessionWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** From 24 to 8 kHz, this session's own. */
  readonly resampler: Resampler;
  readonly detector: (settings: { silenceDurationMs: number; threshold: number }) => SpeechDetector;
  /** Writes one event to the client. */
  readonly write: (text: string) => void;
  /** The fault that ends the connection in the middle of an answer. */
  readonly drop: (code: number | undefined) => void;
  /** The fault that ends the session there. */
  readonly expire: () => void;
  readonly trace: Trace;
}

/** One client's session: joins its configuration, its caller, its conversation and its responses. Knows no socket. */
export class Session {
  readonly id: string;
  readonly conversation: Conversation;
  readonly #settings: SessionSettings;
  readonly #world: SessionWorld;
  readonly #caller: Caller;
  readonly #answers: Answers;
  readonly #isResumed: boolean;
  #config: SessionConfig;
  #configured = false;
  #resumption = false;

  /** `resumed`: the conversation of an earlier session, to go on with. */
  constructor(settings: SessionSettings, world: SessionWorld, resumed?: Conversation) {
    const { random } = world;
    this.#settings = settings;
    this.#world = world;
    this.id = random.id('sess');
    this.#isResumed = resumed !== undefined;
    this.conversation = resumed ?? new Conversation(random.id('conv'));
    this.conversation.resumed();
    this.#config = initialConfig(this.id, settings.model, Date.now() + settings.maxSessionMs, settings);
    this.#caller = new Caller(settings, world, this.conversation, this.#config, this.#send, {
      started: (interrupts) => interrupts && this.#answers.interrupt('turn_detected'),
      finished: () => this.#answerTurn(),
    });
    this.#answers = new Answers(settings, world, this.conversation, this.#send, ({ sentMs }) =>
      this.#caller.mayAnswer(sentMs),
    );
  }

  /** The conversation may be gone on with when the session is over. */
  get isResumable(): boolean {
    return this.#resumption;
  }

  open(): void {
    const { dialect, number } = this.#settings;
    this.#world.trace({ type: 'session', number, ...(this.#isResumed && { resumed: true }) });
    this.#send({ type: 'session.created', session: dialect.show(this.#config, this.#resumption) });
    if (dialect.resumes)
      this.#send({
        type: 'conversation.created',
        conversation: { id: this.conversation.id, object: 'realtime.conversation' },
      });
  }

  /** The socket has gone. */
  close(): void {
    this.#caller.close();
    this.#answers.abandon();
  }

  stall(forMs: number): void {
    this.#answers.stall(forMs);
  }

  memory(): MemoryItem[] {
    return this.conversation.memory();
  }

  /** Reads one text frame. Whatever is wrong with it is answered with an `error` event. */
  receive(frame: string): void {
    try {
      this.#handle(parseClientEvent(frame, this.#settings.dialect.events));
    } catch (error) {
      // Whatever a frame does to the model, other sessions go on: JSON nested deeper than the stack, for one.
      this.refuse(error instanceof ApiError ? error : REFUSALS.internal(), eventIdOf(frame));
    }
  }

  refuse(error: ApiError, eventId: string | null = null): void {
    const { type, code, message, param } = error;
    this.#world.trace({ type: 'error', code: code ?? '', message });
    this.#send({ type: 'error', error: { type, code, message, param, event_id: eventId } });
  }

  #handle(event: ClientEvent): void {
    switch (event.type) {
      case 'session.update':
        return this.#update(event);
      case 'input_audio_buffer.append':
        return this.#caller.append(event.audio);
      case 'input_audio_buffer.commit':
        return this.#caller.commitByClient();
      case 'input_audio_buffer.clear':
        return this.#caller.clear();
      case 'conversation.item.create':
        return this.#createItem(event);
      case 'conversation.item.truncate':
        return this.#truncate(event.item_id, event.content_index, event.audio_end_ms);
      case 'conversation.item.delete':
        this.conversation.delete(event.item_id);
        this.#world.trace({ type: 'item-deleted', itemId: event.item_id });
        return this.#send({ type: 'conversation.item.deleted', item_id: event.item_id });
      case 'conversation.item.retrieve': {
        const item = this.conversation.find(event.item_id);
        if (!item) throw REFUSALS.retrieveUnknown(event.item_id);
        return this.#send({ type: 'conversation.item.retrieved', item: item.wire(true) });
      }
      case 'response.create':
        return this.#answer(event.response ?? {});
      case 'force_message':
        this.#answers.say(event.text, this.#config);
        return this.#caller.isAnswered();
      case 'response.cancel':
        return this.#answers.cancel(event.response_id ?? undefined);
    }
  }

  #update({ session, resumption }: Extract<ClientEvent, { type: 'session.update' }>): void {
    const { dialect } = this.#settings;
    this.#config = mergedConfig(this.#config, session, this.conversation.hasSpoken, this.#settings);
    this.#resumption = resumption ?? this.#resumption;
    const { instructions, tools, tool_choice: toolChoice, audio } = this.#config;
    this.#caller.configure(this.#config);
    if (!this.#configured) {
      this.#configured = true;
      this.#world.trace({
        type: 'configured',
        input: audio.input.format.type,
        output: audio.output.format.type,
      });
    }
    const { voice } = audio.output;
    this.#world.trace({
      type: 'session-updated',
      instructions,
      tools: tools.map((tool) => (tool.type === 'function' ? tool.name : tool.server_label)),
      toolChoice: typeof toolChoice === 'string' ? toolChoice : (toolChoice.name ?? toolChoice.type),
      voice: typeof voice === 'string' ? voice : voice.id,
    });
    this.#send({ type: 'session.updated', session: dialect.show(this.#config, this.#resumption) });
  }

  #createItem({ item: given, previous_item_id }: Extract<ClientEvent, { type: 'conversation.item.create' }>): void {
    const item = Item.given(given.id ?? this.#world.random.id('item'), given);
    const previous = { previous_item_id: this.conversation.insert(item, given, previous_item_id) };
    const { id: itemId } = item;
    const { role, text, callId } = item.remembered();
    const name = callId === undefined ? undefined : this.conversation.toolOf(callId);
    const known = { ...(text !== undefined && { text }), ...(callId !== undefined && { callId }) };
    this.#world.trace({ type: 'item-created', itemId, role, ...known, ...(name !== undefined && { name }) });
    if (given.type === 'function_call_output') this.#answers.toolAnswered({ name: name ?? '', output: given.output });
    else if (item.isFromUser) this.conversation.hear(textOf(given));
    this.#send({ type: 'conversation.item.added', ...previous, item: item.wire() });
    this.#send({ type: 'conversation.item.done', ...previous, item: item.wire() });
  }

  #truncate(itemId: string, contentIndex: number, audioEndMs: number): void {
    try {
      if (this.#settings.faults.refuseTruncate) throw REFUSALS.eventUnknown('conversation.item.truncate');
      this.conversation.truncate(itemId, contentIndex, audioEndMs);
    } catch (error) {
      const refused = error instanceof Error ? error.message : String(error);
      this.#world.trace({ type: 'truncate', itemId, audioEndMs, refused });
      throw error;
    }
    this.#answers.wereInterrupted();
    this.#world.trace({ type: 'truncate', itemId, audioEndMs });
    this.#send({
      type: 'conversation.item.truncated',
      item_id: itemId,
      content_index: contentIndex,
      audio_end_ms: audioEndMs,
    });
  }

  #answer(params: ResponseParams): void {
    this.#answers.create(params, this.#config);
    this.#caller.isAnswered();
  }

  #answerTurn(): void {
    // With interrupt_response off the model may still be speaking: then it fails to answer this turn, and says so.
    if (this.#answers.active) this.refuse(REFUSALS.responseActive(this.#answers.active.id));
    else this.#answer({});
  }

  readonly #send: Send = (event) => {
    const { type, ...rest } = event;
    this.#world.write(JSON.stringify({ type, event_id: this.#world.random.id('event'), ...rest }));
  };
}
