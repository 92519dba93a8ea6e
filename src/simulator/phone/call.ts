import type WebSocket from 'ws';
import { levelOfMulaw, SILENCE_DBOV } from '../../audio/level.js';
import { judgeBinaryMessage, judgeServerMessage, type PhoneEncoder, phoneEncoder } from '../../carrier/twilio/phone.js';
import { type Clock, systemClock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { type AgentView, Caller } from './caller.js';
import { type CompleteOptions, complete, type DialOptions } from './dial-options.js';
import { Ear } from './ear.js';
import type { CallRecord, EndReason, PhoneEvent } from './events.js';
import { Line } from './line.js';
import { LINT_RULES, type LintRule, lintFinding } from './lint.js';
import { Pacer } from './pacer.js';
import { PayloadLint } from './payload-lint.js';
import { Playout, type PlayoutEvent } from './playout.js';
import { type Random, seededRandom } from './random.js';
import { CallMemory } from './record.js';
import { CallFiles, type CallFolder, makeFolder } from './record-files.js';
import { drawSid } from './sid.js';
import { openSocket, streamUrl } from './socket.js';
import { mediaTimestamps } from './timestamps.js';

export type { DialOptions, NetworkOptions } from './dial-options.js';

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

const FRAME_MS = DEFAULTS.phone.frameMs;
const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;
/** Frames between two writes to the files: half a second. */
const FLUSH_FRAMES = 25;
/** What ws reports when the connection broke without a closing handshake (RFC 6455, 7.1.5). */
const NO_CLOSE_FRAME = 1006;

/** The parts of a call that is connected. They are made together, when its time begins. */
interface Talk {
  readonly startMs: number;
  readonly line: Line;
  readonly wire: PhoneEncoder;
  readonly memory: CallMemory;
  readonly files: CallFiles | undefined;
  readonly caller: Caller;
  readonly pacer: Pacer;
  readonly cancelMaximum: () => void;
}

/**
 * Joins the parts of the phone; each is a file of its own.
 *
 *   connecting ── open ──▶ talking ── hang up, the server's close, time is up ──▶ over
 */
class PhoneCall implements Call {
  readonly done: Promise<CallRecord>;
  readonly #options: CompleteOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sids: { readonly streamSid: string; readonly callSid: string; readonly accountSid: string };
  readonly #listeners: ((event: PhoneEvent) => void)[] = [];
  readonly #giveUp = new AbortController();
  readonly #playout: Playout;
  readonly #ear: Ear;
  readonly #payloadLint = new PayloadLint();
  readonly #frame = new Uint8Array(FRAME_SAMPLES);
  #talk: Talk | undefined;
  #early: PhoneEvent[] = [];
  #end: { readonly reason: EndReason; readonly atMs: number } | undefined;
  #cancelWake: () => void = () => {};
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  #messages = 0;
  #overflowed = false;
  #callerDbov = SILENCE_DBOV;
  #resolveClosed: (code: number) => void = () => {};

  constructor(options: DialOptions) {
    this.#options = complete(options);
    this.#clock = options.clock ?? systemClock;
    this.#random = seededRandom(this.#options.seed);
    this.#sids = {
      accountSid: options.accountSid ?? drawSid('AC', this.#random),
      callSid: options.callSid ?? drawSid('CA', this.#random),
      streamSid: options.streamSid ?? drawSid('MZ', this.#random),
    };
    this.#playout = new Playout({
      clearDelayMs: this.#options.clearDelayMs,
      maxBufferedBytes: this.#options.maxBufferedBytes,
      onHeard: (bytes, streamOffset, playedAtMs) => this.#heard(bytes, streamOffset, playedAtMs),
      onEvent: (event) => this.#played(event),
    });
    this.#ear = new Ear({
      quietMs: this.#options.agentQuietMs,
      onStart: ({ startMs }) => this.#note({ type: 'agent-starts', atMs: startMs }),
      onFinish: ({ finishedMs }) => this.#note({ type: 'agent-finishes', atMs: finishedMs! }),
    });
    options.signal?.addEventListener('abort', () => this.abort(), { once: true });
    if (options.signal?.aborted) this.#giveUp.abort();
    // Listeners are attached after dial() returns, and want to hear of the connecting too.
    this.done = Promise.resolve().then(() => this.#run());
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
    if (this.#talk && !this.#end) this.#settle(this.#clock.now());
    return this.#playout.bufferedBytes / SAMPLES_PER_MS;
  }

  levels(): { callerDbov: number; agentDbov: number } {
    return { callerDbov: this.#callerDbov, agentDbov: this.#ear.levelAt(this.#clock.now()) };
  }

  async #run(): Promise<CallRecord> {
    const { outDir } = this.#options;
    const url = streamUrl(this.#options.url);
    const folder = outDir === undefined ? undefined : await makeFolder(outDir);
    try {
      return await this.#connectAndTalk(url, folder);
    } catch (error) {
      await folder?.undo();
      throw error;
    }
  }

  async #connectAndTalk(url: URL, folder: CallFolder | undefined): Promise<CallRecord> {
    const { authToken, handshakeTimeoutMs: timeoutMs, maxMessageBytes } = this.#options;
    const query = url.search;
    url.search = '';
    url.hash = '';
    this.#note({ type: 'connecting', atMs: this.#clock.now(), url: this.#options.url });
    const signing = authToken !== undefined && { authToken };
    const socket = await openSocket({ url, timeoutMs, maxMessageBytes, signal: this.#giveUp.signal, ...signing });
    this.#note({ type: 'open', atMs: this.#clock.now() });
    const closed = new Promise<number>((resolve) => {
      this.#resolveClosed = resolve;
    });
    const files = folder && (await CallFiles.create(folder.path).catch((error: unknown) => giveUp(socket, error)));
    const line = new Line(socket, this.#clock, this.#options.network, this.#random, {
      onMessage: (data, isBinary) => this.#receive(data, isBinary),
      onProtocolError: (code, message) => this.#protocolError(code, message),
      onUnread: () => this.#complain('socket/not-reading'),
      onClose: (code) => this.#closed(code),
    });
    this.#begin(line, files);
    if (query !== '') this.#complain('url/query', `the query string ${query.slice(0, 80)} is not sent`);
    line.open();
    if (this.#giveUp.signal.aborted) this.#stop('aborted');
    const code = await closed;
    return this.#finish(code);
  }

  /** The stream is open: `connected` and `start` go out back to back, and the call's time begins. */
  #begin(line: Line, files: CallFiles | undefined): void {
    const { caller: script, lingerMs, maxCallMs, parameters = {} } = this.#options;
    const wire = phoneEncoder(this.#sids);
    const timestamp = mediaTimestamps(this.#random);
    const startMs = this.#clock.now();
    const memory = new CallMemory(startMs);
    const caller = new Caller({
      script,
      agent: this.#agentView(),
      startMs,
      lingerMs,
      onSpeechStart: ({ step, startMs: atMs, interrupts, text }) =>
        this.#note({ type: 'caller-speech-start', atMs, step, interrupts, ...(text !== undefined && { text }) }),
      onSpeechEnd: (speech) => {
        memory.speech(speech);
        this.#note({ type: 'caller-speech-end', atMs: speech.endMs, step: speech.step });
      },
      onDigit: (digit) => this.#press(digit),
      onTimeout: (step) => this.#note({ type: 'wait-timeout', atMs: this.#clock.now(), step }),
    });
    line.send(wire.connected());
    line.send(wire.start(parameters));
    const pacer = new Pacer(this.#clock, startMs, FRAME_MS, (frame, dueMs) =>
      this.#speak(frame, dueMs, timestamp(frame)),
    );
    const cancelMaximum = this.#clock.at(startMs + maxCallMs, () => this.#stop('max-duration'));
    this.#talk = { startMs, line, wire, memory, files, caller, pacer, cancelMaximum };
    for (const event of this.#early) this.#keep(event);
    this.#early = [];
    const { streamSid, callSid } = this.#sids;
    this.#note({ type: 'start', atMs: startMs, streamSid, callSid });
  }

  /** Sends one 20 ms frame of the caller. Runs 50 times a second. */
  #speak(frame: number, dueMs: number, timestampMs: number): void {
    const talk = this.#talk!;
    this.#settle(this.#clock.now());
    if (!talk.caller.render(this.#frame, frame * FRAME_SAMPLES)) return this.#stop('hangup');
    talk.line.send(talk.wire.media(timestampMs, Buffer.from(this.#frame.buffer).toString('base64')));
    const atMs = this.#clock.now();
    talk.memory.callerFrame(frame, this.#frame);
    this.#note({ type: 'frame', atMs, dueMs, chunk: frame + 1, bytes: this.#frame.length });
    this.#callerDbov = levelOfMulaw(this.#frame);
    // Bytes at the very edge of the present may still be rounded into it.
    if (frame % FLUSH_FRAMES === FLUSH_FRAMES - 1)
      talk.files?.flush(talk.memory, Math.floor((atMs - talk.startMs) * SAMPLES_PER_MS) - 2);
  }

  #press(digit: string): void {
    this.#talk!.line.send(this.#talk!.wire.dtmf(digit));
    this.#note({ type: 'dtmf', atMs: this.#clock.now(), digit });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#end) return;
    const nowMs = this.#clock.now();
    this.#settle(nowMs);
    this.#messages++;
    const text = isBinary ? '' : data.toString();
    const judged = isBinary ? judgeBinaryMessage(data.length) : judgeServerMessage(text, this.#sids.streamSid);
    if (judged.rule) this.#complain(judged.rule, judged.message, isBinary ? undefined : text);
    const { command } = judged;
    if (command?.type === 'media') this.#receiveMedia(nowMs, command.audio);
    else if (command?.type === 'mark') {
      this.#note({ type: 'mark', atMs: nowMs, name: command.name, streamOffset: this.#playout.receivedBytes });
      this.#playout.mark(nowMs, command.name);
    } else if (command?.type === 'clear') this.#playout.clear(nowMs);
    this.#wakeForPlayout();
  }

  #receiveMedia(nowMs: number, audio: Uint8Array): void {
    const { memory } = this.#talk!;
    const streamOffset = this.#playout.receivedBytes;
    memory.received(audio, streamOffset, nowMs);
    const rule = this.#payloadLint.check(audio);
    if (rule) this.#complain(rule);
    this.#lastArrivalMs = nowMs;
    const buffered = Math.min(this.#playout.bufferedBytes + audio.length, this.#options.maxBufferedBytes);
    const bufferedMs = buffered / SAMPLES_PER_MS;
    this.#note({ type: 'media', atMs: nowMs, bytes: audio.length, streamOffset, bufferedMs });
    this.#playout.media(nowMs, audio);
    if (memory.overflowed && !this.#overflowed) {
      this.#overflowed = true;
      this.#complain('phone/flood');
    }
  }

  /** Brings what was heard up to the present. Everything that happens to a call begins with it. */
  #settle(nowMs: number): void {
    this.#playout.advance(nowMs);
    this.#ear.advance(nowMs);
  }

  #wakeForPlayout(): void {
    this.#cancelWake();
    const nextMs = this.#end ? undefined : this.#playout.nextMs();
    if (nextMs === undefined) return;
    this.#cancelWake = this.#clock.at(nextMs, () => {
      this.#settle(this.#clock.now());
      this.#wakeForPlayout();
    });
  }

  #heard(bytes: Uint8Array, streamOffset: number, playedAtMs: number): void {
    this.#talk!.memory.heard(bytes, streamOffset, playedAtMs);
    this.#ear.hear(bytes, streamOffset, playedAtMs);
  }

  #played(event: PlayoutEvent): void {
    switch (event.type) {
      case 'mark': {
        const { line, wire } = this.#talk!;
        line.send(wire.mark(event.name));
        return this.#note({ type: 'mark-echo', atMs: this.#clock.now(), name: event.name, cleared: event.cleared });
      }
      case 'clear': {
        const { atMs, arrivedMs, droppedBytes } = event;
        this.#note({ type: 'clear', atMs, droppedBytes, ...(arrivedMs < atMs && { arrivedMs }) });
        if (droppedBytes > 0) this.#ear.cut(atMs);
        return;
      }
      case 'overflow':
        return this.#complain(
          'playout/overflow',
          `${event.droppedBytes} bytes more than the buffer holds were discarded`,
        );
      default:
        return this.#note(event);
    }
  }

  /** The phone ends the call. */
  #stop(reason: EndReason): void {
    if (this.#end) return;
    if (!this.#talk) return this.#giveUp.abort();
    const atMs = this.#clock.now();
    this.#settle(atMs);
    this.#ended(reason, atMs);
    const { line, wire } = this.#talk;
    line.send(wire.stop());
    this.#note({ type: 'stop', atMs });
    line.close();
  }

  #protocolError(code: string, message: string): void {
    this.#messages++;
    const rule: LintRule = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'frame/too-large' : 'frame/protocol';
    this.#complain(rule, `${LINT_RULES[rule].meaning}: ${message}`);
  }

  #closed(code: number): void {
    const atMs = this.#clock.now();
    const by = this.#end ? 'phone' : 'server';
    if (!this.#end) {
      this.#settle(atMs);
      this.#ended(code === NO_CLOSE_FRAME ? 'connection-lost' : 'server-closed', atMs);
    }
    this.#note({ type: 'closed', atMs, code, by });
    this.#resolveClosed(code);
  }

  /** From here on nothing is said, heard or noticed. */
  #ended(reason: EndReason, atMs: number): void {
    this.#end = { reason, atMs };
    this.#talk!.pacer.stop();
    this.#talk!.cancelMaximum();
    this.#cancelWake();
  }

  async #finish(code: number): Promise<CallRecord> {
    const { memory, files, pacer, startMs } = this.#talk!;
    const { reason: endReason, atMs: endedAtMs } = this.#end!;
    const { streamSid, callSid } = this.#sids;
    const record = memory.finish({
      url: this.#options.url,
      callSid,
      streamSid,
      endedAtMs,
      endReason,
      pacing: pacer.pacing(),
      ...(files && { files: files.paths }),
    });
    files?.flush(memory, record.callerLane.length);
    await files?.close();
    const lastedMs = endedAtMs - startMs;
    const byServer = endReason === 'server-closed' || endReason === 'connection-lost';
    if (byServer && this.#messages === 0 && lastedMs < DEFAULTS.phone.earlyCloseMs) {
      const afterMs = Math.round(lastedMs);
      throw new VoicebridgeError('closed-early', { url: this.#options.url, afterMs, code });
    }
    return record;
  }

  #complain(rule: LintRule, message?: string, offending?: string): void {
    const finding = lintFinding(rule, this.#clock.now(), message, offending);
    if (this.#talk!.memory.lint(finding)) this.#note({ type: 'lint', atMs: finding.atMs, finding });
  }

  #note(event: PhoneEvent): void {
    if (this.#talk) this.#keep(event);
    else this.#early.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  #keep(event: PhoneEvent): void {
    if (this.#talk!.memory.event(event)) this.#talk!.files?.event(event);
  }

  #agentView(): AgentView {
    const call = this;
    return {
      utterances: this.#ear.utterances,
      get receivedBytes() {
        return call.#playout.receivedBytes;
      },
      get playedOffset() {
        return call.#playout.playedOffset;
      },
      get lastArrivalMs() {
        return call.#lastArrivalMs;
      },
    };
  }
}

function giveUp(socket: WebSocket, error: unknown): never {
  socket.terminate();
  throw error;
}
