import { bytesPerMs } from '../audio/format.js';
import { identityTranscoder } from '../audio/transcode.js';
import { isBase64 } from '../carrier/base64.js';
import type { Carrier, CarrierEncoder } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { ModelConnection, ModelEvent } from '../model/model.js';
import { AgentAudio } from './agent-audio.js';
import { type BargeInCause, decideBargeIn } from './barge-in.js';
import type { AgentOfTurns } from './caller-turns.js';
import type { CallEventBody } from './events.js';
import type { ItemHeard } from './heard.js';
import { heardOnly } from './model-memory.js';
import { base64Bytes } from './pieces.js';
import type { Truncation } from './playback.js';
import { Responses } from './responses.js';
import type { Transcript } from './transcript.js';

export interface AgentVoiceOptions {
  readonly carrier: Carrier;
  readonly encoder: CarrierEncoder;
  readonly clock: Clock;
  /** When the stream started, on the clock. */
  readonly startedMs: number;
  readonly log: Log;
  readonly settings: { readonly markEveryMs: number; readonly settleTimeoutMs: number; readonly heardSlackMs: number };
  readonly reversible: boolean;
  readonly send: (message: string) => void;
  readonly inOneWrite: (work: () => void) => void;
  /** What the model is told when the caller has interrupted. */
  readonly model: Pick<ModelConnection, 'interruption' | 'cancelsOnSpeech' | 'cancel' | 'truncate' | 'addText'>;
  readonly transcript: Transcript;
  readonly onEvent: (event: CallEventBody) => void;
  /** Something was played to its end. */
  readonly onPlayed: (item: ItemHeard) => void;
  /** The agent was stopped for good, or kept from beginning. */
  readonly onInterrupted: () => void;
  /** An interruption was none: the agent goes on. */
  readonly onResumed: () => void;
}

/**
 * What the agent says: which responses are alive, their audio on its way to the caller, and what the model and the
 * transcript are told of how much of it was heard.
 */
export class AgentVoice implements AgentOfTurns {
  readonly responses = new Responses();
  readonly audio: AgentAudio;
  readonly #options: AgentVoiceOptions;
  /** Recorded lines that may be unheard, and whether the model knows of them already, as if they had been heard. */
  readonly #recorded = new Map<string, { readonly text: string; told: boolean }>();
  readonly #bytesPerMs: number;
  #locals = 0;
  #muted = false;
  #protectsNext = false;

  constructor(options: AgentVoiceOptions) {
    const { carrier, encoder, clock, settings, reversible, send, inOneWrite } = options;
    this.#options = options;
    this.#bytesPerMs = bytesPerMs(carrier.output);
    this.audio = new AgentAudio({
      ...{ carrier, encoder, clock, settings, reversible, send, inOneWrite },
      transcoder: identityTranscoder(carrier.output),
      onTruncations: (truncations) => this.#truncate(truncations),
      onHeard: (items) => this.#heard(items),
      onPlayed: (item) => this.#played(item),
    });
  }

  /** A response is being made or was asked for, or something of one may be unheard. */
  get busy(): boolean {
    return this.responses.busy || this.audio.hasUnheard;
  }

  get protectedMs(): number {
    return this.audio.protectedMs;
  }

  get held(): boolean {
    return this.audio.held;
  }

  hold(): boolean {
    return this.audio.hold();
  }

  resume(sound: 'noise' | 'backchannel'): void {
    const resumedMs = Math.round(this.audio.resume());
    this.#options.transcript.postponed(resumedMs);
    this.#options.onEvent({ type: 'resumed', sound, resumedMs });
    this.#options.onResumed();
  }

