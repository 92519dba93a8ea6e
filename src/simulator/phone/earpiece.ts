import { type Judged, judgeBinaryMessage, judgeServerMessage, type PhoneCommand } from '../../carrier/twilio/phone.js';
import type { Clock } from '../../clock.js';
import type { Assumptions } from './assumptions.js';
import type { AgentView } from './caller.js';
import { Ear } from './ear.js';
import type { PhoneEvent } from './events.js';
import type { LintRule } from './lint.js';
import { isOverloaded } from './overload.js';
import { Playout, type PlayoutEvent } from './playout.js';
import type { CallMemory } from './record.js';

const SAMPLES_PER_MS = 8;

export interface EarpieceOptions {
  readonly clock: Clock;
  readonly memory: CallMemory;
  readonly streamSid: string;
  readonly assume: Pick<Assumptions, 'clearDelayMs' | 'marksOnClear' | 'extraFields' | 'badPayload'>;
  readonly maxBufferedBytes: number;
  readonly agentQuietMs: number;
  readonly note: (event: PhoneEvent) => void;
  readonly complain: (rule: LintRule, message?: string, offending?: string) => void;
  /** Agent audio has arrived; its `media` event follows. */
  readonly judgeAudio: (audio: Uint8Array, streamOffset: number, atMs: number) => void;
  /** A mark has been played or cleared and goes back to the server. */
  readonly echoMark: (name: string) => void;
  /** What is heard, for a caller with ears: as `PlayoutOptions.onHeard`; and that a clear threw audio away. */
  readonly onHeard?: (bytes: Uint8Array, playedAtMs: number) => void;
  readonly onCut?: () => void;
}

/** The hearing half of a call: judges what the server sends, plays it, and notes what was heard and when. */
export class Earpiece {
  readonly #options: EarpieceOptions;
  readonly #playout: Playout;
  readonly #ear: Ear;
  #cancelWake: () => void = () => {};
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  #overflowed = false;
  #streamSid: string;
  /** So many messages came from the server. */
  messages = 0;

