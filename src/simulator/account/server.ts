import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { seededRandom } from '../../random.js';
import { ApplicationBook, type ApplicationSettings } from './applications.js';
import { CallBook, type CallRecord } from './call-book.js';
import { Callbacks, type SentCallback } from './callback.js';
import { Dialler, type OnAnswered } from './dialler.js';
import { FAULT_REFUSALS, type Fault, FaultPlan } from './faults.js';
import { Form } from './form.js';
import type { AccountLine } from './live-call.js';
import { type Message, MessageBook } from './messages.js';
import { type IncomingRoute, NumberBook, type NumberSettings, type PhoneNumber } from './numbers.js';
import { People } from './people.js';
import type { Person } from './person.js';
import { type Recording, RecordingBook } from './recordings.js';
import { Refused, refuse } from './refusals.js';
import { type Room, Rooms } from './rooms.js';
import { routeOf } from './routes.js';
import { type Account, createGround, drawSid } from './state.js';
import { StreamBook } from './streams.js';
import { cancellable } from './timers.js';
import { bodyOf, credentialsOf, misbehave, sameSecret, send } from './wire.js';

const KEPT_REQUESTS = 10_000;

/** One request as it came, and what was answered. */
export interface AccountRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of fields that came several times, the last one. */
  readonly form: Readonly<Record<string, string>>;
  /** The account's sid or the key's, never its secret. */
  readonly user?: string;
  readonly status: number;
  /** Twilio's code of a refusal. */
  readonly code?: number;
  /** The fault that was asked for. */
  readonly fault?: Fault['kind'];
}

export interface AccountOptions {
  readonly host?: string;
  /** 0 (the default): any free port. */
  readonly port?: number;
  readonly accountSid?: string;
  readonly authToken?: string;
  /** API keys: the secret of each `SK…`. */
  readonly apiKeys?: Readonly<Record<string, string>>;
  /** The account's numbers: E.164, or with settings. */
  readonly numbers?: readonly (string | NumberSettings)[];
  readonly applications?: readonly ApplicationSettings[];
  /** Who answers how, by number. Whoever is not named answers after two seconds. */
  readonly people?: Readonly<Record<string, Person>>;
  /** Numbers that calls may come from beside the account's own, and that a trial account may call. */
  readonly verified?: readonly string[];
  readonly trial?: boolean;
  /** Addresses that only this machine reaches: taken (the default), or refused as Twilio refuses them. */
  readonly privateUrls?: 'accept' | 'refuse';
  readonly faults?: readonly Fault[];
  readonly clock?: Clock;
  /** What the wall clock says at the start. */
  readonly startedAt?: Date;
  /** Sids repeat with it. */
  readonly seed?: number;
  /** How long a call lasts that was answered and whose TwiML nobody follows. */
  readonly unfollowedCallMs?: number;
  /** Follows the TwiML of calls that were answered. */
  readonly onAnswered?: OnAnswered;
  readonly onRequest?: (request: AccountRequest) => void;
  readonly onCallback?: (sent: SentCallback) => void;
  readonly onCall?: (call: CallRecord) => void;
}

