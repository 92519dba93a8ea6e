import { type AudioFormat, bytesPerMs } from '../audio/format.js';
import type {
  ClosedCause,
  HistoryLine,
  Interruption,
  ModelConnection,
  ModelEvent,
  ModelSession,
  SessionChange,
} from '../model/model.js';
import { Backlog } from './backlog.js';
import { ModelBreaks } from './model-breaks.js';
import { ModelIds } from './model-ids.js';
import type { ModelLinkOptions } from './model-link-types.js';
import { ModelMemory } from './model-memory.js';
import { ModelOpening, type OpenedModel } from './model-opening.js';
import { ModelTurn, type RespondOptions } from './model-turn.js';

export type { LinkEvent, LinkSettings, ModelLinkOptions } from './model-link-types.js';

/**
 * The model of a call, whichever session it has at the moment. It opens the models of the plan until one is ready, opens
 * another session when one is lost, and replaces one that grows old or has the wrong voice when nobody speaks.
 *
 * ```
 *  opening ──ready──▶ serving ◀──ready── reopening ──all failed──▶ lost
 *     └──all failed──▶ lost │ └──closed──────▲
 *                           └── next: opened beside it, swapped in at a turn boundary, or when the other closes
 * ```
 *
 * Ids belong to the session that gave them: what is said about an item of an earlier one goes to no model.
 */
export class ModelLink implements ModelConnection {
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  readonly #options: ModelLinkOptions;
  readonly #backlog: Backlog;
  readonly #memory: ModelMemory;
  readonly #turn = new ModelTurn();
  /** As a session that is opened now is to be. */
  #session: ModelSession;
  #serving: OpenedModel | undefined;
  #sinceMs = 0;
  #hasServed = false;
  #opening: ModelOpening | undefined;
  #next: OpenedModel | undefined;
  #nextReason: 'voice' | 'expiry' = 'expiry';
  readonly #ids = new ModelIds();
  readonly #breaks: ModelBreaks;
  #brokenOff: { readonly reason: ClosedCause; readonly wasResponding: boolean; owed?: RespondOptions } | undefined;
  #cancelRollover: () => void = () => {};
  #cancelSwap: () => void = () => {};
  #closed = false;

  constructor(options: ModelLinkOptions) {
    const { models, session, settings, heard, random } = options;
    this.#options = options;
    this.#session = session;
    this.input = options.input;
    this.output = options.output;
    this.#backlog = new Backlog(settings.backlogMs * bytesPerMs(options.input));
    this.#memory = new ModelMemory(session.history, heard);
    this.#breaks = new ModelBreaks(settings, models.length, random);
    this.#open([...models.keys()], () => this.#session);
  }

  get interruption(): Interruption {
    return this.#like?.interruption ?? 'client';
  }

  get cancelsOnSpeech(): boolean {
    return this.#like?.cancelsOnSpeech ?? this.#session.turnDetection.interruptsResponses;
  }

  get answersByItself(): boolean {
    return this.#like?.answersByItself ?? this.#session.turnDetection.createsResponses;
  }

  /** Place in the plan of the model that serves. */
  get modelIndex(): number | undefined {
    return this.#serving?.index;
  }

  /** Payloads of the caller that had to go because no session was ready for too long. */
  get dropped(): number {
    return this.#backlog.dropped;
  }

  /** Called per frame. */
  audio(payload: string): void {
    const serving = this.#serving;
    if (!serving) this.#backlog.push(payload);
    else if (serving.toModel) serving.connection.audio(serving.toModel.base64(payload));
    else serving.connection.audio(payload);
  }

