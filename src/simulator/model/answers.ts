import { REFUSALS } from './api-error.js';
import type { SessionConfig } from './config.js';
import type { Conversation } from './conversation.js';
import { strikes } from './faults.js';
import { audioFormatOf } from './formats.js';
import { type CancelReason, Response } from './response.js';
import type { ResponseParams } from './schema.js';
import { Script } from './script.js';
import type { SessionSettings, SessionWorld } from './session.js';
import type { Send } from './wire.js';

/** The responses of one session: at most one that joins the conversation, any number beside it. */
export class Answers {
  readonly #settings: SessionSettings;
  readonly #world: SessionWorld;
  readonly #conversation: Conversation;
  readonly #send: Send;
  readonly #onAnswered: (response: Response) => void;
  readonly #script: Script;
  #active: Response | undefined;
  readonly #outOfBand = new Set<Response>();
  #count = 0;

  /** `onAnswered`: a response that joined the conversation is done, whatever its status. */
  constructor(
    settings: SessionSettings,
    world: SessionWorld,
    conversation: Conversation,
    send: Send,
    onAnswered: (response: Response) => void,
  ) {
    this.#settings = settings;
    this.#world = world;
    this.#conversation = conversation;
    this.#send = send;
    this.#onAnswered = onAnswered;
    this.#script = new Script(settings.voice);
  }

  get active(): Response | undefined {
    return this.#active;
  }

  /** Throws ApiError when one is active already and this one would join the conversation too. */
  create(params: ResponseParams, config: SessionConfig): void {
    const joins = params.conversation !== 'none';
    if (this.#active && joins) throw REFUSALS.responseActive(this.#active.id);
    const response = this.#make(params, config, joins);
    if (joins) this.#active = response;
    else this.#outOfBand.add(response);
    this.#world.trace({ type: 'response-created', responseId: response.id });
    response.start();
  }

  /** By the client. Throws ApiError when there is nothing to cancel. */
  cancel(responseId: string | undefined): void {
    const running = [this.#active, ...this.#outOfBand];
    const response = running.find((each) => each && (responseId === undefined || each.id === responseId));
    const named = responseId === undefined ? {} : { responseId };
    if (!response) {
      const refusal = REFUSALS.cancelNotActive();
      this.#world.trace({ type: 'cancel', ...named, refused: refusal.message });
      throw refusal;
    }
    this.#world.trace({ type: 'cancel', ...named });
    if (response === this.#active) this.interrupt('client_cancelled');
    else response.interrupt('client_cancelled');
  }

  interrupt(reason: CancelReason): void {
    if (!this.#active) return;
    if (this.#active.sentMs > 0) this.#script.interrupted();
    else this.#script.unsaid();
    this.#active.interrupt(reason);
  }

  /** The client told that the caller did not hear all of an answer. */
  wereInterrupted(): void {
    this.#script.interrupted();
  }

  stall(forMs: number): void {
    this.#active?.stall(forMs);
  }

  /** Nobody listens any more. */
  abandon(): void {
    this.#active?.abandon();
    for (const response of this.#outOfBand) response.abandon();
  }

  #make(params: ResponseParams, config: SessionConfig, joins: boolean): Response {
    const { random, clock, trace, drop } = this.#world;
    const { faults, thinkMs, speed } = this.#settings;
    const { output } = config.audio;
    const wireFormat = params.audio?.output?.format ?? output.format;
    const voice = params.audio?.output?.voice ?? output.voice;
    const nth = ++this.#count;
    const plan = {
      id: random.id('resp'),
      itemId: random.id('item'),
      line: this.#script.next(this.#conversation.isSilent),
      modality: (params.output_modalities ?? config.output_modalities)[0]!,
      conversationId: joins ? this.#conversation.id : undefined,
      previousItemId: this.#conversation.lastItemId,
      format: audioFormatOf(wireFormat),
      wireFormat,
      voice: typeof voice === 'string' ? voice : voice.id,
      maxOutputTokens: params.max_output_tokens ?? config.max_output_tokens,
      metadata: params.metadata,
      thinkMs,
      speed,
      stall: strikes(faults.stall, nth),
      drop: strikes(faults.drop, nth),
      fails: strikes(faults.fail, nth) !== undefined,
      silent: faults.silent === 'responses',
      lateDeltasMs: faults.lateDeltasMs,
    };
    const response: Response = new Response(plan, clock, this.#send, random, {
      itemStarted: (item) => joins && this.#conversation.append(item),
      delta: (itemId, audio) => {
        this.#conversation.modelHasSpoken();
        trace({ type: 'delta', responseId: plan.id, itemId, contentIndex: 0, audio });
      },
      itemDone: (itemId, status) => trace({ type: 'item-done', itemId, status }),
      dropped: drop,
      done: (status) => {
        trace({ type: 'response-done', responseId: plan.id, status });
        this.#outOfBand.delete(response);
        if (this.#active !== response) return;
        this.#active = undefined;
        this.#onAnswered(response);
      },
    });
    return response;
  }
}
