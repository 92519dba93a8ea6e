import type { StreamSids } from '../../../carrier/twilio/phone.js';
import type { Clock } from '../../../clock.js';
import { VoicebridgeError } from '../../../errors.js';
import { DEFAULTS } from '../../../options.js';
import { type Random, seededRandom } from '../../../random.js';
import type { CompleteOptions } from '../dial-options.js';
import type { PhoneEvent } from '../events.js';
import { explainHandshake } from '../lint/handshake.js';
import { lintFinding } from '../lint.js';
import { CallFiles, type CallFolder } from '../record-files.js';
import { drawSid } from '../sid.js';
import { headersFor, type OpenSocket, openSocket } from '../socket.js';
import { Talk } from '../talk.js';
import { mediaTimestamps } from '../timestamps.js';
import { Fork, type ForkTrack } from './fork.js';
import type { Journal } from './journal.js';

export interface StreamsParts {
  readonly options: CompleteOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly sids: Pick<StreamSids, 'accountSid' | 'callSid'>;
  readonly folder: CallFolder | undefined;
  readonly journal: Journal;
  readonly tell: (event: PhoneEvent) => void;
  readonly isHeard: () => boolean;
  /** Gives up what is being opened. */
  readonly signal: AbortSignal;
  /** There is a talk: the caller begins to speak. */
  readonly onTalk: (talk: Talk) => void;
}

/** A stream that the TwiML asks for. */
export interface WantedStream {
  readonly url: string;
  readonly streamSid: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The talk of a call and its streams: the one of `<Connect>`, and those of `<Start>` beside it. */
export class WebhookStreams {
  readonly #parts: StreamsParts;
  readonly #forks = new Map<string, { readonly fork: Fork; readonly name: string }>();
  #talk: Talk | undefined;
  #files: CallFiles | undefined;
  #url: URL | undefined;
  #ended: (code: number) => void = () => {};

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  get talk(): Talk | undefined {
    return this.#talk;
  }

  get files(): CallFiles | undefined {
    return this.#files;
  }

