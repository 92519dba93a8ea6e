import { bytesPerMs } from '../audio/format.js';
import { createTranscoder, type Transcoder } from '../audio/transcode.js';
import { isBase64 } from '../carrier/base64.js';
import type { Carrier, CarrierEncoder, CarrierEvent } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { ModelConnection, ModelEvent } from '../model/model.js';
import { AgentAudio } from './agent-audio.js';
import { Backlog } from './backlog.js';
import { type BargeInCause, decideBargeIn } from './barge-in.js';
import { Keypad } from './keypad.js';
import type { CallInfo, CallPlan, PlanCall } from './plan.js';
import type { Truncation } from './playback.js';
import { Responses } from './responses.js';
import { SIGN_OFF_MS, signOffPayload } from './sign-off.js';

/** Why a call ended; the first reason wins. */
export type CallEnd = 'caller' | 'carrier-lost' | 'media-silence' | 'model-lost' | 'max-duration' | 'shutdown';

/** The relay's settings that concern one call; see DEFAULTS.relay for meaning and units. */
export interface SessionSettings {
  readonly markEveryMs: number;
  readonly settleTimeoutMs: number;
  readonly heardSlackMs: number;
  readonly backlogMs: number;
  readonly digitPauseMs: number;
}

export interface SessionOptions {
  readonly carrier: Carrier;
  readonly planCall: PlanCall;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SessionSettings;
  /** Writes one message to the carrier's socket. */
  readonly send: (message: string) => void;
  /** Everything that `work` sends goes out in one write. */
  readonly inOneWrite: (work: () => void) => void;
  /** Ends the carrier's stream: the call is over on our side. Called once. */
  readonly hangUp: (reason: CallEnd) => void;
}

/**
 * One call. It joins its neighbours and holds nothing of theirs: the agent's voice and what was heard of it is
 * `agent-audio`, the decision is `barge-in`, what the model is doing is `responses`, what waits for it is `backlog`.
 *
 * ```
 * waiting ──start──▶ connecting ──model ready──▶ talking ──model lost──▶ signing-off ──▶ ended
 *    └──────────────────────┴────────────────────────┴── stop, socket closed, end() ─────▶
 * ```
 */
export class CallSession {
  readonly #options: SessionOptions;
  readonly #backlog: Backlog;
  readonly #keypad: Keypad;
  readonly #responses = new Responses();
  #state: 'waiting' | 'connecting' | 'talking' | 'signing-off' | 'ended' = 'waiting';
  #plan: CallPlan | undefined;
  #encoder: CarrierEncoder | undefined;
  #model: ModelConnection | undefined;
  #agent: AgentAudio | undefined;
  #fromCaller: Transcoder | undefined;
  #modelReady = false;
  #callerSpeaking = false;
  /** Digits waiting until the model may be asked for a response. */
  #pendingDigits: string[] = [];
  #cancelSignOff: (() => void) | undefined;

  constructor(options: SessionOptions) {
    const { settings, carrier, clock } = options;
    this.#options = options;
    this.#backlog = new Backlog(settings.backlogMs * bytesPerMs(carrier.input));
    this.#keypad = new Keypad(clock, settings.digitPauseMs, (digits) => this.#digitsEntered(digits));
  }

