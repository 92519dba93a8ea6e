import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../clock.js';
import { type ApiError, REFUSALS } from './api-error.js';
import { betaFrame, gaFrame, isBetaUpdate } from './beta-shape.js';
import type { Conversation } from './conversation.js';
import type { ModelTraceEvent } from './events.js';
import { LastingView } from './memory.js';
import type { Random } from './random.js';
import { Session, type SessionSettings } from './session.js';
import { VoiceActivity } from './voice-activity.js';

/** As recorded from the live service: 20.26 s. */
const PING_EVERY_MS = 20_260;

/** Close codes of the service. */
const CLOSE = { badKey: 3000, badShape: 4000, expired: 1001 } as const;

export type ConnectionSettings = Omit<SessionSettings, 'model'> & {
  readonly key: string | undefined;
  /** Whether clients of the dead beta API are served in their own shape. */
  readonly beta: 'refuse' | 'accept';
};

interface ConnectionWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly onTrace: (event: ModelTraceEvent) => void;
  /** The conversation that a client wants to go on with, if it is still kept. */
  readonly resume: (conversationId: string) => Conversation | undefined;
  /** A session is over whose conversation another may go on with. */
  readonly keep: (conversation: Conversation) => void;
}

/**
 * One client's socket: lets it in or turns it away, pings it, hands its frames to its session.
 * The service lets every upgrade through and says afterwards, in an event and the close that follows it, what is wrong.
 */
export class Connection {
  /** Absent before it is open, when it is over, and for a client that was turned away. */
  session: Session | undefined;
  /** For tests to look at. */
  view: LastingView | undefined;
  readonly #ws: WebSocket;
  readonly #request: IncomingMessage;
  readonly #settings: ConnectionSettings;
  readonly #world: ConnectionWorld;
  /** Frames that came before the session was open. */
  readonly #early: { readonly data: RawData; readonly isBinary: boolean }[] = [];
  readonly #timers: (() => void)[] = [];
  #cancelPing: () => void = () => {};
  /** The client speaks the beta's shape, and is let to. */
  #isBeta = false;
  /** The fault after which it neither speaks nor answers a ping. */
  #hangs = false;
  /** Resolves when the socket has closed, or `end` was called. */
  readonly ended: Promise<void>;
  #tellEnded!: () => void;
  #hasEnded = false;