  /** While there is no session the response is owed: `switched` tells of it. */
  respond(options: RespondOptions = {}): void {
    this.#turn.asked(options, this.#options.clock.now());
    if (this.#brokenOff) this.#brokenOff.owed = options;
    this.#serving?.connection.respond(options);
  }

  cancel(responseId: string): void {
    this.#turn.cancelled(responseId);
    if (this.#ids.has(responseId)) this.#serving?.connection.cancel(responseId);
  }

  truncate(itemId: string, contentIndex: number, audioEndMs: number): void {
    const serving = this.#serving;
    if (!serving) return;
    if (this.#ids.has(itemId)) {
      // What is heard of a resampled answer is so much behind what the model has sent of it.
      const behindMs = serving.fromModel?.delayMs ?? 0;
      return serving.connection.truncate(itemId, contentIndex, Math.max(0, Math.round(audioEndMs - behindMs)));
    }
    // The transcript is told of it in the same turn of the loop: then it is known what was heard of the old answer.
    queueMicrotask(() => {
      if (this.#serving === serving) this.#memory.mend(serving.connection);
    });
  }

  /** While there is no session it waits for one; `heard` has to tell of it, too. */
  addText(line: HistoryLine): void {
    this.#addText(line, true);
  }

  /** The result of a call that an earlier session made is told as a text: the new one knows of no such call. */
  toolResult(callId: string, output: string): void {
    const serving = this.#serving?.connection;
    if (serving && this.#ids.has(callId)) return serving.toolResult(callId, output);
    const name = this.#ids.toolName(callId) ?? 'a tool';
    this.#addText({ role: 'system', text: `The result of ${name}, which you had called: ${output}` }, false);
  }

  deleteItem(itemId: string): void {
    if (this.#ids.has(itemId)) this.#serving?.connection.deleteItem(itemId);
  }

  update(change: SessionChange): void {
    this.#session = { ...this.#session, ...change };
    this.#serving?.connection.update(change);
  }

  /** Speaks a line word for word where the model of the moment can; returns false where it cannot. */
  sayLine(line: string): boolean {
    const connection = this.#serving?.connection;
    if (!connection?.say) return false;
    this.#turn.asked({ instructions: `Say exactly this: ${line}` }, this.#options.clock.now());
    connection.say(line);
    return true;
  }

  /** Opens a session with this voice beside the one that serves, and changes over at a turn boundary. */
  setVoice(voice: string): void {
    if (this.#closed || this.#session.voice === voice) return;
    this.#session = { ...this.#session, voice };
    if (!this.#serving) return;
    if (this.#serving.session.voice === voice) this.#dropNext();
    else this.#openNext('voice');
  }

  /** Nobody speaks, nothing is unheard, no tool runs: the caller will not notice a change of sessions. */
  atTurnBoundary(): void {
    this.#turn.boundary();
    this.#swapWhenQuiet();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelRollover();
    this.#dropNext();
    this.#serving?.close();
    this.#serving = undefined;
  }

  get #like(): ModelConnection | undefined {
    return this.#serving?.connection ?? this.#opening?.connection;
  }

  #addText(line: HistoryLine, isHeard: boolean): void {
    if (this.#serving) this.#serving.connection.addText(line);
    else this.#memory.missed(line, isHeard);
  }

  #open(order: readonly number[], session: (index: number) => ModelSession, afterMs = 0): void {
    const { models, input, output, clock, random, settings } = this.#options;
    this.#opening = new ModelOpening({
      ...{ models, order, session, input, output, afterMs, clock, random, settings },
      onReady: (opened) => {
        this.#opening = undefined;
        if (this.#serving) this.#nextReady(opened);
        else this.#serve(opened);
      },
      onRetry: (reason, inMs) => {
        if (!this.#serving) this.#options.onEvent({ type: 'retrying', reason, inMs });
      },
      onGivenUp: (reason, cause) => {
        this.#opening = undefined;
        this.#givenUp(reason, cause);
      },
    });
  }

  #serve(opened: OpenedModel): void {
    const { clock, onEvent } = this.#options;
    const before = this.#brokenOff;
    const greets = this.#hasServed ? undefined : this.#turn.owedAt(clock.now());
    this.#serving = opened;
    this.#sinceMs = clock.now();
    this.#ids.reset();
    this.#brokenOff = undefined;
    this.#turn.reset();
    opened.onEvent = (event) => this.#onModelEvent(event);
    this.#catchUp(opened);
    this.#scheduleRollover(opened);
    if (!this.#hasServed) {
      this.#hasServed = true;
      this.#memory.begin(opened.connection);
      this.#backlog.drain((payload) => this.audio(payload));
      onEvent(opened.ready);
      if (greets) this.respond(greets);
      return;
    }
    if (opened.ready.resumed) this.#memory.correct(opened.connection, before?.wasResponding ?? false);
    else this.#memory.give(opened.connection);
    this.#backlog.drain((payload) => this.audio(payload));
    const { reason = this.#nextReason, wasResponding = false, owed } = before ?? {};
    onEvent({ type: 'switched', reason, wasResponding, ...(owed && { owed }) });
  }

  /** What was changed while the session was being opened. */
  #catchUp({ connection, session }: OpenedModel): void {
    const { instructions, tools, voice } = this.#session;
    const change: SessionChange = {
      ...(instructions !== session.instructions && { instructions }),
      ...(tools !== session.tools && { tools }),
    };
    if (Object.keys(change).length > 0) connection.update(change);
    if (voice !== session.voice) this.#openNext('voice');
  }

  #onModelEvent(event: ModelEvent): void {
    const { onEvent, clock } = this.#options;
    const serving = this.#serving!;
    if (event.type === 'closed') return this.#lostSession(serving, event.reason, event.cause);
    this.#ids.event(event);
    if (event.type === 'audio') {
      const { fromModel } = serving;
      return onEvent(fromModel ? { ...event, payload: fromModel.base64(event.payload) } : event);
    }
    this.#turn.event(event, serving.connection, clock.now());
    onEvent(event);
  }

  #lostSession(lost: OpenedModel, reason: string, cause: ClosedCause): void {
    const { clock, onEvent } = this.#options;
    const nowMs = clock.now();
    const owed = this.#turn.owedAt(nowMs);
    this.#serving = undefined;
    this.#cancelRollover();
    this.#cancelSwap();
    lost.gone();
    this.#brokenOff = { reason: cause, wasResponding: this.#turn.isResponding, ...(owed && { owed }) };
    const resumable = lost.ready.conversationId !== undefined;
    const { order, afterMs } = this.#breaks.broke(lost.index, cause, nowMs - this.#sinceMs, resumable);
    if (this.#next) {
      const next = this.#next;
      this.#next = undefined;
      return this.#serve(next);
    }
    // One that was being opened for the age of this one takes its place; one with another voice may be refused for it.
    if (this.#opening && this.#nextReason === 'expiry') return onEvent({ type: 'retrying', reason, inMs: 0 });
    this.#dropNext();
    if (order.length === 0) return this.#givenUp(reason, cause);
    onEvent({ type: 'retrying', reason, inMs: afterMs });
    let resume = lost.ready.conversationId;
    const session = (index: number): ModelSession => {
      const wanted = { ...this.#session, voice: lost.session.voice, history: [] };
      if (index !== lost.index || resume === undefined) return wanted;
      const resumed = { ...wanted, resume };
      resume = undefined;
      return resumed;
    };
    this.#open(order, session, afterMs);
  }

  #givenUp(reason: string, cause: ClosedCause): void {
    const { onEvent } = this.#options;
    const serving = this.#serving;
    if (!serving) {
      this.close();
      return onEvent({ type: 'lost', reason, cause });
    }
    if (this.#nextReason !== 'voice') return;
    this.#session = { ...this.#session, voice: serving.session.voice };
    onEvent({ type: 'error', code: 'voice_change_failed', message: reason, benign: true });
  }

  #openNext(reason: 'voice' | 'expiry'): void {
    const { index } = this.#serving!;
    this.#dropNext();
    this.#nextReason = reason;
    this.#open([index], () => ({ ...this.#session, history: [] }));
  }

  #nextReady(opened: OpenedModel): void {
    this.#next = opened;
    opened.onEvent = (event) => {
      if (event.type !== 'closed') return;
      this.#next = undefined;
      opened.gone();
      this.#givenUp(event.reason, event.cause);
    };
    this.#swapWhenQuiet();
  }

  #dropNext(): void {
    this.#cancelSwap();
    this.#opening?.cancel();
    this.#opening = undefined;
    this.#next?.close();
    this.#next = undefined;
  }

  #swapWhenQuiet(): void {
    const { clock } = this.#options;
    this.#cancelSwap();
    if (!this.#next || !this.#serving) return;
    const fromMs = this.#turn.quietFromMs(clock.now());
    if (fromMs === undefined) return;
    if (fromMs > clock.now()) {
      this.#cancelSwap = clock.at(fromMs, () => this.#swapWhenQuiet());
      return;
    }
    const next = this.#next;
    this.#next = undefined;
    this.#cancelRollover();
    this.#serving.close();
    this.#serve(next);
  }

  #scheduleRollover({ expiresAtMs }: OpenedModel): void {
    if (expiresAtMs === undefined) return;
    const { clock, settings } = this.#options;
    const leftMs = Math.max(0, expiresAtMs - clock.now());
    const atMs = expiresAtMs - Math.min(settings.rolloverLeadMs, leftMs / 2);
    this.#cancelRollover = clock.at(atMs, () => {
      if (!this.#next && !this.#opening) this.#openNext('expiry');
    });
  }
}