  /** One delta, already in the carrier's format. Called per delta. */
  say({ responseId, itemId, contentIndex, payload }: ModelEvent & { type: 'audio' }): void {
    // It is joined into the carrier's message without being quoted again, so it must not be able to end a string.
    if (!isBase64(payload)) return;
    const { transcript } = this.#options;
    const ms = base64Bytes(payload) / this.#bytesPerMs;
    if (this.responses.isDead(responseId)) {
      transcript.audioDropped(itemId, ms);
      return this.responses.dropped(responseId, itemId);
    }
    this.responses.sent(responseId, itemId);
    transcript.agentAudio(itemId, ms, this.#atMs);
    this.audio.say({ responseId, itemId, contentIndex }, payload);
  }

  /** A line of our own; `text` is empty when nothing is said in it. */
  sayLocal(
    kind: 'greeting' | 'filler' | 'apology',
    payload: string,
    text: string,
    options: { interruptible?: boolean; filler?: boolean } = {},
  ): void {
    if (this.#muted) return;
    this.#locals += 1;
    const name = `${kind} ${this.#locals}`;
    if (text !== '') {
      // What stands will be heard, and what the caller says meanwhile may be about it.
      const told = options.interruptible === false;
      if (told) this.#options.model.addText({ role: 'agent', text });
      this.#recorded.set(name, { text, told });
      this.#options.transcript.local(name, text, base64Bytes(payload) / this.#bytesPerMs, this.#atMs);
    }
    this.audio.sayLocal(name, payload, options);
  }

  /** The response that begins next is not stopped by the caller's voice. */
  protectNext(): void {
    this.#protectsNext = true;
  }

  responseStarted(responseId: string): void {
    this.responses.started(responseId);
    if (this.#protectsNext) this.audio.protect(responseId);
    this.#protectsNext = false;
    this.audio.probe();
    if (this.#muted) this.interrupt('operator');
  }

  itemDone(responseId: string, itemId: string): void {
    const dead = this.responses.isDead(responseId);
    if (!dead) this.audio.itemDone(itemId);
    this.#options.transcript.itemDone(itemId, !dead);
  }

  responseDone(responseId: string): void {
    for (const itemId of this.responses.done(responseId)) this.#options.model.truncate(itemId, 0, 0);
    this.audio.unprotect(responseId);
  }

  /** Nothing that is said from now on is heard, until it is unmuted; what is being said has to be interrupted. */
  mute(muted: boolean): void {
    this.#muted = muted;
  }

  /** Silences the agent for good, if there is anything to silence. */
  interrupt(cause: BargeInCause): void {
    const { audio, responses } = this;
    const { model, onEvent, onInterrupted } = this.#options;
    const steps = decideBargeIn({
      cause,
      unheard: audio.hasUnheard,
      activeResponseId: responses.active,
      interruption: model.interruption,
      modelCancelsOnSpeech: model.cancelsOnSpeech,
    });
    for (const step of steps) {
      switch (step.type) {
        case 'clear': {
          const unheardMs = Math.round(audio.unheardMs);
          responses.kill(audio.clear());
          onEvent({ type: 'interrupted', cause, unheardMs });
          break;
        }
        case 'cancel':
          model.cancel(step.responseId);
          break;
        case 'drop':
          responses.killActive();
          break;
      }
    }
    if (steps.length > 0) onInterrupted();
  }

  /**
   * The model's session is gone: nothing more comes of what it was saying, and what was sent of it is played. The next one
   * was told so.
   */
  sessionEnded(): void {
    this.responses.killAll();
    this.audio.unprotect();
    for (const line of this.#recorded.values()) line.told = true;
    for (const { itemId, done, local } of this.audio.heard) {
      if (done || local) continue;
      this.audio.itemDone(itemId);
      this.#options.transcript.itemDone(itemId, false);
    }
  }

  stop(): void {
    const heard = new Map(this.audio.heard.map((item) => [item.itemId, item.heardMs]));
    this.#options.transcript.end((itemId) => heard.get(itemId), this.#atMs);
    this.audio.stop();
  }

  get #atMs(): number {
    return this.#options.clock.now() - this.#options.startedMs;
  }

  #truncate(truncations: readonly Truncation[]): void {
    const { model, log } = this.#options;
    for (const { itemId, contentIndex, audioEndMs } of truncations) {
      model.truncate(itemId, contentIndex, audioEndMs);
      log.info('truncated', { itemId, heardMs: audioEndMs });
    }
  }

  #heard(items: readonly ItemHeard[]): void {
    for (const { itemId, heardMs, audioMs, done } of items) {
      if (done && heardMs >= audioMs) this.#options.transcript.played(itemId, this.#atMs);
      else this.#options.transcript.heard(itemId, heardMs, audioMs, this.#atMs);
      this.#tellRecorded(itemId, heardMs / audioMs);
    }
  }

  #played(item: ItemHeard): void {
    const { itemId } = item;
    this.#options.transcript.played(itemId, this.#atMs);
    this.#tellRecorded(itemId, 1);
    this.#options.onPlayed(item);
  }

  /** The model has not said it, and must know of it: what the caller asks next may be about it. */
  #tellRecorded(name: string, share: number): void {
    const line = this.#recorded.get(name);
    if (line === undefined) return;
    this.#recorded.delete(name);
    const { text, told } = line;
    const words = text.split(/\s+/);
    const heard = share >= 1 ? text : words.slice(0, Math.floor(words.length * share)).join(' ');
    if (told && heard !== text) this.#options.model.addText(heardOnly(heard));
    else if (!told && heard !== '') this.#options.model.addText({ role: 'agent', text: heard });
  }
}
