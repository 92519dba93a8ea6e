import WebSocket, { type ClientOptions } from 'ws';
import type { VoicebridgeError } from '../../../errors.js';
import type { LintRule } from './rules.js';

export interface HandshakeFinding {
  readonly rule: LintRule;
  readonly message: string;
  /** What the server demands, when asking again with it was enough. */
  readonly demands?: string;
}

export interface HandshakeOptions {
  /** What the upgrade failed with: VoicebridgeError handshake-status or handshake-invalid. */
  readonly error: VoicebridgeError;
  readonly url: URL;
  /** Those of the upgrade that failed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

interface Refusal {
  readonly status: number;
  /** The first characters of the answer, and the subprotocols it names. */
  readonly text: string;
  readonly protocols: readonly string[];
}

/** Statuses that say no to this request; others (404, 429, 3xx) say no to any. */
const MAY_MISS_SOMETHING = [400, 401, 403, 406, 412, 426, 428, 500, 501];
const BODY_CHARACTERS = 2048;
/** Offered when the server does not say which one it wants. */
const PROTOCOLS = ['audio', 'media', 'media-stream', 'twilio', 'json', 'chat'];

/**
 * Why a server refused the upgrade. Asks it again with what Twilio does not send, one thing at a time: an Origin, a
 * subprotocol, compression. Whatever opens is closed at once. Never rejects. At most four requests of `timeoutMs` each.
 */
export async function explainHandshake(options: HandshakeOptions): Promise<HandshakeFinding | undefined> {
  const { error } = options;
  if (error.code === 'handshake-invalid') return invalid(error.message);
  if (error.code !== 'handshake-status') return undefined;
  const refusal = await ask(options, [], {});
  const status = refusal?.status;
  const refused: HandshakeFinding = {
    rule: 'handshake/refused',
    message: `the server answered HTTP ${status ?? 'otherwise'} instead of 101`,
  };
  if (!refusal || !MAY_MISS_SOMETHING.includes(refusal.status)) return refused;
  const { url } = options;
  const origin = `${url.protocol === 'wss:' ? 'https' : 'http'}://${url.host}`;
  if (!(await ask(options, [], { origin }))) return demand('handshake/origin', 'an Origin header');
  const protocols = refusal.protocols.length > 0 ? refusal.protocols : PROTOCOLS;
  if (!(await ask(options, protocols, {}))) return demand('handshake/subprotocol', 'a subprotocol');
  if (!(await ask(options, [], { perMessageDeflate: true }))) return demand('handshake/compression', 'compression');
  return bySaying(refusal) ?? refused;
}

function demand(rule: LintRule, demands: string): HandshakeFinding {
  return { rule, demands, message: `the server opens the stream only for a client with ${demands}` };
}

/** Nothing that was tried helped, but the server says itself what it misses. */
function bySaying({ text, status }: Refusal): HandshakeFinding | undefined {
  const says = (rule: LintRule, what: string): HandshakeFinding => ({
    rule,
    message: `the server answered HTTP ${status} and speaks of ${what}`,
  });
  if (/\borigin\b/i.test(text)) return says('handshake/origin', 'an Origin');
  if (/sub-?protocol|sec-websocket-protocol/i.test(text)) return says('handshake/subprotocol', 'a subprotocol');
  if (/permessage-deflate|sec-websocket-extensions/i.test(text)) return says('handshake/compression', 'compression');
  return undefined;
}

/** ws says in words what was wrong with a 101. */
function invalid(message: string): HandshakeFinding {
  if (/subprotocol/i.test(message))
    return { rule: 'handshake/subprotocol', message: 'the server chose a subprotocol that nobody offered' };
  if (/extension/i.test(message))
    return { rule: 'handshake/compression', message: 'the server chose an extension that nobody offered' };
  return { rule: 'handshake/not-websocket', message };
}

/** Undefined when the server opened the stream. A server that does not answer has refused with status 0. */
function ask(
  { url, headers, timeoutMs }: HandshakeOptions,
  protocols: readonly string[],
  extra: ClientOptions,
): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, [...protocols], {
      headers: { ...headers },
      perMessageDeflate: false,
      followRedirects: false,
      ...extra,
    });
    const timer = setTimeout(() => refuse(0, '', ''), timeoutMs);
    const refuse = (status: number, text: string, named: string): void => {
      clearTimeout(timer);
      const protocolsNamed = named.split(',').map((name) => name.trim());
      resolve({ status, text, protocols: protocolsNamed.filter((name) => /^[\w.-]+$/.test(name)) });
      socket.terminate();
    };
    const opened = (): void => {
      clearTimeout(timer);
      resolve(undefined);
      socket.close(1000);
      setTimeout(() => socket.terminate(), timeoutMs).unref();
    };
    // A server that is content with any offer and chooses none has opened the stream all the same.
    socket.on('error', ({ message }) => (message === 'Server sent no subprotocol' ? opened() : refuse(0, '', '')));
    socket.once('open', opened);
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      const done = (): void =>
        refuse(response.statusCode ?? 0, text, String(response.headers['sec-websocket-protocol'] ?? ''));
      response.setEncoding('latin1').on('data', (part: string) => {
        text = (text + part).slice(0, BODY_CHARACTERS);
        if (text.length === BODY_CHARACTERS) done();
      });
      response.once('end', done).once('error', done);
    });
  });
}
