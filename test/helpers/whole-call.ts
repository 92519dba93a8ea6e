import { type AudioFormat, PCMU_8K } from '../../src/audio/format.js';
import type { CallControl } from '../../src/call/control.js';
import type { CallEvent } from '../../src/call/events.js';
import { type CallPlan, oneAgent, type PlanCall, type Recording } from '../../src/call/plan.js';
import { type CallEnd, CallSession, type SessionSettings } from '../../src/call/session.js';
import { readArguments } from '../../src/call/tools/arguments.js';
import type { Tool, ToolResult } from '../../src/call/tools/tool.js';
import type { CarrierRest } from '../../src/carrier/carrier.js';
import { twilioCarrier } from '../../src/carrier/twilio.js';
import { lineLog } from '../../src/log.js';
import type { ModelSession, TurnDetection } from '../../src/model/model.js';
import { plainSession } from '../../src/model/model.js';
import { DEFAULTS } from '../../src/options.js';
import { Playout } from '../../src/simulator/phone/playout.js';
import type { ScriptedModel } from './scripted-model.js';
import { ScriptedSessions } from './scripted-models.js';
import { VirtualClock } from './virtual-clock.js';

// What checks the arguments of tools is loaded with the first of them, which takes real time.
await readArguments({ type: 'object' }, '{}');

const SETTINGS: SessionSettings = { ...DEFAULTS.relay, link: { ...DEFAULTS.model, backlogMs: 10_000 } };

export const CALL_SID = 'CA0';
const STREAM_SID = 'MZ0';
/** What a muted caller, a pause, or the silence inside our own tones is made of. */
const SILENCE = 0xff;

export interface WholeCallOptions extends Partial<Omit<CallPlan, 'session'>> {
  readonly session?: Partial<Omit<ModelSession, 'turnDetection'>> & { readonly turnDetection?: Partial<TurnDetection> };
  readonly planCall?: PlanCall;
  /** The model's formats. */
  readonly format?: AudioFormat;
  readonly rest?: CarrierRest;
  /** From the relay to the carrier, and back. */
  readonly delayMs?: readonly [number, number];
  /** The clock of another call, which goes on beside this one. */
  readonly clock?: VirtualClock;
}

/**
 * A whole call in virtual time: the session, a model that the test plays, and a carrier that plays what it is sent and
 * sends its marks back. Every item of the agent's audio has a byte of its own, so that it is known what was heard.
 */
export class WholeCall {
  readonly clock: VirtualClock;
  readonly sessions: ScriptedSessions;
  readonly session: CallSession;
  readonly ends: CallEnd[] = [];
  /** What went to the carrier, without marks: `media a 798`, `clear`. */
  readonly sent: string[] = [];
  /** The relay's log. */
  readonly lines: string[] = [];
  readonly #playout: Playout;
  readonly #delayMs: readonly [number, number];
  #heard: { name: string; bytes: number }[] = [];
  #cancelWake: (() => void) | undefined;
  #told = new Map<ScriptedModel, number>();