  drawStreamSid(): string {
    return drawSid('MZ', this.#parts.random);
  }

  /**
   * Opens the stream of a `<Connect>` and hands the caller over to it. Undefined when it could not be opened, which is
   * then a finding; else a promise of the code with which the server closes it.
   */
  async connect(wanted: WantedStream): Promise<{ readonly ended: Promise<number> } | { readonly error: string }> {
    const opened = await this.#open(wanted.url);
    if ('error' in opened) return opened;
    this.#url = addressOf(wanted.url);
    const ended = new Promise<number>((resolve) => {
      this.#ended = resolve;
    });
    if (this.#talk) this.#talk.connect(opened, wanted.streamSid, wanted.parameters);
    else await this.#startTalk(wanted, opened);
    return { ended };
  }

  /** Opens a one-way stream; resolves when it is there. `onEnd` is told once, when it is over. */
  async fork(
    wanted: WantedStream & { readonly name: string; readonly track: ForkTrack },
    onEnd: (how: 'stopped' | 'protocol') => void,
  ): Promise<{ readonly error: string } | undefined> {
    const opened = await this.#open(wanted.url);
    if ('error' in opened) return opened;
    if (!this.#talk) await this.#startTalk(wanted, undefined);
    const { random, sids, journal } = this.#parts;
    let how: 'stopped' | 'protocol' = 'stopped';
    const { streamSid } = wanted;
    const fork = new Fork({
      opened,
      sids: { ...sids, streamSid },
      track: wanted.track,
      parameters: wanted.parameters,
      timestamp: mediaTimestamps(seededRandom(Math.floor(random() * 2 ** 32))),
      onMessage: () => {
        how = 'protocol';
        journal.find('stream/one-way');
      },
      onEnd: () => {
        this.#forks.delete(streamSid);
        onEnd(how);
      },
    });
    this.#forks.set(streamSid, { fork, name: wanted.name });
    return undefined;
  }

  /** False when no one-way stream has this name or sid. */
  stopFork(sidOrName: string): boolean {
    for (const [streamSid, { fork, name }] of this.#forks) {
      if (streamSid !== sidOrName && name !== sidOrName) continue;
      fork.close();
      return true;
    }
    return false;
  }

  /** Resolves when the last of them has gone, at most a second later. */
  async closeForks(): Promise<void> {
    const open = [...this.#forks.values()];
    for (const { fork } of open) fork.close();
    await Promise.all(open.map(({ fork }) => fork.gone));
  }

  /** A stream to the same server, for what a script or a fault asks for. */
  #openAnother(): Promise<OpenSocket> {
    if (!this.#url) return Promise.reject(new VoicebridgeError('call-given-up', { url: this.#parts.options.url }));
    return openSocket(this.#socketOptions(this.#url));
  }

  #socketOptions(url: URL) {
    const { options, signal } = this.#parts;
    const { authToken, handshakeTimeoutMs: timeoutMs, maxMessageBytes } = options;
    return { url, timeoutMs, maxMessageBytes, signal, ...(authToken !== undefined && { authToken }) };
  }

  async #open(url: string): Promise<OpenSocket | { readonly error: string }> {
    const { clock, journal } = this.#parts;
    const address = addressOf(url);
    journal.note({ type: 'connecting', atMs: clock.now(), url: address.href });
    try {
      const opened = await openSocket(this.#socketOptions(address));
      journal.note({ type: 'open', atMs: clock.now() });
      return opened;
    } catch (error) {
      if (!(error instanceof VoicebridgeError)) throw error;
      return { error: await this.#complain(error, address) };
    }
  }

  /** Finds out what a server that refused the stream wanted. Returns Twilio's code and words. */
  async #complain(error: VoicebridgeError, url: URL): Promise<string> {
    const { clock, journal, options } = this.#parts;
    if (error.code === 'call-given-up') return '31900 - Stream - Unknown error';
    if (error.code !== 'handshake-status' && error.code !== 'handshake-invalid') {
      journal.find('stream/unreachable', error.message);
      return error.code === 'connect-timeout'
        ? '31901 - Stream - WebSocket - Connection Timeout'
        : '31902 - Stream - WebSocket - Connection Refused';
    }
    const { authToken } = options;
    const headers = headersFor({ url, ...(authToken !== undefined && { authToken }) });
    const found = await explainHandshake({ error, url, headers, timeoutMs: DEFAULTS.phone.probeTimeoutMs });
    if (found) journal.keep(lintFinding(found.rule, clock.now(), found.message));
    else journal.find('stream/refused', error.message);
    return '31920 - Stream - WebSocket - Handshake Error';
  }

  async #startTalk(wanted: WantedStream, opened: OpenSocket | undefined): Promise<void> {
    const { options, clock, random, sids, folder, journal, tell, isHeard, onTalk } = this.#parts;
    this.#files = folder && (await CallFiles.create(folder.path));
    const talk = new Talk({
      ...(opened && { opened }),
      openAnother: () => this.#openAnother(),
      options: { ...options, parameters: wanted.parameters },
      clock,
      random,
      sids: { ...sids, streamSid: wanted.streamSid },
      files: this.#files,
      before: journal.before,
      tell,
      isHeard,
      onStreamEnd: (code) => this.#ended(code),
      onFrame: (frame, payload) => this.#fork(frame, payload),
    });
    this.#talk = talk;
    journal.attach(talk);
    onTalk(talk);
  }

  #fork(frame: number, payload: string): void {
    if (this.#forks.size === 0) return;
    let heard: string | undefined;
    const outbound = (): string => {
      heard ??= Buffer.from(this.#talk!.heardFrame(frame)).toString('base64');
      return heard;
    };
    for (const { fork } of this.#forks.values()) fork.frame(payload, outbound);
  }
}

/** Twilio opens an address without its query. */
function addressOf(url: string): URL {
  const address = new URL(url);
  address.search = '';
  address.hash = '';
  return address;
}
