import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../clock.js';
import { type ApiError, REFUSALS } from './api-error.js';
import type { ModelTraceEvent } from './events.js';
import type { Random } from './random.js';
import { Session, type SessionSettings } from './session.js';
import { VoiceActivity } from './voice-activity.js';

/** As recorded from the live service: 20.26 s. */
const PING_EVERY_MS = 20_260;

/** Close codes of the service. */
const CLOSE = { badKey: 3000, badShape: 4000, expired: 1001 } as const;

interface ConnectionWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly onTrace: (event: ModelTraceEvent) => void;
}

/**
 * One client's socket: lets it in or turns it away, pings it, hands its frames to its session.
 * The service lets every upgrade through and says afterwards, in an event and the close that follows it, what is wrong.
 */
export class Connection {
  /** Absent before it is open, and for a client that was turned away. */
  session: Session | undefined;
  readonly #ws: WebSocket;
  readonly #request: IncomingMessage;
  readonly #settings: Omit<SessionSettings, 'model'> & { readonly key: string | undefined };
  readonly #world: ConnectionWorld;
  /** Frames that came before the session was open. */
  readonly #early: { readonly data: RawData; readonly isBinary: boolean }[] = [];
  #cancelPing: () => void = () => {};
  #cancelExpiry: () => void = () => {};
  /** Resolves when the socket has closed, or `end` was called. */
  readonly ended: Promise<void>;
  #tellEnded!: () => void;
  #hasEnded = false;

  constructor(
    ws: WebSocket,
    request: IncomingMessage,
    settings: Omit<SessionSettings, 'model'> & { readonly key: string | undefined },
    world: ConnectionWorld,
  ) {
    this.#ws = ws;
    this.#request = request;
    this.#settings = settings;
    this.#world = world;
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    ws.on('message', this.#onMessage);
    ws.on('close', this.#onClose);
    // A client that breaks the WebSocket protocol or sends too much is closed by ws with the code for it.
    ws.on('error', () => {});
    // ws answers a client's close by calling close() itself; a server that ignores it must not.
    if (settings.faults.ignoreClose) ws.close = () => {};
  }

  open(resampler: Resampler): void {
    const { clock, random } = this.#world;
    if (this.#ws.readyState !== this.#ws.OPEN || this.#settings.faults.silent === 'session') return resampler.free();
    const refusal = this.#refusal();
    if (refusal) {
      resampler.free();
      return this.#turnAway(refusal);
    }
    const model = requestUrl(this.#request)?.searchParams.get('model') ?? 'gpt-realtime';
    const session = new Session(
      { ...this.#settings, model },
      {
        clock,
        random,
        resampler,
        detector: ({ silenceDurationMs, threshold }) =>
          new VoiceActivity({ rate: 8000, silenceDurationMs, overFloorDb: overFloorDb(threshold) }),
        write: (text) => {
          if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(text);
        },
        drop: (code) => this.drop(code),
        trace: (event) =>
          this.#world.onTrace({ ...event, atMs: clock.now(), sessionId: session.id } as ModelTraceEvent),
      },
    );
    this.session = session;
    session.open();
    this.#ping();
    this.#cancelExpiry = clock.at(clock.now() + this.#settings.maxSessionMs, () => {
      session.refuse(REFUSALS.sessionExpired());
      this.#ws.close(CLOSE.expired, 'session_expired');
    });
    for (const { data, isBinary } of this.#early.splice(0)) this.#onMessage(data, isBinary);
  }

  /** Ends the connection: with a close frame when there is a code, else as a cable does that is pulled. */
  drop(code?: number): void {
    if (code === undefined) this.#ws.terminate();
    else this.#ws.close(code);
  }

  /** As if its socket had closed, for one that cannot be waited for any longer. */
  end(): void {
    this.#ws.terminate();
    this.#onClose(1006);
  }

  #refusal(): ApiError | undefined {
    const { headers } = this.#request;
    const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (headers['openai-beta'] !== undefined || protocols.includes('openai-beta.realtime-v1'))
      return REFUSALS.betaShape();
    if (this.#settings.key === undefined) return undefined;
    const fromBrowser = protocols.find((name) => name.startsWith('openai-insecure-api-key.'));
    const key = fromBrowser?.slice(fromBrowser.indexOf('.') + 1) ?? headers.authorization?.match(/^Bearer (.*)$/i)?.[1];
    if (key === undefined) return REFUSALS.missingKey();
    // Of a wrong key only so much is repeated as tells its owner which one it was.
    return key === this.#settings.key ? undefined : REFUSALS.invalidKey(`${key.slice(0, 4)}***`);
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
      if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
      this.#ping();
    });
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    if (!this.session) {
      if (this.#early.length < 1000) this.#early.push({ data, isBinary });
      return;
    }
    if (isBinary) this.session.refuse(REFUSALS.binaryFrame());
    else this.session.receive(data.toString());
  };

  readonly #onClose = (code: number): void => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#tellEnded();
    this.#cancelPing();
    this.#cancelExpiry();
    if (!this.session) return;
    this.session.close();
    this.#world.onTrace({ type: 'closed', atMs: this.#world.clock.now(), sessionId: this.session.id, code });
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
