import { bytesPerMs } from '../audio/format.js';
import type { Carrier, CarrierEncoder, CarrierEvent, CarrierRest } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Random } from '../random.js';
import { Backlog } from './backlog.js';
import { CallLog } from './call-log.js';
import type { CallControl } from './control.js';
import { Conversation } from './conversation.js';
import type { SteeredBy } from './events.js';
import type { LinkSettings } from './model-link-types.js';
import type { CallInfo, CallPlan, PlanCall, Recording } from './plan.js';
import { SIGN_OFF_MS, signOffPayload } from './sign-off.js';
import { Steering } from './steering.js';

/** Why a call ended; the first reason wins. */
export type CallEnd =
  | 'caller'
  | 'hung-up'
  | 'transferred'
  | 'carrier-lost'
  | 'media-silence'
  | 'model-lost'
  | 'max-duration'
  | 'shutdown';

/** The relay's settings that concern one call; see DEFAULTS.relay for meaning and units. */
export interface SessionSettings {
  readonly markEveryMs: number;
  readonly settleTimeoutMs: number;
  readonly heardSlackMs: number;
  readonly backlogMs: number;
  readonly digitPauseMs: number;
  readonly transcriptWaitMs: number;
  readonly goodbyeGraceMs: number;
  readonly link: LinkSettings;
}

export interface SessionOptions {
  readonly carrier: Carrier;
  readonly planCall: PlanCall;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: SessionSettings;
  /** The carrier's account, where there is one: transfers and messages need it. */
  readonly rest?: CarrierRest;
  /** Writes one message to the carrier's socket. */
  readonly send: (message: string) => void;
  /** Everything that `work` sends goes out in one write. */
  readonly inOneWrite: (work: () => void) => void;
  /** Ends the carrier's stream: the call is over on our side. Called once. */
  readonly hangUp: (reason: CallEnd) => void;
}

/**
 * One call, from its `start` to its end, whatever happens between.
 *
 * ```
 * waiting ──start──▶ planning ──plan──▶ talking ──model lost──▶ signing-off ──▶ ended
 *    └──────────────────┴────────────────┴── stop, socket closed, end() ─────────▲
 * ```
 */
export class CallSession {
  readonly #options: SessionOptions;
  readonly #backlog: Backlog;
  #state: 'waiting' | 'planning' | 'talking' | 'signing-off' | 'ended' = 'waiting';
  #encoder: CarrierEncoder | undefined;
  #plan: CallPlan | undefined;
  #call: CallInfo | undefined;
  #events: CallLog | undefined;
  #startedMs = 0;
  #conversation: Conversation | undefined;
  /** Commands that came before there was somebody to carry them out. */
  #early: { readonly work: (conversation: Conversation) => void; readonly tooLate?: () => void }[] = [];
  #cancelTimer: () => void = () => {};

  constructor(options: SessionOptions) {
    const { settings, carrier } = options;
    this.#options = options;
    this.#backlog = new Backlog(settings.backlogMs * bytesPerMs(carrier.input));
  }

