import { MULAW_SILENCE } from '../../audio/g711.js';
import { levelOfMulaw, SILENCE_DBOV } from '../../audio/level.js';
import type { StreamSids } from '../../carrier/twilio/phone.js';
import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import { type Random, seededRandom } from '../../random.js';
import { Caller } from './caller.js';
import type { CompleteOptions } from './dial-options.js';
import { Earpiece } from './earpiece.js';
import type { CallRecord, EndReason, PhoneEvent } from './events.js';
import { planFaults } from './fault-plan.js';
import { CallLint } from './lint/call-lint.js';
import { frameRule } from './lint/frames.js';
import { LINT_RULES, type LintFinding, type LintRule, lintFinding } from './lint.js';
import { LiveLine, speechOf } from './live-caller.js';
import { Pacer } from './pacer.js';
import { CallMemory } from './record.js';
import type { CallFiles } from './record-files.js';
import type { OpenSocket } from './socket.js';
import { CallStreams } from './streams.js';
import { type Surroundings, surroundingsOf } from './surroundings.js';

const FRAME_MS = DEFAULTS.phone.frameMs;
const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;
/** Frames between two writes to the files: half a second. */
const FLUSH_FRAMES = 25;
/** What ws reports when the connection broke without a closing handshake (RFC 6455, 7.1.5). */
const NO_CLOSE_FRAME = 1006;
const NOTHING_TO_UNDO = (): void => {};

export interface TalkParts {
  /** Open and paused. Left out by a call that begins without a stream, and gets one with `connect`. */
  readonly opened?: OpenSocket;
  /** Opens another one to the same place. */
  readonly openAnother: () => Promise<OpenSocket>;
  readonly options: CompleteOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly sids: StreamSids;
  readonly files: CallFiles | undefined;
  /** What happened before the stream was open; it belongs to the record. */
  readonly before: readonly PhoneEvent[];
  /** Told of every event. */
  readonly tell: (event: PhoneEvent) => void;
  /** Whether anybody listens: 50 events a second are not made for nobody. */
  readonly isHeard: () => boolean;
  /**
   * The call outlives its streams, as it does at Twilio: told when one of them has ended by itself, with its close code.
   * Without it the call ends with its stream.
   */
  readonly onStreamEnd?: (code: number) => void;
  /** A frame of the caller has been spoken, whether or not a stream takes it. Runs 50 times a second. */
  readonly onFrame?: (frame: number, payload: string) => void;
}

/** How a talk ended. */
export interface TalkEnd {
  readonly reason: EndReason;
  readonly atMs: number;
  /** Close code of the socket. */
  readonly code: number;
}

/**
 * A call from `start` to its end: sends the caller, hands what comes to the earpiece, keeps the record.
 *
 *   talking ── hangup, abort, time is up: stop, close 1000 ──▶ ended ── the socket has closed ──▶ over
 *      └────── the server closes, the connection breaks ─────────────────────────────────────────▶ over
 */
export class Talk {
  /** Resolves when the socket has closed. */
  readonly over: Promise<TalkEnd>;
  readonly startMs: number;
  readonly #parts: TalkParts;
  readonly #memory: CallMemory;
  readonly #streams: CallStreams;
  readonly #earpiece: Earpiece;
  readonly #caller: Caller | LiveLine;
  readonly #pacer: Pacer;
  readonly #surroundings: Surroundings | undefined;
  readonly #cancelMaximum: () => void;
  readonly #cancelFaults: () => void;
  readonly #frame = new Uint8Array(FRAME_SAMPLES);
  /** The same bytes. */
  readonly #frameBytes = Buffer.from(this.#frame.buffer);
  readonly #lint = new CallLint((rule, message) => this.complain(rule, message));
  #end: Omit<TalkEnd, 'code'> | undefined;
  #resolveOver: (end: TalkEnd) => void = () => {};

  /** The first stream starts, and the call's time begins. */
  constructor(parts: TalkParts) {
    const { clock, options, random, sids } = parts;
    this.#parts = parts;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    this.startMs = clock.now();
    this.#memory = new CallMemory(this.startMs);
    // Each use draws from a series of its own: frames stay the same, byte for byte, whatever the server does.
    const series = (): Random => seededRandom(Math.floor(random() * 2 ** 32));
    this.#streams = this.#makeStreams(series);
    this.#earpiece = this.#makeEarpiece();
    this.#caller = this.#makeCaller();
    this.#surroundings =
      'live' in options.caller
        ? undefined
        : surroundingsOf(options.caller, options.seed, (from, to) => this.#memory.heardLane.subarray(from, to));
    for (const event of parts.before) this.#keep(event);
    this.note({ type: 'start', atMs: this.startMs, streamSid: sids.streamSid, callSid: sids.callSid });
    // A frame can be sent when its last sample has been spoken, not before.
    this.#pacer = new Pacer(
      clock,
      this.startMs + FRAME_MS,
      FRAME_MS,
      (frame, dueMs) => this.#speak(frame, dueMs),
      (behind) => this.note({ type: 'behind', atMs: clock.now(), ...behind }),
    );
    this.#cancelMaximum = clock.at(this.startMs + options.maxCallMs, () => this.stop('max-duration'));
    this.#cancelFaults = this.#planFaults(series());
    this.#streams.line?.open();
  }