  constructor(options: EarpieceOptions) {
    this.#options = options;
    this.#streamSid = options.streamSid;
    const { maxBufferedBytes, memory, note } = options;
    const { clearDelayMs, marksOnClear } = options.assume;
    this.#playout = new Playout({
      clearDelayMs,
      marksOnClear,
      maxBufferedBytes,
      onHeard: (bytes, streamOffset, playedAtMs) => {
        memory.heard(bytes, streamOffset, playedAtMs);
        this.#ear.hear(bytes, streamOffset, playedAtMs);
        options.onHeard?.(bytes, playedAtMs);
      },
      onEvent: (event) => this.#played(event),
    });
    this.#ear = new Ear({
      quietMs: options.agentQuietMs,
      onStart: ({ startMs }) => note({ type: 'agent-starts', atMs: startMs }),
      onFinish: ({ finishedMs }) => note({ type: 'agent-finishes', atMs: finishedMs! }),
    });
  }

  /** What the caller can know of the agent; live. */
  view(): AgentView {
    const playout = this.#playout;
    const lastArrivalMs = (): number => this.#lastArrivalMs;
    return {
      utterances: this.#ear.utterances,
      get receivedBytes() {
        return playout.receivedBytes;
      },
      get playedOffset() {
        return playout.playedOffset;
      },
      get lastArrivalMs() {
        return lastArrivalMs();
      },
    };
  }

  get bufferedMs(): number {
    return this.#playout.bufferedBytes / SAMPLES_PER_MS;
  }

  levelAt(nowMs: number): number {
    return this.#ear.levelAt(nowMs);
  }

  /** Brings what was heard up to the present. Everything that happens to a call begins with it. */
  settle(nowMs: number): void {
    this.#playout.advance(nowMs);
    this.#ear.advance(nowMs);
  }

  receive(data: Buffer, isBinary: boolean): void {
    const nowMs = this.#options.clock.now();
    this.settle(nowMs);
    this.messages++;
    const text = isBinary ? undefined : data.toString();
    const judged = text === undefined ? judgeBinaryMessage(data.length) : this.#judge(text);
    const { extraFields, badPayload } = this.#options.assume;
    const silent = badPayload === 'ignore' && judged.rule?.startsWith('media/payload-');
    if (judged.rule && !silent) this.#options.complain(judged.rule, judged.message, text);
    const obeyed = judged.rule !== 'message/extra-field' || extraFields === 'play';
    if (judged.command && obeyed) this.#obey(judged.command, nowMs);
    this.#wakeForPlayout();
  }

  /** The stream is gone: what was still to be heard of it is not. */
  disconnect(nowMs: number): void {
    this.settle(nowMs);
    this.#playout.abandon(nowMs);
    this.#ear.cut(nowMs);
    this.#options.onCut?.();
    this.#cancelWake();
  }

  /** Messages of another stream come from here on. */
  reconnect(streamSid: string): void {
    this.#streamSid = streamSid;
  }

  #judge(text: string): Judged {
    if (!isOverloaded(text)) return judgeServerMessage(text, this.#streamSid);
    return { rule: 'message/not-json', message: 'the message is large and full of brackets: it was not parsed' };
  }

  /** Nothing is played from here on. */
  stop(): void {
    this.#cancelWake();
  }

  #obey(command: PhoneCommand, nowMs: number): void {
    switch (command.type) {
      case 'media':
        return this.#media(command.audio, nowMs);
      case 'mark': {
        const streamOffset = this.#playout.receivedBytes;
        this.#options.note({ type: 'mark', atMs: nowMs, name: command.name, streamOffset });
        return this.#playout.mark(nowMs, command.name);
      }
      case 'clear':
        return this.#playout.clear(nowMs);
    }
  }

  #media(audio: Uint8Array, nowMs: number): void {
    const { memory, maxBufferedBytes, note, complain } = this.#options;
    const streamOffset = this.#playout.receivedBytes;
    memory.received(audio, streamOffset, nowMs);
    this.#options.judgeAudio(audio, streamOffset, nowMs);
    this.#lastArrivalMs = nowMs;
    const buffered = Math.min(this.#playout.bufferedBytes + audio.length, maxBufferedBytes);
    const bufferedMs = buffered / SAMPLES_PER_MS;
    note({ type: 'media', atMs: nowMs, bytes: audio.length, streamOffset, bufferedMs });
    this.#playout.media(nowMs, audio);
    if (memory.overflowed && !this.#overflowed) {
      this.#overflowed = true;
      complain('phone/flood');
    }
  }

  /** One timer at a time: for the next mark, the end of what is buffered, or a clear that acts late. */
  #wakeForPlayout(): void {
    this.#cancelWake();
    const nextMs = this.#playout.nextMs();
    if (nextMs === undefined) return;
    this.#cancelWake = this.#options.clock.at(nextMs, () => {
      this.settle(this.#options.clock.now());
      this.#wakeForPlayout();
    });
  }

  #played(event: PlayoutEvent): void {
    const { clock, note, complain, echoMark } = this.#options;
    switch (event.type) {
      case 'mark':
        echoMark(event.name);
        return note({ type: 'mark-echo', atMs: clock.now(), name: event.name, cleared: event.cleared });
      case 'clear': {
        const { atMs, arrivedMs, droppedBytes } = event;
        note({ type: 'clear', atMs, droppedBytes, ...(arrivedMs < atMs && { arrivedMs }) });
        if (droppedBytes === 0) return;
        this.#ear.cut(atMs);
        return this.#options.onCut?.();
      }
      case 'overflow':
        return complain('playout/overflow', `${event.droppedBytes} bytes more than the buffer holds were discarded`);
      default:
        return note(event);
    }
  }
}
