import { SILENCE_DBOV } from '../../../audio/level.js';
import { type Clock, systemClock } from '../../../clock.js';
import { VoicebridgeError } from '../../../errors.js';
import { seededRandom } from '../../../random.js';
import type { CallStatus, LiveAccountCall } from '../../account/live-call.js';
import { type CompleteOptions, complete } from '../dial-options.js';
import type { CallRecord, EndReason, PhoneEvent } from '../events.js';
import type { LintFinding } from '../lint.js';
import { makeFolder } from '../record-files.js';
import { phoneClock } from '../shared-clock.js';
import { drawSid } from '../sid.js';
import type { Talk } from '../talk.js';
import { complaintOf, type SentCallback, StatusCallbacks } from './callbacks.js';
import { Follower, type Source } from './follower.js';
import { type CallFacts, endedForm } from './form.js';
import { Journal, type VerbEvent, type WebhookEvent } from './journal.js';
import { WEBHOOK_DEFAULTS, type WebhookDialOptions } from './options.js';
import { WebhookClient } from './request.js';
import { WebhookStreams } from './streams.js';

export type { Answers, WebhookDialOptions } from './options.js';

/** What a call left that began at a webhook. Times are on the clock the phone was given. */
export interface WebhookRecord {
  readonly url: string;
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** How it ended, in Twilio's words. */
  readonly status: CallStatus;
  /** Since it was answered, in whole seconds; 0 when it never was. */
  readonly durationSeconds: number;
  /** Silence in `<Pause>` behind a stream. */
  readonly deadAirMs: number;
  /** Every request to the server, callbacks included, as they were answered. */
  readonly requests: readonly WebhookEvent[];
  readonly verbs: readonly VerbEvent[];
  /** What was wrong with webhook, TwiML and callbacks. The talk has its own, and these with them. */
  readonly lint: readonly LintFinding[];
  /** What was said; absent when no stream was opened. */
  readonly talk?: CallRecord;
}

/** A call that is going on. */
export interface WebhookCall extends LiveAccountCall {
  /** Called for every event from now on, at once. */
  on(listener: (event: PhoneEvent) => void): void;
  /** Everything the call left, once it is over and the callbacks are answered. Rejects with VoicebridgeError usage or file-unwritable. */
  readonly done: Promise<WebhookRecord>;
  /** Ends the call as the caller would. */
  hangUp(): void;
  /** As `hangUp`, but the record says that it was aborted. */
  abort(): void;
  bufferedMs(): number;
  levels(): { readonly callerDbov: number; readonly agentDbov: number };
}

/** Calls a number: asks its webhook as Twilio does, and does what the TwiML says until the call is over. */
export function dialWebhook(options: WebhookDialOptions): WebhookCall {
  return new PhoneCall(options);
}

class PhoneCall implements WebhookCall {
  readonly callSid: string;
  readonly done: Promise<WebhookRecord>;
  readonly #options: WebhookDialOptions;
  readonly #complete: CompleteOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #facts: CallFacts;
  readonly #listeners: ((event: PhoneEvent) => void)[] = [];
  readonly #journal: Journal;
  readonly #giveUp = new AbortController();
  #streams: WebhookStreams | undefined;
  /** Ends what the call does at the moment: for a redirect, or for good. */
  #present = new AbortController();
  #redirected: Source | undefined;
  #over = false;
  #reason: EndReason = 'server-closed';
  #status: CallStatus = 'ringing';
  #answeredMs: number | undefined;