  constructor(ws: WebSocket, request: IncomingMessage, settings: ConnectionSettings, world: ConnectionWorld) {
    this.#ws = ws;
    this.#request = request;
    this.#settings = settings;
    this.#world = world;
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    ws.on('message', this.#onMessage);
    ws.on('close', this.#onClose);
    ws.on('ping', this.#onPing);
    // A client that breaks the WebSocket protocol or sends too much is closed by ws with the code for it.
    ws.on('error', () => {});
    // ws answers a client's close by calling close() itself; a server that ignores it must not.
    if (settings.faults.ignoreClose) ws.close = () => {};
  }

  open(resampler: Resampler): void {
    const { clock, random } = this.#world;
    const { faults, maxSessionMs, dialect } = this.#settings;
    if (this.#ws.readyState !== this.#ws.OPEN || faults.silent === 'session') return resampler.free();
    const query = requestUrl(this.#request)?.searchParams;
    const model = query?.get('model') ?? 'gpt-realtime';
    const refusal = this.#refusal(model);
    if (refusal) {
      resampler.free();
      return this.#turnAway(refusal);
    }
    const conversationId = dialect.resumes ? query?.get('conversation_id') : undefined;
    const session = new Session(
      { ...this.#settings, model },
      {
        clock,
        random,
        resampler,
        detector: ({ silenceDurationMs, threshold }) =>
          new VoiceActivity({ rate: 8000, silenceDurationMs, overFloorDb: overFloorDb(threshold) }),
        write: (text) => this.#write(text),
        drop: (code) => this.drop(code),
        expire: () => this.#expire(),
        trace: (event) =>
          this.#world.onTrace({ ...event, atMs: clock.now(), sessionId: session.id } as ModelTraceEvent),
      },
      conversationId ? this.#world.resume(conversationId) : undefined,
    );
    this.session = session;
    this.view = new LastingView(session.id, this.#settings.number, () => session.memory());
    if (this.#asksForBeta) this.#speakBeta('header');
    session.open();
    this.#ping();
    this.#after(Math.min(faults.expiresAfterMs ?? maxSessionMs, maxSessionMs), () => this.#expire());
    this.#after(faults.hangsAfterMs, () => {
      this.#hangs = true;
    });
    this.#after(faults.dropAfter?.ms, () => this.drop(faults.dropAfter?.code));
    for (const { data, isBinary } of this.#early.splice(0)) this.#onMessage(data, isBinary);
  }

  /** Ends the connection: with a close frame when there is a code, else with a reset. */
  drop(code?: number): void {
    if (code !== undefined) return this.#ws.close(code);
    // What ws has not written yet is lost with it, as it is when a network breaks.
    this.#request.socket.resetAndDestroy();
    this.#ws.terminate();
  }

  /** As if its socket had closed, for one that cannot be waited for any longer. */
  end(): void {
    this.#ws.terminate();
    this.#onClose(1006);
  }

  #write(text: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN || this.#hangs) return;
    const shaped = this.#isBeta ? betaFrame(text) : text;
    if (shaped !== undefined) this.#ws.send(shaped);
  }

  #after(ms: number | undefined, act: () => void): void {
    if (ms !== undefined) this.#timers.push(this.#world.clock.at(this.#world.clock.now() + ms, act));
  }

  #expire(): void {
    this.session?.refuse(REFUSALS.sessionExpired());
    this.#ws.close(CLOSE.expired, 'session_expired');
  }

  #refusal(model: string): ApiError | undefined {
    const { headers } = this.#request;
    const { dialect, faults, key } = this.#settings;
    if (this.#asksForBeta && this.#settings.beta === 'refuse') return REFUSALS.betaShape();
    const given = dialect.keyOf(headers);
    // Of a wrong key only so much is repeated as tells its owner which one it was.
    const wrongKey = (text: string) => REFUSALS.invalidKey(`${text.slice(0, 4)}***`);
    if (faults.error === 'invalid_api_key') return wrongKey(given ?? '');
    if (faults.error === 'insufficient_quota') return REFUSALS.quota();
    if (faults.error === 'model_not_found') return REFUSALS.modelUnknown(model);
    if (key === undefined) return undefined;
    if (given === undefined) return REFUSALS.missingKey();
    return given === key ? undefined : wrongKey(given);
  }

  get #asksForBeta(): boolean {
    const { headers } = this.#request;
    const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    return headers['openai-beta'] !== undefined || protocols.includes('openai-beta.realtime-v1');
  }

  #speakBeta(by: 'header' | 'event'): void {
    this.#isBeta = true;
    const { clock, onTrace } = this.#world;
    onTrace({ type: 'beta-shape', atMs: clock.now(), sessionId: this.session!.id, by });
  }

  #turnAway(refusal: ApiError): void {
    const { type, code, message, param } = refusal;
    const { clock, random, onTrace } = this.#world;
    const sessionId = random.id('sess');
    onTrace({ type: 'error', atMs: clock.now(), sessionId, code: code ?? '', message });
    const error = { type, code, message, param, event_id: null };
    this.#ws.send(JSON.stringify({ type: 'error', event_id: random.id('event'), error }));
    const isAboutKey = code === null || code === 'invalid_api_key';
    this.#ws.close(isAboutKey ? CLOSE.badKey : CLOSE.badShape, code === null ? type : `${type}.${code}`);
  }

  #ping(): void {
    const { clock } = this.#world;
    this.#cancelPing = clock.at(clock.now() + PING_EVERY_MS, () => {
      if (this.#ws.readyState === this.#ws.OPEN && !this.#hangs) this.#ws.ping();
      this.#ping();
    });
  }

  readonly #onPing = (data: Buffer): void => {
    if (this.#settings.faults.ignorePings || this.#hangs || this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.pong(data);
  };

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    if (!this.session) {
      if (this.#early.length < 1000) this.#early.push({ data, isBinary });
      return;
    }
    if (isBinary) return this.session.refuse(REFUSALS.binaryFrame());
    const frame = data.toString();
    if (this.#settings.beta === 'accept' && !this.#isBeta && isBetaUpdate(frame)) this.#speakBeta('event');
    this.session.receive(this.#isBeta ? gaFrame(frame) : frame);
  };

  readonly #onClose = (code: number): void => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#tellEnded();
    this.#cancelPing();
    for (const cancel of this.#timers) cancel();
    const { session } = this;
    if (!session) return;
    this.view?.close();
    if (session.isResumable) this.#world.keep(session.conversation);
    session.close();
    this.session = undefined;
    this.#world.onTrace({ type: 'closed', atMs: this.#world.clock.now(), sessionId: session.id, code });
  };
}

/** What a client asked for, or undefined for what is no address at all. */
export function requestUrl(request: IncomingMessage): URL | undefined {
  const address = `ws://model${request.url ?? '/'}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}

/** The service's threshold, 0 to 1, as decibels over the background: 0.5, its default, is the detector's default of 9. */
function overFloorDb(threshold: number): number {
  return 3 + 12 * threshold;
}
