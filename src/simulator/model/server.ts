import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { createResampler, loadResampler } from '../../audio/resample.js';
import { type Clock, systemClock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { Connection, requestUrl } from './connection.js';
import { DIALECTS, type Dialect } from './dialect.js';
import type { ModelTraceEvent } from './events.js';
import { faultsOf, type ModelFaults } from './faults.js';
import { Keep } from './keep.js';
import type { SessionView } from './memory.js';
import { Random } from './random.js';
import type { ModelScript } from './script/file.js';
import type { CallerWords } from './transcripts.js';
import { refusalOf, refuseUpgrade } from './upgrade.js';
import type { Voice } from './voice.js';

const GOING_AWAY = 1001;
/** How long clients have to answer the closing of the model. */
const CLOSE_GRACE_MS = 100;
/** Sessions that are over and can still be looked at. */
const KEPT_SESSIONS = 1000;

export interface SimulatedModelOptions {
  readonly clock?: Clock;
  readonly host?: string;
  /** 0 (the default): any free port. */
  readonly port?: number;
  /** From the decision that the caller has finished to the first byte of the answer. */
  readonly thinkMs?: number;
  /** Audio is sent between so many and so many times faster than it plays. */
  readonly speed?: readonly [number, number];
  /** Ids, chunk sizes, paces and noise repeat with it. */
  readonly seed?: number;
  /** Without one, the voice that comes with the package. */
  readonly voice?: Voice;
  /** `silence_duration_ms` of a session that does not say. */
  readonly silenceDurationMs?: number;
  /** When given, a client that brings another bearer token is refused as the service refuses it: `invalid_api_key`, close 3000. */
  readonly key?: string;
  /** The WebSocket handshake is answered so much later. */
  readonly connectDelayMs?: number;
  /** A session ends after so long with `session_expired` and close 1001. */
  readonly maxSessionMs?: number;
  readonly faults?: ModelFaults;
  /** What it says and how it misbehaves: a path, or `parseModelScript(text)`. Other options given here overrule it. */
  readonly script?: ModelScript | string;
  /** Whose server it is; `openai` when neither this nor the script says. */
  readonly dialect?: Dialect['name'];
  /** What the caller says, turn by turn, for transcripts and the script's `hears`. Overrules the script's. */
  readonly callerWords?: CallerWords;
  /** Clients of the beta API, dead since May 2026: turned away as the service does, or served in their own shape. */
  readonly beta?: 'refuse' | 'accept';
  readonly onTrace?: (event: ModelTraceEvent) => void;
}

/** A running model. */
export interface SimulatedModel extends AsyncDisposable {
  /** `ws://127.0.0.1:port/v1/realtime`; Azure's path is another, and wants `?model=` behind it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Sessions that are open now. */
  readonly sessions: readonly SessionView[];
  /** Every session there was, open or over, the oldest first; of the last thousand. */
  readonly allSessions: readonly SessionView[];
  /** Tells of everything the model does from now on, until the returned function is called. */
  listen(listener: (event: ModelTraceEvent) => void): () => void;
  /** Every answer under way pauses for so long. */
  stall(forMs: number): void;
  /** Cuts every connection without a word. */
  dropAll(): void;
  /** Ends everything; resolves when the port is free. `await using` calls it by itself. */
  close(): Promise<void>;
}

/**
 * Starts the simulated model: an OpenAI Realtime (GA) server on a real socket, as strict as the real one, that answers
 * with recorded lines, or as a script says. Rejects with VoicebridgeError `port-in-use`, or what reading the voice or the
 * script throws.
 */
export async function serveModel(options: SimulatedModelOptions = {}): Promise<SimulatedModel> {
  const { simulatedModel: defaults, model: limits } = DEFAULTS;
  const { clock = systemClock, faults = {} } = options;
  const listeners = new Set(options.onTrace ? [options.onTrace] : []);
  const onTrace = (event: ModelTraceEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const host = options.host ?? defaults.host;
  const seed = options.seed ?? defaults.seed;
  await loadResampler();
  const { prepareScript } = await import('./prepare.js');
  const { script, lines } = await prepareScript(options.script, options.voice);
  const dialect = DIALECTS[options.dialect ?? script.dialect ?? 'openai'];
  const settings = {
    dialect,
    script,
    lines,
    callerWords: options.callerWords,
    thinkMs: options.thinkMs ?? script.think ?? defaults.thinkMs,
    speed: options.speed ?? speedOf(script) ?? defaults.speed,
    silenceDurationMs: options.silenceDurationMs ?? defaults.silenceDurationMs,
    prefixPaddingMs: defaults.prefixPaddingMs,
    maxSessionMs: options.maxSessionMs ?? 60 * 60_000,
    key: options.key,
    beta: options.beta ?? script.beta ?? 'refuse',
  };
  const connections = new Set<Connection>();
  const past: SessionView[] = [];
  const keep = new Keep(clock, script.resumesWithin ?? defaults.resumesWithinMs);
  const delayed = new Set<() => void>();
  const streams = new Set<Duplex>();
  /** Handshakes so far: the number of the next session is one more. */
  let asked = 0;

  const http = createServer((_, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end(`this is the simulated model of voicebridge: open a WebSocket on ${dialect.path}\n`);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    // Each connection answers pings itself, or does not.
    autoPong: false,
    handleProtocols: (offered) => (offered.has('realtime') ? 'realtime' : false),
  });

  http.on('connection', (stream) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const number = ++asked;
    const own = faultsOf(faults, script, number);
    if (own.silent === 'handshake') return;
    const answer = (): void => answerUpgrade(request, socket, head, number, own);
    const delayMs = own.connectDelayMs ?? options.connectDelayMs;
    if (!delayMs) return answer();
    const cancel = clock.at(clock.now() + delayMs, () => {
      delayed.delete(cancel);
      answer();
    });
    delayed.add(cancel);
  });

  function answerUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    number: number,
    own: ModelFaults,
  ): void {
    const refusal = refusalOf(request, requestUrl(request), dialect, options.key, own.refuse);
    if (refusal) return refuseUpgrade(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // Each session draws from its own numbers, so that what one client does changes nothing for another.
      const random = new Random(seed * 7919 + number - 1);
      const connection = new Connection(
        ws,
        request,
        { ...settings, number, faults: own },
        {
          clock,
          random,
          onTrace,
          resume: (conversationId) => keep.take(conversationId),
          keep: (conversation) => keep.put(conversation),
        },
      );
      connections.add(connection);
      void connection.ended.then(() => connections.delete(connection));
      void createResampler(24_000, 8000).then((resampler) => {
        connection.open(resampler);
        if (connection.view) past.push(connection.view);
        if (past.length > KEPT_SESSIONS) past.shift();
      });
    });
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const port = options.port ?? 0;
      reject(
        error.code === 'EADDRINUSE'
          ? new VoicebridgeError('port-in-use', { port, host, command: 'model', other: port + 1 }, { cause: error })
          : error,
      );
    });
    http.listen(options.port ?? 0, host, resolve);
  });
  const { port } = http.address() as AddressInfo;

  const model: SimulatedModel = {
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${port}${dialect.path}`,
    host,
    port,
    get sessions() {
      return [...connections].flatMap(({ session, view }) => (session && view ? [view] : []));
    },
    get allSessions() {
      return [...past];
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stall: (forMs) => {
      for (const connection of connections) connection.session?.stall(forMs);
    },
    dropAll: () => {
      for (const connection of connections) connection.drop();
    },
    async close() {
      for (const cancel of delayed) cancel();
      const isFree = new Promise<void>((resolve) => http.close(() => resolve()));
      const open = [...connections];
      for (const connection of open) connection.drop(GOING_AWAY);
      await Promise.race([Promise.all(open.map(({ ended }) => ended)), grace()]);
      for (const connection of open) connection.end();
      for (const stream of streams) stream.destroy();
      await isFree;
    },
    [Symbol.asyncDispose]: () => model.close(),
  };
  return model;
}

/** What clients that do not answer a close are given. */
function grace(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, CLOSE_GRACE_MS).unref();
  });
}

function speedOf({ speed }: ModelScript): readonly [number, number] | undefined {
  return typeof speed === 'number' ? [speed, speed] : speed;
}
