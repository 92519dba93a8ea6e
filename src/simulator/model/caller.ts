import { REFUSALS } from './api-error.js';
import type { SessionConfig } from './config.js';
import { type Conversation, Item } from './conversation.js';
import type { ModelFaults } from './faults.js';
import { audioFormatOf } from './formats.js';
import { IdleTimeout } from './idle.js';
import { InputBuffer } from './input.js';
import type { SessionSettings, SessionWorld } from './session.js';
import { Transcripts } from './transcripts.js';
import { type TurnEvent, Turns } from './turns.js';
import type { Send, ServerEvent } from './wire.js';

/** The service refuses to commit less. */
const LEAST_COMMIT_MS = 100;

export interface CallerEvents {
  /** The caller begins to speak; `interrupts`: over what the model is saying. */
  started(interrupts: boolean): void;
  /** The caller's turn is in the conversation, found by the model itself and to be answered by itself. */
  finished(): void;
}

/** The caller's side of a session: audio in, turns found, committed and written down, silence noticed. */
export class Caller {
  readonly #settings: SessionSettings;
  readonly #world: SessionWorld;
  readonly #conversation: Conversation;
  readonly #send: Send;
  readonly #events: CallerEvents;
  readonly #faults: ModelFaults;
  readonly #input: InputBuffer;
  readonly #idle: IdleTimeout;
  readonly #transcripts: Transcripts;
  #config: SessionConfig;
  #turns: Turns | undefined;
  /** The id the item of the caller's running turn will have, and where its audio begins. */
  #turn: { readonly itemId: string; readonly audioStartMs: number } | undefined;

  constructor(
    settings: SessionSettings,
    world: SessionWorld,
    conversation: Conversation,
    config: SessionConfig,
    send: Send,
    events: CallerEvents,
  ) {
    this.#settings = settings;
    this.#world = world;
    this.#conversation = conversation;
    this.#config = config;
    this.#send = send;
    this.#events = events;
    this.#faults = settings.faults;
    this.#input = new InputBuffer(audioFormatOf(config.audio.input.format), world.resampler);
    this.#idle = new IdleTimeout(world.clock, () => this.#onIdle());
    this.#turns = this.#newTurns();
    const { script, callerWords, dialect } = settings;
    const how = { script, callerWords, isCumulative: dialect.tellsWordsCumulatively };
    this.#transcripts = new Transcripts(how, world.clock, send, (item, result) =>
      world.trace({ type: 'transcribed', itemId: item.id, ...result }),
    );
  }

  /** The socket has gone. */
  close(): void {
    this.#idle.cancel();
    this.#transcripts.abandon();
    this.#world.resampler.free();
  }

  /** Follows a change of the session: another format, or another way to find turns, begins anew. */
  configure(config: SessionConfig): void {
    const before = this.#config.audio.input;
    const { input } = config.audio;
    this.#config = config;
    const listensAnew =
      input.format.type !== before.format.type ||
      JSON.stringify(input.turn_detection) !== JSON.stringify(before.turn_detection);
    if (!listensAnew) return;
    this.#input.setFormat(audioFormatOf(input.format));
    this.#listenAnew();
  }

  append(audio: string): void {
    const offsetMs = this.#input.appendedMs;
    const samples = this.#input.append(audio);
    this.#world.trace({ type: 'append', audio, offsetMs });
    for (const event of this.#turns?.push(samples) ?? []) this.#onTurn(event);
    if (this.#turns && !this.#turn) this.#input.forget();
  }

  clear(): void {
    this.#input.clear();
    this.#listenAnew();
    this.#send({ type: 'input_audio_buffer.cleared' });
  }

  commitByClient(): void {
    const { bufferedMs } = this.#input;
    if (bufferedMs < LEAST_COMMIT_MS) throw REFUSALS.commitEmpty(bufferedMs);
    this.#commit();
    this.#turns = this.#newTurns();
  }

  /** The model begins to answer. */
  isAnswered(): void {
    this.#idle.cancel();
  }

  /** The model has answered with so much audio: from now on the caller is expected to speak. */
  mayAnswer(sentMs: number): void {
    const detection = this.#config.audio.input.turn_detection;
    if (detection?.type !== 'server_vad' || detection.idle_timeout_ms == null || this.#turn) return;
    // The service counts from the end of the answer's playback, which it takes to begin with its first audio at best.
    this.#idle.start(detection.idle_timeout_ms + sentMs, this.#input.appendedMs + sentMs);
  }

  #listenAnew(): void {
    this.#turn = undefined;
    this.#turns = this.#newTurns();
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
      if (this.#faults.speechStartedTwice) this.#send(started);
      this.#events.started(detection?.interrupt_response === true);
      return;
    }
    if (!this.#turn) return;
    const { itemId } = this.#turn;
    this.#world.trace({ type: 'speech-stopped', itemId, audioEndMs: event.audioEndMs });
    this.#send({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: event.audioEndMs, item_id: itemId });
    this.#commit();
    if (detection?.create_response) this.#events.finished();
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
    const { audioMs } = item;
    const { number: session, dialect } = this.#settings;
    const turn = this.#transcripts.of({ turn: this.#conversation.nextTurn(), session, audioMs });
    this.#conversation.hear(turn.words);
    const { transcription } = this.#config.audio.input;
    if (transcription) this.#transcripts.write(item, turn, transcription.model !== undefined);
    else if (dialect.alwaysTranscribes) this.#transcripts.write(item, turn, false);
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
    this.#events.finished();
  }
}
