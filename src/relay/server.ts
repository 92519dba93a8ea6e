import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { PlanCall, Reception } from '../call/plan.js';
import type { SessionSettings } from '../call/session.js';
import type { Carrier, CarrierRest } from '../carrier/carrier.js';
import { twilioCarrier } from '../carrier/twilio.js';
import { type Clock, systemClock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import { type Log, silentLog } from '../log.js';
import { DEFAULTS } from '../options.js';
import { Calls } from './calls.js';
import { openOperatorApi } from './operator/open.js';
import { carryStream, type StreamLimits } from './stream.js';
import { answerWebhook, readForm, type Webhook } from './webhook.js';

export interface RelayOptions {
  readonly planCall: PlanCall;
  /** Further webhooks beside /voice, and what the stream of a call brings along. */
  readonly reception?: Reception;
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** What Twilio knows this relay as, `https://…`; signatures and the TwiML are made for it. */
  readonly publicUrl?: string;
  /** Twilio's auth token. With it every webhook and upgrade must carry a valid signature. */
  readonly authToken?: string;
  /** Opens the operator's API under /calls to who has this token; without it there is none. */
  readonly operatorToken?: string;
  /** Listen beyond this machine without an auth token. */
  readonly insecure?: boolean;
  readonly carrier?: Carrier;
  /** The carrier's account: transfers and messages need it. */
  readonly rest?: CarrierRest;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly settings?: Partial<SessionSettings>;
  readonly limits?: Partial<StreamLimits>;
  readonly maxCalls?: number;
}

/** A relay that listens. */
export interface Relay extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `http://host:port` */
  readonly url: string;
  /** `ws://host:port/media-stream` */
  readonly streamUrl: string;
  /** Calls going on now. */
  readonly calls: number;
  /** Ends all calls and stops listening. `await using` calls it by itself. */
  close(): Promise<void>;
}

export const STREAM_PATH = '/media-stream';
export const VOICE_PATH = '/voice';
const WEBHOOKS: readonly string[] = [VOICE_PATH, '/ended', '/status'];

/**
 * Starts the bridge. Routes: POST /voice (TwiML) and what the reception answers, POST /ended (what follows the stream), POST /status (stream status
 * callbacks), GET /healthz, WebSocket /media-stream, and with `operatorToken` /calls… and GET /openapi.json.
 * Throws VoicebridgeError `port-in-use`, `bind-needs-token`, or `usage` for an address it cannot listen on.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const host = options.host ?? DEFAULTS.serve.host;
  if (!isLoopback(host) && !options.authToken && !options.insecure) {
    throw new VoicebridgeError('bind-needs-token', { host });
  }
  const { planCall, carrier = twilioCarrier, clock = systemClock, log = silentLog } = options;
  const calls = new Calls(options.maxCalls ?? DEFAULTS.serve.maxCalls);
  const operator = await openOperatorApi(options.operatorToken, {
    ...{ calls, clock, log, withoutAccount: options.rest === undefined },
  });
  const link = { ...DEFAULTS.model, backlogMs: DEFAULTS.relay.backlogMs };
  const settings: SessionSettings = { ...DEFAULTS.relay, link, ...options.settings };
  const limits: StreamLimits = { ...DEFAULTS.serve, ...options.limits };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: DEFAULTS.serve.maxCarrierMessageBytes,
  });
  const server = createServer((request, response) => void onRequest(request, response));
  server.on('upgrade', (request, socket, head) => void onUpgrade(request, socket, head));
  // Slow loris: headers and bodies of webhooks are small and come at once.
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;

  const port = await listen(server, host, options.port ?? DEFAULTS.serve.port);
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const publicUrl = (options.publicUrl ?? `http://${address}`).replace(/\/$/, '');
  const webhook: Webhook = {
    authToken: options.authToken,
    publicUrl,
    streamUrl: `${publicUrl.replace(/^http/, 'ws')}${STREAM_PATH}`,
    reception: options.reception,
    log,
  };

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    try {
      if (request.method === 'GET' && path === '/healthz') {
        return respond(response, 200, 'application/json', JSON.stringify({ name: 'voicebridge', calls: calls.count }));
      }
      if (operator?.handles(path)) return await operator.answer(request, response, path);
      const known = WEBHOOKS.includes(path) || options.reception?.answers(path);
      if (!known) return respond(response, 404, 'text/plain', 'not found\n');
      if (request.method !== 'POST') return respond(response, 405, 'text/plain', 'POST only\n', { Allow: 'POST' });
      const form = await readForm(request);
      const signature = request.headers['x-twilio-signature'];
      const answer = await answerWebhook(webhook, path, form, signature, calls);
      if (answer.status === 403) log.warn('a webhook without a valid signature was refused', { path });
      respond(response, answer.status, answer.type, answer.body);
    } catch (error) {
      log.warn('a request failed', { path, reason: (error as Error).message });
      if (!response.headersSent) respond(response, 400, 'text/plain', 'bad request\n');
    }
  }

  async function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (pathOf(request) !== STREAM_PATH) return refuse('404 Not Found');
    // Twilio sends no Origin; a browser always does. A page the developer visits must not reach their relay.
    if (request.headers.origin !== undefined) return refuse('403 Forbidden');
    if (calls.full) {
      log.warn('a stream was refused: all lines are busy');
      return refuse('503 Service Unavailable');
    }
    if (webhook.authToken) {
      const { signatureMatches } = await import('../carrier/twilio/verify.js');
      if (!signatureMatches(webhook.authToken, request.headers['x-twilio-signature'], webhook.streamUrl)) {
        log.warn('a stream without a valid signature was refused');
        return refuse('403 Forbidden');
      }
    }
    if (socket.destroyed) return;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const release = calls.reserve();
      webSocket.on('close', release);
      // Of a server on TCP it is one, whatever the type says.
      carryStream(webSocket, socket as Socket, {
        ...{ carrier, planCall, clock, log, calls, settings, limits },
        rest: options.rest,
      });
    });
  }

  const relay: Relay = {
    host,
    port,
    url: `http://${address}`,
    streamUrl: `ws://${address}${STREAM_PATH}`,
    get calls() {
      return calls.count;
    },
    async close() {
      calls.endAll('shutdown');
      for (const socket of sockets.clients) socket.close(1001);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const late = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, CLOSE_GRACE_MS);
      server.closeIdleConnections();
      await closed;
      clearTimeout(late);
    },
    [Symbol.asyncDispose]: () => relay.close(),
  };
  return relay;
}

const CLOSE_GRACE_MS = 500;

const UNLISTENABLE: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'the address is not one of this machine',
  ENOTFOUND: 'there is no machine of that name',
  EAI_AGAIN: 'there is no machine of that name, or it cannot be looked up now',
  EACCES: 'ports below 1024 need more rights; a proxy in front, or another port',
};

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      if (code in UNLISTENABLE) {
        const message = `the relay cannot listen on ${host}:${port}: ${UNLISTENABLE[code]}`;
        return reject(new VoicebridgeError('usage', { message, command: 'serve' }, { cause: error }));
      }
      if (code !== 'EADDRINUSE') return reject(error);
      reject(new VoicebridgeError('port-in-use', { host, port, command: 'serve', other: port + 1 }, { cause: error }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The path alone; a url that cannot be parsed is no path of ours. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function respond(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(body);
}