  /** So many messages came from the server. */
  get messages(): number {
    return this.#earpiece.messages;
  }

  get bufferedMs(): number {
    if (!this.#end) this.#earpiece.settle(this.#parts.clock.now());
    return this.#earpiece.bufferedMs;
  }

  levels(): { callerDbov: number; agentDbov: number } {
    const callerDbov = this.#pacer.frames === 0 ? SILENCE_DBOV : levelOfMulaw(this.#frame);
    return { callerDbov, agentDbov: this.#earpiece.levelAt(this.#parts.clock.now()) };
  }

  /** The phone ends the call; the first reason counts. */
  stop(reason: EndReason): void {
    if (reason === 'aborted' && this.#streams.line?.dead) this.#streams.line.cut('silently');
    if (this.#end) return;
    const atMs = this.#parts.clock.now();
    this.#earpiece.settle(atMs);
    this.#ended(reason, atMs);
    // On a dead line nobody hears of it: the socket breaks in its own time.
    if (this.#streams.line?.dead) return;
    // Between two streams there is nobody to tell, and no socket whose close could end the call.
    if (!this.#streams.connected) return this.#resolveOver({ ...this.#end!, code: NO_CLOSE_FRAME });
    if (reason !== 'fault') {
      this.#streams.stop();
      this.note({ type: 'stop', atMs });
    }
    this.#streams.line?.close();
  }

  /** Goes on over this stream, the first or another one. What there was must have ended. */
  connect(opened: OpenSocket, streamSid: string, parameters: Readonly<Record<string, string>>): void {
    this.#streams.adopt(opened, streamSid, parameters, {
      frames: () => this.#pacer.frames,
      onStart: (sid) => this.#reconnected(sid),
    });
  }

  /** The present stream ends with `stop`, the call does not. */
  leaveStream(): void {
    const streams = this.#streams;
    if (this.#end || !streams.connected) return;
    streams.stop();
    this.#disconnect();
    streams.line?.close();
    this.note({ type: 'stream-ended', atMs: this.#parts.clock.now(), by: 'phone' });
  }

  /** The µ-law that the caller heard during a frame; silence where nothing was played. */
  heardFrame(frame: number): Uint8Array {
    const heard = new Uint8Array(FRAME_SAMPLES).fill(MULAW_SILENCE);
    heard.set(this.#memory.heardLane.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES));
    return heard;
  }

  complain(rule: LintRule, message?: string, offending?: string): void {
    // A flood of mistakes is counted, not described.
    if (!this.#memory.breaks(rule)) return;
    this.#find(lintFinding(rule, this.#parts.clock.now(), message, offending));
  }

  /** Keeps a finding of somebody else: of the webhook's side of the call. */
  find(finding: LintFinding): void {
    if (this.#memory.breaks(finding.rule)) this.#find(finding);
  }

  /** As `find`, for what was found and told before there was a talk. */
  keep(finding: LintFinding): void {
    if (this.#memory.breaks(finding.rule)) this.#memory.lint(finding);
  }

  #find(finding: LintFinding): void {
    this.#memory.lint(finding);
    this.note({ type: 'lint', atMs: finding.atMs, finding });
  }

  /** The record of a talk that is over; hands the rest to the files. */
  record(): CallRecord {
    const { files, options, sids } = this.#parts;
    const { reason: endReason, atMs: endedAtMs } = this.#end!;
    if (this.#live)
      for (const speech of speechOf(this.#memory.callerLane.subarray(0, this.#memory.callerLane.length), this.startMs))
        this.#memory.speech(speech);
    files?.flush(this.#memory, this.#memory.samplesUntil(endedAtMs));
    return this.#memory.finish({
      url: options.url,
      callSid: sids.callSid,
      streamSid: sids.streamSid,
      ...(this.#streams.sids.length > 1 && { streamSids: this.#streams.sids }),
      endedAtMs,
      endReason,
      pacing: this.#pacer.pacing(),
      ...(files && { files: files.paths }),
    });
  }

  /** The caller, when nobody has written down what will be said. */
  get #live(): LiveLine | undefined {
    return this.#caller instanceof LiveLine ? this.#caller : undefined;
  }

  #makeStreams(series: () => Random): CallStreams {
    return new CallStreams({
      ...this.#parts,
      series,
      isOver: () => this.#end !== undefined,
      handlers: {
        onMessage: (data, isBinary) => this.#receive(data, isBinary),
        onProtocolError: (code, message) => this.#protocolError(code, message),
        onUnread: () => this.complain('socket/not-reading'),
        onClose: (code) => this.#closed(code),
      },
    });
  }

  /** Resets the connection as the script asks; `last` when no other stream follows. */
  #drop(last: boolean): void {
    const atMs = this.#parts.clock.now();
    this.#disconnect();
    this.note({ type: 'drop', atMs });
    if (last) this.#ended('dropped', atMs);
    this.#streams.line?.cut('reset');
  }

  /** The stream is over, the call is not. */
  #disconnect(): void {
    this.#streams.disconnect();
    this.#earpiece.disconnect(this.#parts.clock.now());
  }

  #reconnect(afterMs: number): void {
    const streams = this.#streams;
    if (streams.connected) {
      streams.stop();
      this.#disconnect();
      streams.line?.close();
    }
    streams.reconnect(afterMs, {
      frames: () => this.#pacer.frames,
      onStart: (streamSid) => this.#reconnected(streamSid),
      onFailure: () => this.#failedToReconnect(),
    });
  }

  #reconnected(streamSid: string): void {
    this.#earpiece.reconnect(streamSid);
    const laneSample = this.#pacer.frames * FRAME_SAMPLES;
    this.note({ type: 'reconnect', atMs: this.#parts.clock.now(), streamSid, laneSample });
    if (this.#caller instanceof Caller) this.#caller.reconnected();
  }

  #failedToReconnect(): void {
    const atMs = this.#parts.clock.now();
    this.#ended('connection-lost', atMs);
    this.note({ type: 'closed', atMs, code: NO_CLOSE_FRAME, by: 'server' });
    this.#resolveOver({ ...this.#end!, code: NO_CLOSE_FRAME });
  }

  #makeEarpiece(): Earpiece {
    const { clock, options, sids } = this.#parts;
    return new Earpiece({
      clock,
      memory: this.#memory,
      streamSid: sids.streamSid,
      assume: options,
      maxBufferedBytes: options.maxBufferedBytes,
      agentQuietMs: options.agentQuietMs,
      note: (event) => this.note(event),
      complain: (rule, message, offending) => this.complain(rule, message, offending),
      judgeAudio: (audio, streamOffset, atMs) => this.#lint.audio(audio, streamOffset, atMs),
      echoMark: (name) => this.#streams.mark(name),
      onHeard: (bytes, playedAtMs) => this.#live?.hear(bytes, playedAtMs),
      onCut: () => this.#live?.cleared(),
    });
  }

  #makeCaller(): Caller | LiveLine {
    const { clock, options } = this.#parts;
    const onDigit = (digit: string): void => this.#press(digit);
    if ('live' in options.caller) {
      return new LiveLine({
        caller: options.caller.live,
        startMs: this.startMs,
        onSpeechStart: (atMs) => this.note({ type: 'caller-speech-start', atMs, step: 0, interrupts: false }),
        onSpeechEnd: (atMs) => this.note({ type: 'caller-speech-end', atMs, step: 0 }),
        onDigit,
      });
    }
    return new Caller({
      script: options.caller,
      agent: this.#earpiece.view(),
      startMs: this.startMs,
      lingerMs: options.lingerMs,
      digitMs: options.digitMs,
      onSpeechStart: ({ step, startMs: atMs, interrupts, text }) =>
        this.note({ type: 'caller-speech-start', atMs, step, interrupts, ...(text !== undefined && { text }) }),
      onSpeechEnd: (speech) => {
        this.#memory.speech(speech);
        this.note({ type: 'caller-speech-end', atMs: speech.endMs, step: speech.step });
      },
      onDigit,
      onTimeout: (step) => this.note({ type: 'wait-timeout', atMs: clock.now(), step }),
      onSound: (sound) => {
        this.#memory.sound(sound);
        const { startMs: atMs, step, kind, endMs } = sound;
        this.note({ type: 'caller-sound', atMs, step, kind, endMs });
      },
      onExpectation: (expectation) => {
        this.#memory.expectation(expectation);
        this.note({ type: 'expectation', ...expectation });
      },
      onDrop: (last) => this.#drop(last),
      onReconnect: (afterMs) => this.#reconnect(afterMs),
    });
  }

  #press(digit: string): void {
    const { clock, options } = this.#parts;
    const send = (): void => {
      if (this.#end) return;
      this.#streams.dtmf(digit);
      this.note({ type: 'dtmf', atMs: clock.now(), digit });
    };
    if (options.digitAt === 'key-down') return send();
    clock.at(clock.now() + options.digitMs, send);
  }

  #planFaults(random: Random): () => void {
    const { clock, options } = this.#parts;
    return planFaults({
      faults: options.faults,
      clock,
      startMs: this.startMs,
      random,
      line: {
        stall: (direction) => this.#streams.line?.stall(direction) ?? NOTHING_TO_UNDO,
        bunch: (direction, frames) => this.#streams.line?.bunch(direction, frames) ?? NOTHING_TO_UNDO,
        stopReading: () => this.#streams.line?.stopReading() ?? NOTHING_TO_UNDO,
        die: () => this.#streams.line?.die(),
        cut: (how) => this.#streams.line?.cut(how),
      },
      note: (event) => this.note(event),
      end: (how) => {
        if (how === 'close') return this.stop('fault');
        if (this.#end) return;
        this.#earpiece.settle(clock.now());
        this.#ended('fault', clock.now());
      },
      duplicate: () => this.#duplicate(random),
    });
  }

  #duplicate(random: Random): () => void {
    return this.#streams.duplicate(random, (text) => {
      const atMs = this.#parts.clock.now();
      if (!this.#end) this.note({ type: 'fault', atMs, fault: 'duplicate', phase: 'ends', text });
    });
  }

  /** Sends one 20 ms frame of the caller. Runs 50 times a second. */
  #speak(frame: number, dueMs: number): void {
    const { clock, files } = this.#parts;
    this.#earpiece.settle(clock.now());
    if (!this.#caller.render(this.#frame, frame * FRAME_SAMPLES)) return this.stop('hangup');
    const { onFrame } = this.#parts;
    const { connected } = this.#streams;
    if (!connected && !onFrame) return;
    this.#surroundings?.mix(this.#frame, frame * FRAME_SAMPLES);
    const payload = this.#frameBytes.toString('base64');
    onFrame?.(frame, payload);
    if (!connected) return this.#memory.callerFrame(frame, this.#frame);
    this.#streams.frame(frame, payload);
    const atMs = clock.now();
    this.#memory.callerFrame(frame, this.#frame);
    this.#noteFrame(atMs, dueMs, frame + 1);
    // The caller is known up to this frame; the last two samples of what was heard may still be rounded.
    const known = Math.min((frame + 1) * FRAME_SAMPLES, Math.floor((atMs - this.startMs) * SAMPLES_PER_MS) - 2);
    if (frame % FLUSH_FRAMES === FLUSH_FRAMES - 1) files?.flush(this.#memory, known);
  }

  #noteFrame(atMs: number, dueMs: number, chunk: number): void {
    const { files, isHeard, tell } = this.#parts;
    const kept = this.#memory.frame(atMs, dueMs, chunk);
    this.#lint.tick(atMs);
    if (!isHeard() && !files) return;
    const event: PhoneEvent = { type: 'frame', atMs, dueMs, chunk, bytes: FRAME_SAMPLES };
    if (kept) files?.event(event);
    tell(event);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#end) this.#earpiece.receive(data, isBinary);
  }

  #protocolError(code: string, message: string): void {
    this.#earpiece.messages++;
    const rule = frameRule(code);
    this.complain(rule, `${LINT_RULES[rule].meaning}: ${message}`);
  }

  #closed(code: number): void {
    const atMs = this.#parts.clock.now();
    const { onStreamEnd } = this.#parts;
    if (!this.#end && onStreamEnd) {
      this.#disconnect();
      this.note({ type: 'stream-ended', atMs, by: 'server', code });
      return onStreamEnd(code);
    }
    const by = this.#end ? 'phone' : 'server';
    if (!this.#end) {
      this.#earpiece.settle(atMs);
      this.#ended(code === NO_CLOSE_FRAME ? 'connection-lost' : 'server-closed', atMs);
    }
    this.note({ type: 'closed', atMs, code, by });
    this.#resolveOver({ ...this.#end!, code });
  }

  /** From here on nothing is said, heard or judged. */
  #ended(reason: EndReason, atMs: number): void {
    // What was still expected has not come: told while the call can still be told of.
    if (this.#caller instanceof Caller) this.#caller.end(atMs);
    this.#end = { reason, atMs };
    this.#pacer.stop();
    this.#cancelMaximum();
    this.#cancelFaults();
    this.#earpiece.stop();
    this.#streams.closeDuplicates();
  }

  /** Keeps an event and tells of it. */
  note(event: PhoneEvent): void {
    // What an end shows belongs before it: nothing comes after.
    const last = event.type === 'stop' || event.type === 'closed';
    if (last) this.#lint.event(event);
    this.#keep(event);
    if (this.#caller instanceof Caller) this.#caller.notice(event);
    this.#parts.tell(event);
    if (!last) this.#lint.event(event);
  }

  #keep(event: PhoneEvent): void {
    if (this.#memory.event(event)) this.#parts.files?.event(event);
  }
}
