import type { Socket } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import { twilioSignature } from '../../carrier/twilio/signature.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';

export interface SocketOptions {
  readonly url: URL;
  /** Signs the upgrade as Twilio does. */
  readonly authToken?: string;
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
  readonly signal: AbortSignal;
}

/** An open WebSocket and the connection that carries it. */
export interface OpenSocket {
  readonly socket: WebSocket;
  readonly tcp: Socket;
}

/** How long ws waits for the server to let go after both have said that they close; missing in its types. */
type WithCloseTimeout = ClientOptions & { readonly closeTimeout: number };

/** The user agent of Twilio's media servers, as their upgrade requests show it. */
const USER_AGENT = 'Twilio.TmeWs/1.0';

/** The address a stream is opened at. Throws VoicebridgeError usage for anything but ws:// and wss://. */
export function streamUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') return url;
  const message = `"${text}" is not the address of a stream: it begins with ws:// or wss://`;
  throw new VoicebridgeError('usage', { message, command: 'simulate' });
}

/**
 * Opens a WebSocket as Twilio would: its headers, no compression, no subprotocol, no Origin, no redirects. The socket
 * comes back paused, so that nothing is missed before somebody listens. Rejects with VoicebridgeError: connect-refused,
 * connect-failed, connect-timeout, handshake-status, handshake-invalid, call-given-up.
 */
export function openSocket(options: SocketOptions): Promise<OpenSocket> {
  const { url, signal } = options;
  const shown = url.href;
  if (signal.aborted) return Promise.reject(new VoicebridgeError('call-given-up', { url: shown }));
  return new Promise((resolve, reject) => {
    const settings: WithCloseTimeout = {
      headers: headersFor(options),
      perMessageDeflate: false,
      followRedirects: false,
      closeTimeout: DEFAULTS.phone.closeTimeoutMs,
      maxPayload: options.maxMessageBytes,
      autoPong: false,
    };
    const socket = new WebSocket(url, settings);
    let tcp: Socket | undefined;
    socket.once('upgrade', (response) => {
      tcp = response.socket;
    });
    // Absolute: the timeout of ws begins again with every byte, so a server that sends one a second is never given up.
    const timer = setTimeout(() => {
      reject(new VoicebridgeError('connect-timeout', { url: shown, timeoutMs: options.timeoutMs }));
      socket.terminate();
    }, options.timeoutMs);
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new VoicebridgeError('call-given-up', { url: shown }));
      socket.terminate();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('open', () => {
      settled();
      socket.off('error', socketOnHandshakeError);
      socket.pause();
      resolve({ socket, tcp: tcp! });
    });
    socket.once('unexpected-response', (request, response) => {
      settled();
      reject(new VoicebridgeError('handshake-status', { url: shown, status: response.statusCode ?? 0 }));
      request.destroy();
    });
    // Stays attached after a failure: giving up a handshake makes ws report one more error.
    const socketOnHandshakeError = (error: Error): void => {
      settled();
      reject(handshakeError(error, shown));
    };
    socket.on('error', socketOnHandshakeError);
  });
}

/** What the upgrade carries besides the headers of WebSocket. */
export function headersFor({ url, authToken }: Pick<SocketOptions, 'url' | 'authToken'>): Record<string, string> {
  const headers: Record<string, string> = { 'User-Agent': USER_AGENT };
  if (authToken !== undefined) headers['X-Twilio-Signature'] = twilioSignature(authToken, url.href);
  return headers;
}

function handshakeError(error: Error & { code?: string }, url: string): VoicebridgeError {
  const cause = { cause: error };
  const { code = '', message } = error;
  if (code === 'ECONNREFUSED') return new VoicebridgeError('connect-refused', { url }, cause);
  const reason = INVALID_HANDSHAKE[code] ?? (isHandshakeFault(code, message) ? message : undefined);
  if (reason !== undefined) return new VoicebridgeError('handshake-invalid', { url, reason }, cause);
  return new VoicebridgeError('connect-failed', { url, reason: UNREACHABLE[code] ?? (message || code) }, cause);
}

const INVALID_HANDSHAKE: Readonly<Record<string, string>> = {
  ECONNRESET: 'it closed the connection instead of answering',
  EPIPE: 'it closed the connection instead of answering',
  EPROTO: 'it does not speak TLS: try ws:// instead of wss://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: try ws:// instead of wss://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: try ws:// instead of wss://',
};

const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be resolved',
  ETIMEDOUT: 'the host does not answer',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
};

/** HPE_: the answer is not HTTP. The others are ws's own words for an answer that is HTTP, but no WebSocket. */
function isHandshakeFault(code: string, message: string): boolean {
  return code.startsWith('HPE_') || /^(Invalid|Server sent|Missing)|subprotocol/i.test(message);
}
