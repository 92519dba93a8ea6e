import { type Clock, sleepUntil } from '../../../clock.js';
import type { CallStatus } from '../../account/live-call.js';
import type { StatusCallbacks } from './callbacks.js';
import { type DialParts, dialNumber, joinConference } from './dial.js';
import type { ForkTrack } from './fork.js';
import { type CallFacts, callForm, type StreamEvent, streamForm } from './form.js';
import type { Journal } from './journal.js';
import { audioMs, digitsMs, loops, pauseMs, sayMs, wholeNumber } from './lengths.js';
import { isFailure, type Method, type WebhookAnswer, type WebhookClient, type WebhookFailure } from './request.js';
import type { WebhookStreams } from './streams.js';
import { isUnopenable, parametersOf, readTwiml } from './twiml.js';
import type { TwimlElement } from './xml.js';

/** Where the call's instructions come from. */
export type Source =
  | {
      readonly what: 'voice' | 'action' | 'redirect' | 'fallback';
      readonly url: string;
      readonly method: Method;
      readonly form?: Readonly<Record<string, string>>;
    }
  | { readonly twiml: string };

/** What a verb leads to: a next document, or the end of the call. Undefined: the next verb. */
type Outcome = Source | 'hang-up' | undefined;

export interface FollowerParts {
  readonly clock: Clock;
  readonly facts: CallFacts;
  readonly client: WebhookClient;
  readonly callbacks: StatusCallbacks;
  readonly journal: Journal;
  readonly streams: WebhookStreams;
  readonly dial: DialParts;
  readonly fallback: { readonly url: string; readonly method: Method } | undefined;
  /** What is pressed at each `<Gather>`. */
  readonly digits: readonly string[];
  /** Milliseconds since 1970, for what callbacks say. */
  readonly wallNow: () => Date;
  readonly status: () => CallStatus;
  readonly onAnswered: () => void;
  readonly onRejected: (status: CallStatus) => void;
}

/** A pause behind a stream that is this long is one that nobody meant. */
const DEAD_AIR_MS = 5000;
const GATHER_TIMEOUT_S = 5;
const KEY_MS = 200;