  constructor(options: WholeCallOptions = {}) {
    const { session = {}, planCall, format = PCMU_8K, rest, delayMs = [0, 0], clock, ...plan } = options;
    this.clock = clock ?? new VirtualClock(5_000);
    this.sessions = new ScriptedSessions(format);
    this.#delayMs = delayMs;
    const plain = plainSession('Be brief.', 'marin');
    const turnDetection = { ...plain.turnDetection, silenceMs: 500, ...session.turnDetection };
    this.#playout = new Playout({
      clearDelayMs: 0,
      maxBufferedBytes: 4_800_000,
      onHeard: (bytes) => this.#hear(bytes),
      onEvent: (event) => {
        if (event.type !== 'mark') return;
        const { name } = event;
        this.clock.at(this.clock.now() + delayMs[1], () => this.session.onCarrierEvent({ type: 'mark', name }));
      },
    });
    this.session = new CallSession({
      carrier: twilioCarrier,
      planCall:
        planCall ??
        oneAgent(this.sessions.open, {
          greeting: { by: 'none', interruptible: true },
          session: { ...plain, ...session, turnDetection },
          ...plan,
        }),
      clock: this.clock,
      random: () => 0.5,
      log: lineLog((line) => this.lines.push(line)),
      settings: SETTINGS,
      ...(rest && { rest }),
      send: (text) => this.#send(JSON.parse(text)),
      inOneWrite: (work) => work(),
      hangUp: (reason) => {
        this.ends.push(reason);
        this.#cancelWake?.();
      },
    });
  }

  get model(): ScriptedModel {
    return this.sessions.last;
  }

  /** The hands of an operator. */
  get operator(): CallControl {
    return this.session.control('operator')!;
  }

  /** What has happened, as whoever may read the call is told. */
  get events(): CallEvent[] {
    const events: CallEvent[] = [];
    this.operator.listen((event) => events.push(event))();
    return events;
  }

  /** Events of one kind, without their time. */
  eventsOf(type: CallEvent['type']): object[] {
    return this.events.filter((event) => event.type === type).map(({ atMs: _at, type: _type, ...event }) => event);
  }

  start(): this {
    this.session.onCarrierEvent({
      ...{ type: 'start', streamSid: STREAM_SID, callSid: CALL_SID, accountSid: 'AC0', parameters: {} },
    });
    return this;
  }

  /** Started, and the model is ready. */
  async talk(): Promise<this> {
    this.start();
    await turn();
    this.model.emit({ type: 'ready' });
    return this;
  }

  /** Time goes by, and promises are kept. */
  async pass(ms: number): Promise<void> {
    const toMs = this.clock.now() + ms;
    this.clock.advance(0);
    await turn();
    while (this.clock.now() < toMs) {
      this.clock.advanceTo(Math.min(toMs, this.clock.now() + STEP_MS));
      this.#playout.advance(this.clock.now());
      await turn();
    }
    this.clock.advance(0);
    await turn();
  }

  /** `ms` of an item, in one delta. */
  audio(responseId: string, itemId: string, ms: number): void {
    this.model.emit({ type: 'audio', responseId, itemId, contentIndex: 0, payload: sound(itemId, ms) });
  }

  text(responseId: string, itemId: string, delta: string): void {
    this.model.emit({ type: 'agent-text', responseId, itemId, contentIndex: 0, delta });
  }

  /** A response of one item: begun, its text and audio; not done. */
  says(responseId: string, itemId: string, ms: number, text = ''): void {
    this.model.starts(responseId);
    if (text !== '') this.text(responseId, itemId, text);
    this.audio(responseId, itemId, ms);
  }

  /** A whole response of one item. */
  answers(responseId: string, itemId: string, ms: number, text = ''): void {
    this.says(responseId, itemId, ms, text);
    this.finishes(responseId, itemId);
  }

  finishes(responseId: string, itemId: string): void {
    this.model.emit({ type: 'item-done', responseId, itemId });
    this.model.ends(responseId);
  }

  /** The caller speaks for so long, by the model's word. */
  async speaks(itemId: string, ms: number): Promise<void> {
    this.model.hearsSpeech(itemId);
    await this.pass(ms);
    this.model.hearsSilence(itemId);
  }

  press(digit: string): void {
    this.session.onCarrierEvent({ type: 'dtmf', digit });
  }

  media(payload: string): void {
    this.session.onCarrierEvent({ type: 'media', payload, track: 'inbound', timestampMs: 0 });
  }

  stops(): void {
    this.session.onCarrierEvent({ type: 'stop' });
  }

  /** What was heard since the last look, in order: `a 700`; the sounds of our own without a name are `tone`. */
  ear(): string[] {
    this.#playout.advance(this.clock.now());
    const heard = this.#heard;
    this.#heard = [];
    return heard.map(({ name, bytes }) => `${name} ${Math.round(bytes / 8)}`);
  }

  /** What a session of the model was told since the last look, but the caller's audio. */
  told(model = this.model): string[] {
    const from = this.#told.get(model) ?? 0;
    this.#told.set(model, model.said.length);
    return model.said.slice(from).filter((line) => !line.startsWith('audio '));
  }

  #hear(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const name = names[byte - 1] ?? 'tone';
      const last = this.#heard.at(-1);
      if (last?.name === name) last.bytes += 1;
      else this.#heard.push({ name, bytes: 1 });
    }
  }

  #send(message: { event: string; streamSid: string; media: { payload: string }; mark: { name: string } }): void {
    if (message.streamSid !== STREAM_SID) throw new Error(`sent to ${message.streamSid}`);
    const { event } = message;
    if (event === 'media') {
      const bytes = Buffer.from(message.media.payload, 'base64');
      const plain = bytes.every((byte) => byte === bytes[0]) && bytes[0] !== SILENCE;
      this.sent.push(`media ${plain ? names[bytes[0]! - 1] : 'tone'} ${bytes.length}`);
      // What we make ourselves is heard as a tone, whatever its samples are.
      this.#down(() => this.#playout.media(this.clock.now(), plain ? bytes : bytes.fill(SILENCE)));
    } else if (event === 'mark') this.#down(() => this.#playout.mark(this.clock.now(), message.mark.name));
    else {
      this.sent.push(event);
      this.#down(() => this.#playout.clear(this.clock.now()));
    }
  }

  #down(act: () => void): void {
    this.clock.at(this.clock.now() + this.#delayMs[0], () => {
      act();
      this.#wake();
    });
  }

  /** The playout tells of a mark when it is asked: it is asked when the next one is due. */
  #wake(): void {
    this.#cancelWake?.();
    if (this.ends.length > 0) return;
    const nextMs = this.#playout.nextMs();
    if (nextMs === undefined) return;
    this.#cancelWake = this.clock.at(nextMs, () => {
      this.#playout.advance(this.clock.now());
      this.#wake();
    });
  }
}

/** Nothing of a test takes less, but what is planned for a certain moment: that comes then. */
const STEP_MS = 50;

/** Lets promises that are already settled run on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const names: string[] = [];

/** `ms` of µ-law that is known by its byte wherever it is heard. */
export function sound(name: string, ms: number): string {
  let number = names.indexOf(name);
  if (number < 0) number = names.push(name) - 1;
  return Buffer.alloc(ms * 8, number + 1).toString('base64');
}

/** Something that is played without the model. */
export function recording(name: string, ms: number, text: string): Recording {
  return { payload: sound(name, ms), text };
}

/** A tool that takes so long. */
export function slowTool(clock: VirtualClock, name: string, ms: number, more: Partial<Tool> = {}): Tool {
  return {
    declaration: { name, description: name, parameters: { type: 'object' } },
    timeoutMs: 60_000,
    run: () =>
      new Promise<ToolResult>((resolve) => {
        clock.at(clock.now() + ms, () => resolve({ output: `${name} done` }));
      }),
    ...more,
  };
}