  constructor(options: WebhookDialOptions) {
    this.#options = options;
    this.#complete = complete(options);
    const { clock = systemClock } = options;
    this.#clock = clock;
    this.#random = seededRandom(this.#complete.seed);
    this.callSid = options.callSid ?? drawSid('CA', this.#random);
    this.#facts = {
      callSid: this.callSid,
      accountSid: options.accountSid ?? drawSid('AC', this.#random),
      from: options.from ?? WEBHOOK_DEFAULTS.from,
      to: options.to ?? WEBHOOK_DEFAULTS.to,
      direction: options.outbound ? 'outbound-api' : 'inbound',
    };
    this.#journal = new Journal(this.#clock, (event) => this.#tell(event));
    this.done = Promise.resolve().then(() => this.#make());
  }

  on(listener: (event: PhoneEvent) => void): void {
    this.#listeners.push(listener);
  }

  hangUp(): void {
    this.#end('hangup');
  }

  abort(): void {
    this.#end('aborted');
  }

  redirect(to: { readonly url: string; readonly method: 'GET' | 'POST' } | { readonly twiml: string }): void {
    if (this.#over) return;
    this.#redirected = 'twiml' in to ? to : { what: 'redirect', ...to };
    this.#present.abort('redirected');
  }

  startStream(): void {
    this.#journal.find('twiml/not-followed', 'a stream that the REST API starts is nothing that this phone follows');
  }

  stopStream(sidOrName: string): void {
    this.#streams?.stopFork(sidOrName);
  }

  bufferedMs(): number {
    return this.#streams?.talk?.bufferedMs ?? 0;
  }

  levels(): { callerDbov: number; agentDbov: number } {
    return this.#streams?.talk?.levels() ?? { callerDbov: SILENCE_DBOV, agentDbov: SILENCE_DBOV };
  }

  #tell(event: PhoneEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #end(reason: EndReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason = reason;
    const talk = this.#streams?.talk;
    // Its end is told by the talk itself: `stop`, and the close.
    if (talk) talk.stop(reason);
    this.#giveUp.abort();
    this.#present.abort('over');
  }

  async #make(): Promise<WebhookRecord> {
    const { url, signal, outDir, outbound } = this.#options;
    if (outbound?.twiml === undefined && (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))) {
      const message = `"${url}" is not the address of a webhook: it begins with http:// or https://`;
      throw new VoicebridgeError('usage', { message, command: 'simulate' });
    }
    const folder = outDir === undefined ? undefined : await makeFolder(outDir);
    const onAbort = (): void => this.abort();
    if (signal?.aborted) this.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelMaximum = this.#clock.at(this.#clock.now() + this.#complete.maxCallMs, () => this.#end('max-duration'));
    try {
      return await this.#call(folder);
    } finally {
      cancelMaximum();
      signal?.removeEventListener('abort', onAbort);
      // Nothing happens to a folder with files in it.
      await folder?.undo();
    }
  }