/** Does what TwiML says, verb by verb. Every wait ends by rejection when the signal of `follow` is aborted. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #digits: string[];
  #streamed = false;
  #fallenBack = false;
  /** Silence in `<Pause>` behind a stream. */
  deadAirMs = 0;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#digits = [...parts.digits];
  }

  /** Fetches a document and does what it says. Resolves with what follows it; undefined: the call is over. */
  async follow(source: Source, signal: AbortSignal): Promise<Source | undefined> {
    const document = await this.#read(source, signal);
    signal.throwIfAborted();
    if (document === undefined) return this.#fallBack(source);
    for (const verb of document.verbs) {
      const outcome = await this.#perform(verb, document.url, signal);
      if (outcome === 'hang-up') return undefined;
      if (outcome) return outcome;
    }
    return undefined;
  }

  /** Asks without doing what the answer says: the action of a verb that the end of the call has ended. */
  async askOnly(source: Source): Promise<void> {
    if (!('twiml' in source)) await this.#ask(source);
  }

  #fallBack(source: Source): Source | undefined {
    const { fallback, journal } = this.#parts;
    if (!fallback || this.#fallenBack || 'twiml' in source) return undefined;
    this.#fallenBack = true;
    const worst = journal.lint.findLast(({ level, code }) => level === 'error' && code !== undefined);
    const form = { ErrorCode: String(worst?.code ?? 11200), ErrorUrl: source.url };
    return { what: 'fallback', ...fallback, form };
  }

  async #read(
    source: Source,
    signal: AbortSignal,
  ): Promise<{ readonly verbs: readonly TwimlElement[]; readonly url: string } | undefined> {
    if ('twiml' in source) return this.#parse(source.twiml, '');
    const answer = await this.#ask(source, signal);
    signal.throwIfAborted();
    if (isFailure(answer)) {
      this.#parts.journal.find(answer.rule, answer.message);
      return undefined;
    }
    const type = answer.contentType.split(';')[0]!.trim().toLowerCase();
    const text = answer.body.toString('utf8');
    if (/^(text|application)\/xml$|^text\/html$/.test(type)) return this.#parse(text, answer.url);
    const verb = (name: string, said: string): TwimlElement => ({
      name,
      attributes: {},
      children: [],
      text: said,
      line: 1,
    });
    // Twilio reads plain text out, and plays audio.
    if (type === 'text/plain') return { verbs: [verb('Say', text)], url: answer.url };
    if (type.startsWith('audio/')) return { verbs: [verb('Play', answer.url)], url: answer.url };
    const message = `${answer.url} answered with ${type === '' ? 'no Content-Type' : `Content-Type: ${type}`}`;
    this.#parts.journal.find('webhook/content-type', message, text.slice(0, 80));
    return undefined;
  }

  #parse(text: string, url: string) {
    const { verbs, mistakes } = readTwiml(text);
    for (const { rule, message, excerpt } of mistakes) this.#parts.journal.find(rule, message, excerpt);
    return verbs && { verbs, url };
  }

  async #ask(
    source: Exclude<Source, { twiml: string }>,
    signal?: AbortSignal,
  ): Promise<WebhookAnswer | WebhookFailure> {
    const { clock, client, facts, journal, status } = this.#parts;
    const { url, method, what } = source;
    const askedMs = clock.now();
    const answer = await client.ask({ url, method, form: { ...callForm(facts, status()), ...source.form } }, signal);
    const atMs = clock.now();
    journal.note({
      type: 'webhook',
      atMs,
      what,
      method,
      url,
      tookMs: atMs - askedMs,
      ...(answer.status !== undefined && { status: answer.status }),
    });
    return answer;
  }

  #perform(verb: TwimlElement, base: string, signal: AbortSignal): Promise<Outcome> | Outcome {
    const { journal, onAnswered } = this.#parts;
    // A call that is rejected, or hung up, at once was never answered.
    if (verb.name !== 'Reject' && verb.name !== 'Hangup') onAnswered();
    journal.verb(verb.name, textOf(verb));
    switch (verb.name) {
      case 'Connect':
        return this.#connect(verb, base, signal);
      case 'Start':
        return this.#start(verb, base);
      case 'Stop':
        return this.#stop(verb);
      case 'Say':
        return this.#wait(sayMs(verb), signal);
      case 'Play':
        return this.#play(verb, base, signal);
      case 'Pause':
        return this.#pause(verb, signal);
      case 'Redirect':
        return { what: 'redirect', url: absolute(verb.text, base), method: methodOf(verb.attributes.method) };
      case 'Dial':
        return this.#dial(verb, base, signal);
      case 'Gather':
        return this.#gather(verb, base, signal);
      case 'Hangup':
        return 'hang-up';
      case 'Reject':
        this.#parts.onRejected(verb.attributes.reason === 'busy' ? 'busy' : 'no-answer');
        return 'hang-up';
      default:
        journal.find('twiml/not-followed', `<${verb.name}> is a verb that this phone does not follow`);
        return undefined;
    }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<undefined> {
    const { clock } = this.#parts;
    await sleepUntil(clock, clock.now() + ms, signal);
    return undefined;
  }

  async #pause(verb: TwimlElement, signal: AbortSignal): Promise<undefined> {
    const { clock, journal } = this.#parts;
    const ms = pauseMs(verb);
    if (!this.#streamed) return this.#wait(ms, signal);
    const sinceMs = clock.now();
    if (ms >= DEAD_AIR_MS) {
      const seconds = Math.round(ms / 1000);
      journal.find(
        'twiml/dead-air',
        `behind the stream <Pause length="${seconds}"/> keeps the caller in ${seconds} s of silence`,
      );
    }
    await this.#wait(ms, signal).finally(() => {
      this.deadAirMs += clock.now() - sinceMs;
    });
    return undefined;
  }

  async #play(verb: TwimlElement, base: string, signal: AbortSignal): Promise<undefined> {
    const { digits, loop } = verb.attributes;
    if (digits !== undefined && verb.text === '') return this.#wait(digitsMs(digits), signal);
    const { clock, client, journal } = this.#parts;
    const url = absolute(verb.text, base);
    const askedMs = clock.now();
    const answer = await client.ask({ url, method: 'GET', form: {} }, signal);
    signal.throwIfAborted();
    const atMs = clock.now();
    const { status } = answer;
    journal.note({
      ...{ type: 'webhook', atMs, what: 'play', method: 'GET', url, tookMs: atMs - askedMs },
      ...(status !== undefined && { status }),
    });
    if (isFailure(answer)) {
      journal.find(answer.rule, `<Play>: ${answer.message}`);
      return undefined;
    }
    const ms = audioMs(answer.body);
    if (ms === undefined) {
      journal.find('webhook/content-type', `<Play>: ${url} is neither a WAV nor an MP3`);
      return undefined;
    }
    return this.#wait(ms * loops(loop), signal);
  }

  async #connect(connect: TwimlElement, base: string, signal: AbortSignal): Promise<Outcome> {
    const { journal, streams } = this.#parts;
    const stream = connect.children[0];
    if (stream?.name !== 'Stream') {
      const what = stream ? `<Connect><${stream.name}>` : 'an empty <Connect>';
      journal.find('twiml/not-followed', `${what} is nothing that this phone follows`);
      return undefined;
    }
    const { action, method } = connect.attributes;
    const next: Outcome =
      action === undefined ? undefined : { what: 'action', url: absolute(action, base), method: methodOf(method) };
    const streamSid = streams.drawStreamSid();
    const tell = this.#streamTeller(stream, streamSid, base);
    if (isUnopenable(stream, 'Connect')) {
      tell('stream-error', 'the stream could not be opened as the TwiML has it');
      return next;
    }
    const wanted = { url: stream.attributes.url!, streamSid, parameters: parametersOf(stream) };
    const opened = await streams.connect(wanted);
    if ('error' in opened) {
      tell('stream-error', opened.error);
      signal.throwIfAborted();
      return next;
    }
    this.#streamed = true;
    tell('stream-started');
    try {
      const code = await untilAborted(opened.ended, signal);
      if (code === BROKEN) tell('stream-error', '31903 - Stream - WebSocket - Connection Broken Pipe');
      else tell('stream-stopped');
    } catch (error) {
      streams.talk?.leaveStream();
      tell('stream-stopped');
      // The end of the call ends the verb: its action is asked, and what it answers is too late.
      if (next && signal.reason === 'over') await this.askOnly(next);
      throw error;
    }
    return next;
  }

  async #start(start: TwimlElement, base: string): Promise<undefined> {
    const { streams } = this.#parts;
    for (const stream of start.children) {
      if (stream.name !== 'Stream') {
        this.#parts.journal.find('twiml/not-followed', `<Start><${stream.name}> is nothing that this phone follows`);
        continue;
      }
      const streamSid = streams.drawStreamSid();
      const tell = this.#streamTeller(stream, streamSid, base);
      if (isUnopenable(stream, 'Start')) {
        tell('stream-error', 'the stream could not be opened as the TwiML has it');
        continue;
      }
      const { url, name = streamSid, track = 'inbound_track' } = stream.attributes;
      const wanted = { url: url!, streamSid, parameters: parametersOf(stream), name, track: track as ForkTrack };
      const failed = await streams.fork(wanted, (how) => {
        if (how === 'stopped') tell('stream-stopped');
        else tell('stream-error', '31924 - Stream - WebSocket - Protocol Error');
      });
      if (failed) tell('stream-error', failed.error);
      else tell('stream-started');
    }
    return undefined;
  }

  #stop(stop: TwimlElement): undefined {
    const { journal, streams } = this.#parts;
    for (const { name, attributes } of stop.children) {
      if (name === 'Stream' && streams.stopFork(attributes.name ?? '')) continue;
      journal.find(
        'twiml/not-followed',
        `<Stop><${name} name="${attributes.name ?? ''}"> names nothing that was started`,
      );
    }
    return undefined;
  }

  #streamTeller(stream: TwimlElement, streamSid: string, base: string): (event: StreamEvent, error?: string) => void {
    const { callbacks, facts, wallNow } = this.#parts;
    const { statusCallback, statusCallbackMethod, name = streamSid } = stream.attributes;
    return (event, error) => {
      if (statusCallback === undefined) return;
      const form = streamForm(facts, { streamSid, name }, event, wallNow(), error);
      callbacks.send({ url: absolute(statusCallback, base), method: methodOf(statusCallbackMethod), form }, event);
    };
  }

  async #dial(dial: TwimlElement, base: string, signal: AbortSignal): Promise<Outcome> {
    const { dial: parts, journal } = this.#parts;
    const other = dial.children.find(({ name }) => name !== 'Number' && name !== 'Conference');
    if (other) {
      journal.find('twiml/not-followed', `<Dial><${other.name}> is nothing that this phone follows`);
      return undefined;
    }
    const conference = dial.children.find(({ name }) => name === 'Conference');
    const result = conference ? await joinConference(conference, parts, signal) : await dialNumber(dial, parts, signal);
    journal.verb('Dial', `over: ${result.status}, ${result.seconds} s`);
    const { action, method } = dial.attributes;
    if (action === undefined) return undefined;
    return { what: 'action', url: absolute(action, base), method: methodOf(method), form: result.form };
  }

  async #gather(gather: TwimlElement, base: string, signal: AbortSignal): Promise<Outcome> {
    const {
      action,
      method,
      finishOnKey = '#',
      numDigits,
      timeout,
      input = 'dtmf',
      actionOnEmptyResult,
    } = gather.attributes;
    if (!input.split(/\s+/).includes('dtmf')) {
      this.#parts.journal.find('twiml/not-followed', '<Gather input="speech">: this phone recognises no speech');
    }
    for (const inside of gather.children) {
      if (inside.name === 'Say') await this.#wait(sayMs(inside), signal);
      else if (inside.name === 'Pause') await this.#wait(pauseMs(inside), signal);
      else if (inside.name === 'Play') await this.#play(inside, base, signal);
    }
    const pressed = this.#digits.shift() ?? '';
    const wanted = wholeNumber(numDigits, Number.POSITIVE_INFINITY);
    let digits = pressed.slice(0, wanted);
    const finishes = finishOnKey === '' ? -1 : digits.indexOf(finishOnKey);
    if (finishes >= 0) digits = digits.slice(0, finishes);
    await this.#wait(KEY_MS * digits.length, signal);
    if (finishes < 0 && digits.length < wanted) {
      await this.#wait(1000 * wholeNumber(timeout, GATHER_TIMEOUT_S), signal);
    }
    if (digits === '' && actionOnEmptyResult !== 'true') return undefined;
    const form = { Digits: digits, ...(finishes >= 0 && { FinishedOnKey: finishOnKey }) };
    return { what: 'action', url: absolute(action ?? base, base), method: methodOf(method), form };
  }
}

/** What ws reports when the connection broke without a closing handshake (RFC 6455, 7.1.5). */
const BROKEN = 1006;

function methodOf(method: string | undefined): Method {
  return method?.toUpperCase() === 'GET' ? 'GET' : 'POST';
}

/** Addresses count from that of the document. */
function absolute(url: string, base: string): string {
  if (base === '') return url;
  return URL.canParse(url, base) ? new URL(url, base).href : url;
}

function textOf({ name, attributes, children, text }: TwimlElement): string {
  const inside = children.map((child) => `<${child.name}>${child.attributes.url ?? child.text}`).join(' ');
  const own = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  const shown = [name === 'Say' ? text.slice(0, 80) : text, ...own, inside].filter((part) => part !== '').join(' ');
  // No number of anybody's is told.
  return name === 'Dial' ? shown.replace(/\+?\d{6,}/g, '…') : shown;
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then((value) => {
      signal.removeEventListener('abort', onAbort);
      resolve(value);
    }, reject);
  });
}