  get state(): 'connecting' | 'talking' | 'ending' {
    if (this.#state === 'waiting' || this.#state === 'planning') return 'connecting';
    return this.#state === 'talking' && !this.#conversation?.ending ? 'talking' : 'ending';
  }

  /** What was decided when the call began. */
  get plan(): CallPlan | undefined {
    return this.#plan;
  }

  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** The hands of somebody outside on this call; after `start`. */
  control(by: SteeredBy): CallControl | undefined {
    if (!this.#call || !this.#events) return undefined;
    return new Steering({
      ...{ info: this.#call, by, log: this.#events },
      withConversation: (work, tooLate) => {
        if (this.#state === 'talking' && this.#conversation) work(this.#conversation);
        else if (this.#state === 'planning') this.#early.push({ work, ...(tooLate && { tooLate }) });
        else tooLate?.();
      },
    });
  }

  /** Everything the carrier says, in order. Called per frame; a `media` event leaves in the same call stack. */
  onCarrierEvent(event: CarrierEvent): void {
    switch (event.type) {
      case 'media':
        if (this.#state === 'talking') this.#conversation!.callerAudio(event.payload);
        else if (this.#state === 'planning') this.#backlog.push(event.payload);
        return;
      case 'mark':
        if (event.name === SIGN_OFF_MARK) this.end('model-lost');
        else this.#conversation?.markEchoed(event.name);
        return;
      case 'start':
        if (this.#state === 'waiting') this.#start(event);
        return;
      case 'dtmf':
        if (this.#state === 'talking') this.#conversation!.digit(event.digit);
        return;
      case 'stop':
        this.end(this.#conversation?.transferred ? 'transferred' : 'caller');
        return;
    }
  }

  /** The carrier's socket is gone. */
  onCarrierClosed(): void {
    this.end(this.#conversation?.transferred ? 'transferred' : 'carrier-lost');
  }

  end(reason: CallEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelTimer();
    const dropped = (this.#conversation?.stop() ?? 0) + this.#backlog.dropped;
    for (const { tooLate } of this.#early.splice(0)) tooLate?.();
    if (dropped > 0) this.#options.log.warn('caller audio was lost while no model was ready', { frames: dropped });
    this.#events?.add({ type: 'ended', reason });
    this.#options.hangUp(reason);
  }

  #start({ streamSid, callSid, accountSid, parameters, from, to }: CallInfo): void {
    const { carrier, planCall, log, clock } = this.#options;
    this.#state = 'planning';
    this.#encoder = carrier.stream(streamSid);
    this.#startedMs = clock.now();
    const call: CallInfo = { streamSid, callSid, accountSid, parameters, ...(from && { from }), ...(to && { to }) };
    this.#call = call;
    this.#events = new CallLog({ clock, startedMs: this.#startedMs, callSid, log });
    const refused = (error: Error): void => {
      log.error('no agent can be found for this call', { callSid, reason: error.message });
      if (this.#state === 'planning') this.#signOff();
    };
    try {
      const plan = planCall(call, log);
      if (plan instanceof Promise) plan.then((resolved) => this.#talk(resolved), refused);
      else this.#talk(plan);
    } catch (error) {
      refused(error as Error);
    }
  }

  #talk(plan: CallPlan): void {
    if (this.#state !== 'planning') return;
    const { clock } = this.#options;
    const call = this.#call!;
    const events = this.#events!;
    const { callSid, streamSid } = call;
    this.#plan = plan;
    events.add({ type: 'started', callSid, streamSid, agent: plan.agent, startedAt: new Date().toISOString() });
    this.#conversation = new Conversation({
      ...this.#options,
      ...{ plan, call, events, encoder: this.#encoder!, startedMs: this.#startedMs },
      end: (reason) => this.end(reason),
      modelLost: () => this.#signOff(),
    });
    this.#state = 'talking';
    if (plan.maxCallMs !== undefined) {
      this.#cancelTimer = clock.at(this.#startedMs + plan.maxCallMs, () => this.end('max-duration'));
    }
    this.#backlog.drain((payload) => this.#conversation!.callerAudio(payload));
    for (const { work } of this.#early.splice(0)) work(this.#conversation);
  }

  /** There is no model: the caller hears out what was sent, then an apology or three falling tones, not endless silence. */
  #signOff(): void {
    if (this.#state === 'signing-off') return;
    const { clock, send, carrier } = this.#options;
    this.#state = 'signing-off';
    this.#cancelTimer();
    const unheardMs = this.#conversation?.unheardMs ?? 0;
    const apology: Recording | undefined = this.#plan?.apology;
    const payload = apology?.payload ?? signOffPayload();
    const lastsMs = apology ? (payload.length * 3) / 4 / bytesPerMs(carrier.output) : SIGN_OFF_MS;
    send(this.#encoder!.media(payload));
    send(this.#encoder!.mark(SIGN_OFF_MARK));
    const deadlineMs = clock.now() + unheardMs + lastsMs + SIGN_OFF_GRACE_MS;
    this.#cancelTimer = clock.at(deadlineMs, () => this.end('model-lost'));
  }
}

const SIGN_OFF_MARK = 'vb:sign-off';
/** How long after the last sound should have been played the carrier's echo is waited for. */
const SIGN_OFF_GRACE_MS = 1_000;