/** A running account. */
export interface SimulatedAccount extends AsyncDisposable {
  /** `http://127.0.0.1:8083`; the SDK asks below `/2010-04-01`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly accountSid: string;
  readonly authToken: string;
  readonly numbers: readonly PhoneNumber[];
  /** The oldest first, as every list here. */
  readonly calls: readonly CallRecord[];
  readonly recordings: readonly Recording[];
  readonly messages: readonly Message[];
  readonly conferences: readonly Room[];
  /** What a phone tells of its calls, dials by, and enters conferences by. */
  readonly registry: AccountLine;
  readonly requests: readonly AccountRequest[];
  /** Status callbacks that were sent, in their order. */
  readonly callbacks: readonly SentCallback[];
  /**
   * What a call to one of the numbers begins with, by its present settings: options for `dialWebhook`. Undefined when Twilio
   * would ask no webhook.
   */
  incoming(phoneNumber: string): IncomingRoute | undefined;
  /** From now on this person behaves so. */
  person(number: string, person: Person): void;
  fault(fault: Fault): void;
  clearFaults(): void;
  /** Resolves when no callback is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a stateful double of the part of Twilio's REST API (2010-04-01) that a voice server uses: numbers, applications,
 * calls, streams, recordings, messages, conferences. It checks, refuses and answers as Twilio does, and acts on the calls
 * of phones that are entered in its `registry`. Rejects with VoicebridgeError `port-in-use`, and with RangeError for a
 * person whose behaviour it does not understand.
 */
export async function serveAccount(options: AccountOptions = {}): Promise<SimulatedAccount> {
  const { account: defaults } = DEFAULTS;
  const { host = defaults.host } = options;
  const { clock, cancelAll } = cancellable(options.clock ?? systemClock);
  const accountSid = options.accountSid ?? defaults.accountSid;
  const authToken = options.authToken ?? defaults.authToken;
  const random = seededRandom(options.seed ?? defaults.seed);
  const callbacks = new Callbacks(authToken, () => drawSid('', random), options.onCallback);
  const ground = createGround({
    accountSid,
    clock,
    callbacks,
    random,
    startedAt: options.startedAt ?? new Date(),
    privateUrls: options.privateUrls !== 'refuse',
    trial: options.trial ?? false,
  });
  const people = new People(options.people, options.verified);
  const applications = new ApplicationBook(ground, options.applications);
  const numbers = new NumberBook(ground, applications, options.numbers ?? []);
  const calls = new CallBook(ground);
  if (options.onCall) calls.listen(options.onCall);
  const rooms = new Rooms(ground);
  const account: Account = {
    ground,
    people,
    applications,
    numbers,
    calls,
    recordings: new RecordingBook(ground, calls),
    streams: new StreamBook(ground, calls),
    messages: new MessageBook(ground, numbers, people),
    rooms,
  };
  const unfollowedMs = options.unfollowedCallMs ?? defaults.unfollowedCallMs;
  const dialler = new Dialler(ground, calls, people, options.onAnswered, unfollowedMs);
  const registry: AccountLine = {
    begin: (entry, live) => calls.begin(entry, live),
    status: (callSid, status) => calls.status(callSid, status),
    end: (callSid, status, durationSeconds) => calls.end(callSid, status, durationSeconds),
    dial: (dialling) => dialler.dial(dialling),
    join: (join) => rooms.join(join),
    personAt: (number) => people.behaviour(number),
  };
  dialler.line = registry;
  const secrets = new Map([[accountSid, authToken], ...Object.entries(options.apiKeys ?? {})]);
  const faults = new FaultPlan();
  for (const fault of options.faults ?? []) faults.add(fault);
  const requests: AccountRequest[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const [path = '', search = ''] = (request.url ?? '').split('?', 2) as [string, string?];
    const credentials = credentialsOf(request);
    const query = new Form(search);
    const body = await bodyOf(request);
    const form = new Form(body ?? '');
    const note = (status: number, more: { code?: number; fault?: Fault['kind'] } = {}): void => {
      const seen: AccountRequest = {
        method,
        path,
        query: Object.fromEntries(query.entries()),
        form: Object.fromEntries(form.entries()),
        ...(credentials && { user: credentials.user }),
        status,
        ...more,
      };
      requests.push(seen);
      if (requests.length > KEPT_REQUESTS) requests.shift();
      options.onRequest?.(seen);
    };
    const fault = faults.next(method, path);
    try {
      if (fault) {
        const refusal = FAULT_REFUSALS[fault.kind];
        if (!refusal) return misbehave(fault, response, note);
        const headers: Record<string, string> = {};
        if (fault.kind === '429') headers['retry-after'] = String(fault.retryAfterSeconds ?? 1);
        throw new Refused(refusal, { value: path }, headers);
      }
      const { parts, handle } = routeOf(method, path);
      const [asked, ...rest] = parts;
      // Whose account does not exist hears so, whatever they bring.
      if (asked !== accountSid) throw refuse('notFound', path);
      if (!credentials || !sameSecret(secrets.get(credentials.user), credentials.secret)) throw refuse('authenticate');
      if (body === undefined) throw refuse('unsupportedMedia');
      const { status, body: result } = handle({ account, dialler, path, parts: rest, query, form });
      note(status);
      send(response, status, result === undefined ? '' : JSON.stringify(result));
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused('internal');
      note(refused.status, { code: refused.body.code, ...(fault && { fault: fault.kind }) });
      send(response, refused.status, JSON.stringify(refused.body), refused.headers);
    }
  }

  const streams = new Set<Duplex>();
  const http = createServer((request, response) => {
    // A client that goes away in the middle of its request gets no answer.
    answer(request, response).catch(() => response.destroy());
  });
  http.on('connection', (stream) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const port = options.port ?? 0;
      const details = { port, host, command: 'account', other: port + 1 };
      reject(error.code === 'EADDRINUSE' ? new VoicebridgeError('port-in-use', details, { cause: error }) : error);
    });
    http.listen(options.port ?? 0, host, resolve);
  });
  const { port } = http.address() as AddressInfo;

  const simulated: SimulatedAccount = {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    accountSid,
    authToken,
    registry,
    requests,
    get callbacks() {
      return callbacks.sent;
    },
    get numbers() {
      return numbers.all;
    },
    get calls() {
      return calls.all;
    },
    get recordings() {
      return [...account.recordings.all].reverse();
    },
    get messages() {
      return [...account.messages.all].reverse();
    },
    get conferences() {
      return rooms.all;
    },
    incoming: (phoneNumber) => numbers.incoming(phoneNumber),
    person: (number, person) => people.set(number, person),
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    idle: () => callbacks.idle(),
    async close() {
      cancelAll();
      await callbacks.close();
      const isFree = new Promise<void>((resolve) => http.close(() => resolve()));
      for (const stream of streams) stream.destroy();
      await isFree;
    },
    [Symbol.asyncDispose]: () => simulated.close(),
  };
  return simulated;
}
