import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../clock.js';
import { Answers } from './answers.js';
import { ApiError, REFUSALS } from './api-error.js';
import { initialConfig, mergedConfig, type SessionConfig, type SessionDefaults } from './config.js';
import { Conversation, Item } from './conversation.js';
import type { ModelTraceEvent } from './events.js';
import type { ModelFaults } from './faults.js';
import { audioFormatOf } from './formats.js';
import { IdleTimeout } from './idle.js';
import { InputBuffer } from './input.js';
import type { Random } from './random.js';
import type { Response } from './response.js';
import type { ClientEvent, ResponseParams } from './schema.js';
import { eventIdOf, parseClientEvent } from './strict.js';
import { type SpeechDetector, type TurnEvent, Turns } from './turns.js';
import type { Voice } from './voice.js';
import type { Send, ServerEvent } from './wire.js';

/** The service refuses to commit less. */
const LEAST_COMMIT_MS = 100;

type Untimed<Event> = Event extends { atMs: number } ? Omit<Event, 'atMs' | 'sessionId'> : never;
export type Trace = (event: Untimed<ModelTraceEvent>) => void;

export interface SessionSettings extends SessionDefaults {
  readonly model: string;
  readonly thinkMs: number;
  readonly speed: readonly [number, number];
  readonly voice: Voice;
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
  readonly trace: Trace;
}

/** One client's session: joins its configuration, its input, its conversation and its responses. Knows no socket. */
export class Session {
  readonly id: string;
  readonly #settings: SessionSettings;
  readonly #world: SessionWorld;
  readonly #conversation: Conversation;
  readonly #input: InputBuffer;
  readonly #idle: IdleTimeout;
  readonly #answers: Answers;
  #config: SessionConfig;
  #configured = false;
  #turns: Turns | undefined;
  /** The id the item of the caller's running turn will have, and where its audio begins. */
  #turn: { readonly itemId: string; readonly audioStartMs: number } | undefined;

  constructor(settings: SessionSettings, world: SessionWorld) {
    const { random, resampler, clock } = world;
    this.#settings = settings;
    this.#world = world;
    this.id = random.id('sess');
    this.#conversation = new Conversation(random.id('conv'));
    this.#config = initialConfig(this.id, settings.model, Date.now() + settings.maxSessionMs, settings);
    this.#input = new InputBuffer(audioFormatOf(this.#config.audio.input.format), resampler);
    this.#idle = new IdleTimeout(clock, () => this.#onIdle());
    this.#turns = this.#newTurns();
    this.#answers = new Answers(settings, world, this.#conversation, this.#send, (answer) => this.#onAnswered(answer));
  }

  open(): void {
    this.#world.trace({ type: 'session' });
    this.#send({ type: 'session.created', session: this.#config });
  }

  /** The socket has gone. */
  close(): void {
    this.#idle.cancel();
    this.#answers.abandon();
    this.#world.resampler.free();
  }

  stall(forMs: number): void {
    this.#answers.stall(forMs);
  }

  /** Reads one text frame. Whatever is wrong with it is answered with an `error` event. */
  receive(frame: string): void {
    try {
      this.#handle(parseClientEvent(frame));
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
        return this.#update(event.session);
      case 'input_audio_buffer.append':
        return this.#append(event.audio);
      case 'input_audio_buffer.commit':
        return this.#commitByClient();
      case 'input_audio_buffer.clear':
        this.#input.clear();
        this.#turn = undefined;
        this.#turns = this.#newTurns();
        return this.#send({ type: 'input_audio_buffer.cleared' });
      case 'conversation.item.create':
        return this.#createItem(event);
      case 'conversation.item.truncate':
        return this.#truncate(event.item_id, event.content_index, event.audio_end_ms);
      case 'conversation.item.delete':
        this.#conversation.delete(event.item_id);
        return this.#send({ type: 'conversation.item.deleted', item_id: event.item_id });
      case 'conversation.item.retrieve': {
        const item = this.#conversation.find(event.item_id);
        if (!item) throw REFUSALS.retrieveUnknown(event.item_id);
        return this.#send({ type: 'conversation.item.retrieved', item: item.wire(true) });
      }
      case 'response.create':
        return this.#answer(event.response ?? {});
      case 'response.cancel':
        return this.#answers.cancel(event.response_id ?? undefined);
    }
  }