  /** Everything the carrier says, in order. Called per frame; a `media` event leaves in the same call stack. */
  onCarrierEvent(event: CarrierEvent): void {
    switch (event.type) {
      case 'media':
        if (this.#state === 'talking') this.#callerAudio(event.payload);
        else if (this.#state === 'connecting') this.#backlog.push(event.payload);
        return;
      case 'mark':
        if (event.name === SIGN_OFF_MARK) this.end('model-lost');
        else this.#agent?.markEchoed(event.name);
        return;
      case 'start':
        if (this.#state === 'waiting') this.#start(event);
        return;
      case 'dtmf':
        this.#digit(event.digit);
        return;
      case 'stop':
        this.end('caller');
        return;
    }
  }

  /** The carrier's socket is gone. */
  onCarrierClosed(): void {
    this.end('carrier-lost');
  }

  end(reason: CallEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#keypad.stop();
    this.#cancelSignOff?.();
    this.#agent?.stop();
    this.#model?.close();
    this.#fromCaller?.free();
    this.#options.log.info('call ended', { reason, backlogDropped: this.#backlog.dropped || undefined });
    this.#options.hangUp(reason);
  }

  #start(call: CallInfo): void {
    const { carrier, planCall, log } = this.#options;
    this.#state = 'connecting';
    this.#encoder = carrier.stream(call.streamSid);
    const refused = (error: Error): void => {
      log.error('no agent can be found for this call', { reason: error.message });
      this.end('model-lost');
    };
    try {
      const plan = planCall(call, log);
      if (plan instanceof Promise) plan.then((resolved) => this.#connect(resolved), refused);
      else this.#connect(plan);
    } catch (error) {
      refused(error as Error);
    }
  }

  #connect(plan: CallPlan): void {
    if (this.#state !== 'connecting') return;
    const { carrier, log } = this.#options;
    this.#plan = plan;
    const model = plan.models[0](plan.session, (event) => this.#onModelEvent(event));
    this.#model = model;
    Promise.all([createTranscoder(carrier.input, model.input), createTranscoder(model.output, carrier.output)]).then(
      ([fromCaller, toCaller]) => this.#transcodersReady(fromCaller, toCaller),
      (error: Error) => {
        log.error('the audio of this call cannot be transcoded', { reason: error.message });
        this.end('model-lost');
      },
    );
  }

  #transcodersReady(fromCaller: Transcoder, toCaller: Transcoder): void {
    if (this.#state !== 'connecting') {
      fromCaller.free();
      toCaller.free();
      return;
    }
    const { carrier, settings, clock, send, inOneWrite } = this.#options;
    this.#fromCaller = fromCaller;
    this.#agent = new AgentAudio({
      ...{ carrier, settings, clock, send, inOneWrite, transcoder: toCaller, encoder: this.#encoder! },
      onTruncations: (truncations) => this.#truncate(truncations),
    });
    this.#agent.probe();
    this.#startTalking();
  }

  #startTalking(): void {
    if (this.#state !== 'connecting' || !this.#modelReady || !this.#agent) return;
    this.#state = 'talking';
    const waited = this.#backlog.length;
    this.#backlog.drain((payload) => this.#callerAudio(payload));
    this.#options.log.info('model ready', { backlogFrames: waited });
    if (this.#plan?.greeting.by === 'model') this.#respond();
  }

  #callerAudio(payload: string): void {
    this.#model!.audio(this.#fromCaller!.base64(payload));
  }

  #onModelEvent(event: ModelEvent): void {
    if (this.#state === 'ended' || this.#state === 'signing-off') return;
    switch (event.type) {
      case 'audio':
        this.#modelAudio(event);
        return;
      case 'ready':
        this.#modelReady = true;
        this.#startTalking();
        return;
      case 'speech-started':
        this.#callerSpeaking = true;
        this.#interrupt('speech');
        return;
      case 'speech-stopped':
        this.#callerSpeaking = false;
        this.#agent?.probe();
        // The model is about to answer from its memory: what was heard has to be in it by then.
        this.#agent?.settleNow();
        this.#flushDigits();
        return;
      case 'response-started':
        this.#responseStarted(event.responseId);
        return;
      case 'item-done':
        if (!this.#responses.isDead(event.responseId)) this.#agent?.itemDone(event.itemId);
        return;
      case 'response-done':
        for (const itemId of this.#responses.done(event.responseId)) this.#model!.truncate(itemId, 0, 0);
        if (event.status === 'failed') this.#options.log.warn('the model failed to respond');
        this.#flushDigits();
        return;
      case 'error':
        this.#options.log[event.benign ? 'info' : 'warn']('model error', { code: event.code, message: event.message });
        return;
      case 'closed':
        this.#options.log.error('model lost', { reason: event.reason });
        this.#signOff();
        return;
    }
  }

  #modelAudio({ responseId, itemId, contentIndex, payload }: ModelEvent & { type: 'audio' }): void {
    // It is joined into the carrier's message without being quoted again, so it must not be able to end a string.
    if (!this.#agent || !isBase64(payload)) return;
    if (this.#responses.isDead(responseId)) return this.#responses.dropped(responseId, itemId);
    this.#responses.sent(responseId, itemId);
    this.#agent.say({ responseId, itemId, contentIndex }, payload);
  }

  #responseStarted(responseId: string): void {
    this.#responses.started(responseId);
    this.#agent?.probe();
    // It answers what came before the caller began to speak again; heard now, it would talk over them.
    if (this.#callerSpeaking) this.#interrupt('late-response');
  }

  #interrupt(cause: BargeInCause): void {
    const agent = this.#agent;
    const model = this.#model;
    if (!agent || !model) return;
    const steps = decideBargeIn({
      cause,
      unheard: agent.hasUnheard,
      activeResponseId: this.#responses.active,
      interruption: model.interruption,
      modelCancelsOnSpeech: model.cancelsOnSpeech,
    });
    for (const step of steps) {
      switch (step.type) {
        case 'clear': {
          const unheardMs = agent.unheardMs;
          this.#responses.kill(agent.clear());
          this.#options.log.info('interrupted', { cause, unheardMs: Math.round(unheardMs) });
          break;
        }
        case 'cancel':
          model.cancel(step.responseId);
          break;
        case 'drop':
          this.#responses.killActive();
          break;
      }
    }
  }

  #truncate(truncations: readonly Truncation[]): void {
    for (const { itemId, contentIndex, audioEndMs } of truncations) {
      this.#model!.truncate(itemId, contentIndex, audioEndMs);
      this.#options.log.info('truncated', { itemId, heardMs: audioEndMs });
    }
  }

  #digit(digit: string): void {
    if (this.#state !== 'talking') return;
    this.#interrupt('digit');
    this.#keypad.press(digit);
  }

  #digitsEntered(digits: string): void {
    this.#pendingDigits.push(digits);
    this.#flushDigits();
  }

  /** A response may be asked for only while none is being made and the caller is silent. */
  #flushDigits(): void {
    if (this.#pendingDigits.length === 0 || this.#responses.busy || this.#callerSpeaking) return;
    for (const digits of this.#pendingDigits) {
      this.#model!.addText({ role: 'caller', text: `The caller pressed ${digits} on the keypad.` });
    }
    this.#pendingDigits = [];
    this.#respond();
  }

  #respond(): void {
    this.#responses.requested();
    this.#model!.respond();
  }

  /** The model is gone: let the caller hear out what was sent, then three falling tones instead of endless silence. */
  #signOff(): void {
    const { clock, send } = this.#options;
    if (!this.#encoder) return this.end('model-lost');
    this.#state = 'signing-off';
    const unheardMs = this.#agent?.unheardMs ?? 0;
    send(this.#encoder.media(signOffPayload()));
    send(this.#encoder.mark(SIGN_OFF_MARK));
    const deadlineMs = clock.now() + unheardMs + SIGN_OFF_MS + SIGN_OFF_GRACE_MS;
    this.#cancelSignOff = clock.at(deadlineMs, () => this.end('model-lost'));
  }
}

const SIGN_OFF_MARK = 'vb:sign-off';
/** How long after the tones should have been played the carrier's echo is waited for. */
const SIGN_OFF_GRACE_MS = 1_000;