  async #call(folder: Awaited<ReturnType<typeof makeFolder>> | undefined): Promise<WebhookRecord> {
    const { account, authToken, webhookTimeoutMs } = this.#options;
    const client = new WebhookClient(authToken, webhookTimeoutMs);
    const callbacks = new StatusCallbacks(client, this.#clock, (sent) => this.#callbackSent(sent));
    const streams = this.#makeStreams(folder);
    this.#streams = streams;
    const follower = this.#makeFollower(client, callbacks, streams);
    account?.begin(this.#facts, {
      callSid: this.callSid,
      redirect: (to) => this.redirect(to),
      // The account ends it, not the caller.
      hangUp: () => this.#end('server-closed'),
      stopStream: (sidOrName) => this.stopStream(sidOrName),
    });
    if (this.#options.outbound) this.#answered();
    else account?.status(this.callSid, 'ringing');
    try {
      await this.#follow(follower);
    } finally {
      this.#end('server-closed');
      await streams.closeForks();
    }
    const talk = await this.#talkRecord(streams);
    if (this.#answeredMs !== undefined) this.#status = 'completed';
    else if (this.#status === 'ringing') this.#status = this.#reason === 'hangup' ? 'canceled' : 'completed';
    const durationSeconds =
      this.#answeredMs === undefined ? 0 : Math.ceil((this.#clock.now() - this.#answeredMs) / 1000);
    account?.end(this.callSid, this.#status, durationSeconds);
    this.#tellEnd(callbacks, durationSeconds);
    await callbacks.idle();
    const { from, to } = this.#facts;
    return {
      ...{ url: this.#options.url, callSid: this.callSid, from, to, status: this.#status, durationSeconds },
      deadAirMs: follower.deadAirMs,
      requests: this.#journal.requests,
      verbs: this.#journal.verbs,
      lint: this.#journal.lint,
      ...(talk && { talk }),
    };
  }

  async #follow(follower: Follower): Promise<void> {
    const { url, method = 'POST', outbound } = this.#options;
    const { twiml, form } = outbound ?? {};
    let next: Source | undefined =
      twiml === undefined ? { what: 'voice', url, method, ...(form && { form }) } : { twiml };
    while (next && !this.#over) {
      this.#present = new AbortController();
      const { signal } = this.#present;
      try {
        next = await follower.follow(next, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        next = this.#redirected;
        this.#redirected = undefined;
      }
    }
  }

  #makeStreams(folder: Awaited<ReturnType<typeof makeFolder>> | undefined): WebhookStreams {
    return new WebhookStreams({
      options: this.#complete,
      // Frames share one timer with all phones. It is not for what waits long and is given up: it would stay armed, and
      // keep the process until then.
      clock: this.#clock === systemClock ? phoneClock : this.#clock,
      random: this.#random,
      sids: this.#facts,
      folder,
      journal: this.#journal,
      tell: (event) => this.#tell(event),
      isHeard: () => this.#listeners.length > 0,
      signal: this.#giveUp.signal,
      onTalk: (talk) => this.#talkBegan(talk),
    });
  }

  #makeFollower(client: WebhookClient, callbacks: StatusCallbacks, streams: WebhookStreams): Follower {
    const { account, answers = WEBHOOK_DEFAULTS.answers, digits = [], fallbackUrl, fallbackMethod } = this.#options;
    const { callSid, from } = this.#facts;
    return new Follower({
      clock: this.#clock,
      facts: this.#facts,
      client,
      callbacks,
      journal: this.#journal,
      streams,
      dial: {
        ...{ clock: this.#clock, account, answers, callSid, from },
        drawCallSid: () => drawSid('CA', this.#random),
      },
      fallback: fallbackUrl === undefined ? undefined : { url: fallbackUrl, method: fallbackMethod ?? 'POST' },
      digits,
      wallNow: () => new Date(),
      status: () => (this.#over ? 'completed' : this.#status),
      onAnswered: () => this.#answered(),
      onRejected: (status) => {
        this.#status = this.#answeredMs === undefined ? status : this.#status;
      },
    });
  }

  #answered(): void {
    if (this.#answeredMs !== undefined) return;
    this.#answeredMs = this.#clock.now();
    this.#status = 'in-progress';
    this.#options.account?.status(this.callSid, 'in-progress');
  }

  /** The caller may end the call from now on, and so may a fault. */
  #talkBegan(talk: Talk): void {
    if (this.#over) talk.stop(this.#reason);
    void talk.over.then(({ reason }) => this.#end(reason));
  }

  async #talkRecord(streams: WebhookStreams): Promise<CallRecord | undefined> {
    const { talk, files } = streams;
    if (!talk) return undefined;
    await talk.over;
    const record = talk.record();
    await files?.close();
    return record;
  }

  /** The number's own status callback hears of incoming calls only when they are over. */
  #tellEnd(callbacks: StatusCallbacks, seconds: number): void {
    const { statusCallback: url, statusCallbackMethod: method = 'POST' } = this.#options;
    if (url === undefined) return;
    callbacks.send({ url, method, form: endedForm(this.#facts, this.#status, seconds, new Date()) }, this.#status);
  }

  #callbackSent(sent: SentCallback): void {
    const { request, tells, answer } = sent;
    const what = tells.startsWith('stream-') ? 'stream-status' : 'call-status';
    const { url, method } = request;
    const { status } = answer;
    this.#journal.note({
      ...{ type: 'webhook', atMs: this.#clock.now(), what, method, url, tells, tookMs: sent.tookMs },
      ...(status !== undefined && { status }),
    });
    const complaint = complaintOf(sent);
    if (complaint !== undefined) this.#journal.find('webhook/status-callback', complaint);
  }
}