  #update(update: Extract<ClientEvent, { type: 'session.update' }>['session']): void {
    const before = this.#config;
    this.#config = mergedConfig(before, update, this.#conversation.hasSpoken, this.#settings);
    const { input, output } = this.#config.audio;
    const detection = JSON.stringify(input.turn_detection);
    const listensAnew =
      input.format.type !== before.audio.input.format.type ||
      detection !== JSON.stringify(before.audio.input.turn_detection);
    if (listensAnew) {
      this.#input.setFormat(audioFormatOf(input.format));
      this.#turn = undefined;
      this.#turns = this.#newTurns();
    }
    if (!this.#configured) {
      this.#configured = true;
      this.#world.trace({ type: 'configured', input: input.format.type, output: output.format.type });
    }
    this.#send({ type: 'session.updated', session: this.#config });
  }

  #newTurns(): Turns | undefined {
    const detection = this.#config.audio.input.turn_detection;
    if (!detection) return undefined;
    const isServerVad = detection.type === 'server_vad';
    const detector = this.#world.detector({
      silenceDurationMs: (isServerVad && detection.silence_duration_ms) || this.#settings.silenceDurationMs,
      threshold: (isServerVad && detection.threshold) || 0.5,
    });
    return new Turns(detector, detection, this.#input.appendedMs - this.#input.delayMs);
  }

  #append(audio: string): void {
    const offsetMs = this.#input.appendedMs;
    const samples = this.#input.append(audio);
    this.#world.trace({ type: 'append', audio, offsetMs });
    for (const event of this.#turns?.push(samples) ?? []) this.#onTurn(event);
    if (this.#turns && !this.#turn) this.#input.forget();
  }

  #onTurn(event: TurnEvent): void {
    const detection = this.#config.audio.input.turn_detection;
    if (event.type === 'started') {
      const { audioStartMs } = event;
      const itemId = this.#world.random.id('item');
      this.#turn = { itemId, audioStartMs };
      this.#idle.cancel();
      this.#world.trace({ type: 'speech-started', itemId, audioStartMs });
      const started: ServerEvent = {
        type: 'input_audio_buffer.speech_started',
        audio_start_ms: audioStartMs,
        item_id: itemId,
      };
      this.#send(started);
      if (this.#settings.faults.speechStartedTwice) this.#send(started);
      if (detection?.interrupt_response) this.#answers.interrupt('turn_detected');
      return;
    }
    if (!this.#turn) return;
    const { itemId } = this.#turn;
    this.#world.trace({ type: 'speech-stopped', itemId, audioEndMs: event.audioEndMs });
    this.#send({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: event.audioEndMs, item_id: itemId });
    this.#commit();
    if (!detection?.create_response) return;
    // With interrupt_response off the model may still be speaking: then it fails to answer this turn, and says so.
    if (this.#answers.active) this.refuse(REFUSALS.responseActive(this.#answers.active.id));
    else this.#answer({});
  }

  #commitByClient(): void {
    const { bufferedMs } = this.#input;
    if (bufferedMs < LEAST_COMMIT_MS) throw REFUSALS.commitEmpty(bufferedMs);
    this.#commit();
    this.#turns = this.#newTurns();
  }

  #commit(): void {
    const itemId = this.#turn?.itemId ?? this.#world.random.id('item');
    const audio = this.#input.take(this.#turn?.audioStartMs);
    this.#turn = undefined;
    const item = Item.ofCaller(itemId, audio, this.#input.format);
    const previous = { previous_item_id: this.#conversation.lastItemId };
    this.#conversation.append(item);
    this.#send({ type: 'input_audio_buffer.committed', ...previous, item_id: itemId });
    this.#send({ type: 'conversation.item.added', ...previous, item: item.wire() });
    this.#send({ type: 'conversation.item.done', ...previous, item: item.wire() });
    if (this.#config.audio.input.transcription) this.#transcribe(item);
  }

  /** No recogniser listens here: the transcript says so in brackets, so that a client still meets the event. */
  #transcribe(item: Item): void {
    const seconds = item.audioMs / 1000;
    item.transcript = `[${seconds.toFixed(1)} s of audio]`;
    this.#send({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: item.id,
      content_index: 0,
      transcript: item.transcript,
      usage: { type: 'duration', seconds: Math.ceil(seconds) },
    });
  }

  #createItem(event: Extract<ClientEvent, { type: 'conversation.item.create' }>): void {
    const item = Item.given(event.item.id ?? this.#world.random.id('item'), event.item);
    const previous = {
      previous_item_id: this.#conversation.insert(item, event.item, event.previous_item_id),
    };
    this.#send({ type: 'conversation.item.added', ...previous, item: item.wire() });
    this.#send({ type: 'conversation.item.done', ...previous, item: item.wire() });
  }

  #truncate(itemId: string, contentIndex: number, audioEndMs: number): void {
    try {
      this.#conversation.truncate(itemId, contentIndex, audioEndMs);
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
    this.#idle.cancel();
  }

  #onAnswered(answer: Response): void {
    const detection = this.#config.audio.input.turn_detection;
    if (detection?.type !== 'server_vad' || detection.idle_timeout_ms == null || this.#turn) return;
    // The service counts from the end of the answer's playback, which it takes to begin with its first audio at best.
    this.#idle.start(detection.idle_timeout_ms + answer.sentMs, this.#input.appendedMs + answer.sentMs);
  }

  /** The caller has said nothing for so long that the model asks again. */
  #onIdle(): void {
    const itemId = this.#world.random.id('item');
    const endMs = Math.floor(this.#input.appendedMs);
    const startMs = Math.min(endMs, Math.floor(this.#idle.quietSinceMs));
    this.#send({
      type: 'input_audio_buffer.timeout_triggered',
      audio_start_ms: startMs,
      audio_end_ms: endMs,
      item_id: itemId,
    });
    this.#turn = { itemId, audioStartMs: startMs };
    this.#commit();
    this.#answer({});
  }

  readonly #send: Send = (event) => {
    const { type, ...rest } = event;
    this.#world.write(JSON.stringify({ type, event_id: this.#world.random.id('event'), ...rest }));
  };
}
