import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { createResampler, loadResampler } from '../../audio/resample.js';
import { type Clock, systemClock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { Connection, requestUrl } from './connection.js';
import type { ModelTraceEvent } from './events.js';
import type { ModelFaults } from './faults.js';
import { Random } from './random.js';
import type { Voice } from './voice.js';

const PATH = '/v1/realtime';
const GOING_AWAY = 1001;
/** How long clients have to answer the closing of the model. */
const CLOSE_GRACE_MS = 100;

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
  readonly onTrace?: (event: ModelTraceEvent) => void;
}

/** A running model. */
export interface SimulatedModel extends AsyncDisposable {
  /** `ws://127.0.0.1:port/v1/realtime` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Sessions that are open now. */
  readonly sessions: readonly { readonly id: string }[];
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
 * with recorded lines. Rejects with VoicebridgeError `port-in-use`, or what reading the packaged voice throws.
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
  const voice = options.voice ?? (await (await import('./voice.js')).loadVoice());
  const settings = {
    thinkMs: options.thinkMs ?? defaults.thinkMs,
    speed: options.speed ?? defaults.speed,
    silenceDurationMs: options.silenceDurationMs ?? defaults.silenceDurationMs,
    prefixPaddingMs: defaults.prefixPaddingMs,
    maxSessionMs: options.maxSessionMs ?? 60 * 60_000,
    voice,
    faults,
  };
  const connections = new Set<Connection>();
  const delayed = new Set<() => void>();
  const streams = new Set<Duplex>();
  let accepted = 0;

  const http = createServer((_, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end(`this is the simulated model of voicebridge: open a WebSocket on ${PATH}\n`);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    handleProtocols: (offered) => (offered.has('realtime') ? 'realtime' : false),
  });

  http.on('connection', (stream) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (faults.silent === 'handshake') return;
    const answer = (): void => answerUpgrade(request, socket, head);
    if (!options.connectDelayMs) return answer();
    const cancel = clock.at(clock.now() + options.connectDelayMs, () => {
      delayed.delete(cancel);
      answer();
    });
    delayed.add(cancel);
  });

  function answerUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status = faults.refuse ?? (requestUrl(request)?.pathname === PATH ? undefined : 404);
    if (status !== undefined) return refuseUpgrade(socket, status);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // Each session draws from its own numbers, so that what one client does changes nothing for another.
      const random = new Random(seed * 7919 + accepted++);
      const connection = new Connection(ws, request, { ...settings, key: options.key }, { clock, random, onTrace });
      connections.add(connection);
      void connection.ended.then(() => connections.delete(connection));
      void createResampler(24_000, 8000).then((resampler) => connection.open(resampler));
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
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${port}${PATH}`,
    host,
    port,
    get sessions() {
      return [...connections].flatMap(({ session }) => (session ? [{ id: session.id }] : []));
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

function refuseUpgrade(socket: Duplex, status: number): void {
  const body = JSON.stringify({
    error: { message: STATUS_CODES[status] ?? 'Refused', type: 'invalid_request_error', param: null, code: null },
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
