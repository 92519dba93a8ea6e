import { SILENCE_DBOV } from '../../audio/level.js';
import type { StreamSids } from '../../carrier/twilio/phone.js';
import { type Clock, systemClock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { type Random, seededRandom } from '../../random.js';
import { type CompleteOptions, complete, type DialOptions } from './dial-options.js';
import type { CallRecord, PhoneEvent } from './events.js';
import { explainHandshake } from './lint/handshake.js';
import { lintFinding } from './lint.js';
import { CallFiles, type CallFolder, makeFolder } from './record-files.js';
import { phoneClock } from './shared-clock.js';
import { drawSid } from './sid.js';
import { headersFor, openSocket, streamUrl } from './socket.js';
import { Talk } from './talk.js';

export type { NetworkOptions } from './carrier-script.js';
export type { DialOptions } from './dial-options.js';

/** A call that is going on. */
export interface Call {
  /** Called for every event from now on, at once. */
  on(listener: (event: PhoneEvent) => void): void;
  /**
   * Everything the call left, once it is over and the files are written. Rejects with VoicebridgeError when it could not
   * be made (usage, connect-…, handshake-…, closed-early, call-given-up) or written (file-unwritable).
   */
  readonly done: Promise<CallRecord>;
  /** Ends the call as the caller would; before it was answered, gives it up. */
  hangUp(): void;
  /** As `hangUp`, but the record says that it was aborted. */
  abort(): void;
  /** Agent audio waiting to be played. */
  bufferedMs(): number;
  /** Of the last 10 to 20 ms, -127 … 0. */
  levels(): { readonly callerDbov: number; readonly agentDbov: number };
}

/** Makes one phone call as Twilio would: opens the stream, plays the caller, hears the agent, keeps the record. */
export function dial(options: DialOptions): Call {
  return new PhoneCall(options);
}

/** A call from dialling to its record. What happens on the open stream is `Talk`'s. */
class PhoneCall implements Call {
  readonly done: Promise<CallRecord>;
  readonly #options: CompleteOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sids: StreamSids;
  readonly #listeners: ((event: PhoneEvent) => void)[] = [];
  readonly #before: PhoneEvent[] = [];
  readonly #giveUp = new AbortController();
  #talk: Talk | undefined;

  constructor(options: DialOptions) {
    this.#options = complete(options);
    const { clock = systemClock } = options;
    // The same time; but all phones of the process share one timer.
    this.#clock = clock === systemClock ? phoneClock : clock;
    this.#random = seededRandom(this.#options.seed);
    this.#sids = {
      accountSid: options.accountSid ?? drawSid('AC', this.#random),
      callSid: options.callSid ?? drawSid('CA', this.#random),
      streamSid: options.streamSid ?? drawSid('MZ', this.#random),
    };
    if (options.signal?.aborted) this.#giveUp.abort();
    // Listeners are attached after dial() has returned, and want to hear of the connecting too.
    this.done = Promise.resolve().then(() => this.#make());
  }

  on(listener: (event: PhoneEvent) => void): void {
    this.#listeners.push(listener);
  }

  hangUp(): void {
    this.#stop('hangup');
  }

  abort(): void {
    this.#stop('aborted');
  }

  bufferedMs(): number {
    return this.#talk?.bufferedMs ?? 0;
  }

  levels(): { callerDbov: number; agentDbov: number } {
    return this.#talk?.levels() ?? { callerDbov: SILENCE_DBOV, agentDbov: SILENCE_DBOV };
  }

  #stop(reason: 'hangup' | 'aborted'): void {
    if (this.#talk) this.#talk.stop(reason);
    else this.#giveUp.abort();
  }

  async #make(): Promise<CallRecord> {
    const { outDir, signal } = this.#options;
    const onAbort = (): void => this.abort();
    const url = streamUrl(this.#options.url);
    const folder = outDir === undefined ? undefined : await makeFolder(outDir);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#connectAndTalk(url, folder);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      // Nothing happens to a folder with files in it.
      await folder?.undo();
    }
  }

  async #connectAndTalk(url: URL, folder: CallFolder | undefined): Promise<CallRecord> {
    const query = url.search;
    url.search = '';
    url.hash = '';
    this.#tellBefore({ type: 'connecting', atMs: this.#clock.now(), url: this.#options.url });
    const { authToken, handshakeTimeoutMs: timeoutMs, maxMessageBytes } = this.#options;
    const signing = authToken !== undefined && { authToken };
    const open = () => openSocket({ url, timeoutMs, maxMessageBytes, signal: this.#giveUp.signal, ...signing });
    const opened = await open().catch((error: unknown) => this.#explain(error, url));
    this.#tellBefore({ type: 'open', atMs: this.#clock.now() });
    const files = folder && (await CallFiles.create(folder.path).catch(terminating(opened.socket)));

    const talk = new Talk({
      opened,
      openAnother: open,
      options: this.#options,
      clock: this.#clock,
      random: this.#random,
      sids: this.#sids,
      files,
      before: this.#before,
      tell: (event) => this.#tell(event),
      isHeard: () => this.#listeners.length > 0,
    });
    this.#talk = talk;
    if (query !== '') talk.complain('url/query', `the query string ${query.slice(0, 80)} is not sent`);
    if (this.#giveUp.signal.aborted) talk.stop('aborted');

    const { reason, atMs, code } = await talk.over;
    const record = talk.record();
    await files?.close();
    const byServer = reason === 'server-closed' || reason === 'connection-lost';
    const afterMs = Math.round(atMs - talk.startMs);
    if (byServer && talk.messages === 0 && afterMs < DEFAULTS.phone.earlyCloseMs)
      throw new VoicebridgeError('closed-early', { url: this.#options.url, afterMs, code });
    return record;
  }

  /** Finds out what a server that refused the stream wanted, and says it. */
  async #explain(error: unknown, url: URL): Promise<never> {
    if (!(error instanceof VoicebridgeError)) throw error;
    const { authToken } = this.#options;
    const headers = headersFor({ url, ...(authToken !== undefined && { authToken }) });
    const found = await explainHandshake({ error, url, headers, timeoutMs: DEFAULTS.phone.probeTimeoutMs });
    if (!found) throw error;
    const finding = lintFinding(found.rule, this.#clock.now(), found.message);
    this.#tellBefore({ type: 'lint', atMs: finding.atMs, finding });
    if (found.demands === undefined) throw error;
    const details = { url: this.#options.url, demands: found.demands, instead: finding.instead ?? '' };
    throw new VoicebridgeError('handshake-demands', details, { cause: error });
  }

  #tellBefore(event: PhoneEvent): void {
    this.#before.push(event);
    this.#tell(event);
  }

  #tell(event: PhoneEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Lets go of the socket when what was to come after it failed. */
function terminating(socket: { terminate(): void }): (error: unknown) => never {
  return (error) => {
    socket.terminate();
    throw error;
  };
}
