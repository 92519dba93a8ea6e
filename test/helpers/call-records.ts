import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import type {
  CallerSpeech,
  CallRecord,
  EndReason,
  HeardSpan,
  PhoneEvent,
  ReceivedChunk,
} from '../../src/simulator/phone/events.js';

const SILENCE = 0xff;
const START_MS = 1_000;

/** µ-law audio that is loud from its first to its last sample and like no other of another seed. */
export function loud(ms: number, seed = 1): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  return Uint8Array.from({ length: ms * 8 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // Codes 0x00–0x1f and 0x80–0x9f are the four loudest segments of either sign.
    return ((state >>> 24) & 0x1f) | ((state >>> 23) & 1 ? 0x80 : 0);
  });
}

export function quiet(ms: number): Uint8Array {
  return new Uint8Array(ms * 8).fill(SILENCE);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/**
 * A call whose truth is known because it is written down: times are milliseconds after `start`, playout is ideal. Audio
 * that arrives is queued behind what still plays, a clear takes away what has not been played.
 */
export class RecordBuilder {
  readonly #events: PhoneEvent[] = [];
  readonly #speech: CallerSpeech[] = [];
  readonly #chunks: ReceivedChunk[] = [];
  readonly #heard: HeardSpan[] = [];
  readonly #received: number[] = [];
  readonly #lateMs: number[] = [];
  #playsUntilMs = START_MS;

  says(startMs: number, endMs: number, options: { step?: number; interrupts?: boolean } = {}): this {
    const { step = this.#speech.length, interrupts = false } = options;
    this.#speech.push({ step, startMs: START_MS + startMs, endMs: START_MS + endMs, interrupts });
    return this;
  }

  hears(atMs: number, audio: Uint8Array): this {
    const now = START_MS + atMs;
    const streamOffset = this.#received.length;
    const playedAtMs = Math.max(now, this.#playsUntilMs);
    const bufferedMs = playedAtMs - now;
    this.#events.push({ type: 'media', atMs: now, bytes: audio.length, streamOffset, bufferedMs });
    this.#chunks.push({ streamOffset, bytes: audio.length, atMs: now });
    for (const byte of audio) this.#received.push(byte);
    const last = this.#heard.at(-1);
    if (last && playedAtMs === this.#playsUntilMs && last.streamOffset + last.bytes === streamOffset) {
      this.#heard[this.#heard.length - 1] = { ...last, bytes: last.bytes + audio.length };
    } else this.#heard.push({ streamOffset, bytes: audio.length, playedAtMs });
    this.#playsUntilMs = playedAtMs + audio.length / 8;
    return this;
  }

  clear(atMs: number): this {
    const now = START_MS + atMs;
    let droppedBytes = 0;
    for (let index = this.#heard.length - 1; index >= 0; index--) {
      const span = this.#heard[index]!;
      const bytes = Math.max(0, Math.min(span.bytes, Math.floor((now - span.playedAtMs) * 8)));
      droppedBytes += span.bytes - bytes;
      if (bytes === 0) this.#heard.splice(index, 1);
      else this.#heard[index] = { ...span, bytes };
    }
    this.#playsUntilMs = now;
    this.#events.push({ type: 'clear', atMs: now, droppedBytes });
    return this;
  }

  /** A caller frame; its audio is the lane's. */
  frame(dueMs: number, lateMs = 0, bytes = 160): this {
    const chunk = this.#lateMs.length + 1;
    this.#events.push({ type: 'frame', atMs: START_MS + dueMs + lateMs, dueMs: START_MS + dueMs, chunk, bytes });
    this.#lateMs.push(lateMs);
    return this;
  }

  ends(atMs: number, endReason: EndReason = 'hangup', callerLane?: Uint8Array): CallRecord {
    const endedAtMs = START_MS + atMs;
    const heard = this.#heard
      .map((span) => ({
        ...span,
        bytes: Math.max(0, Math.min(span.bytes, Math.floor((endedAtMs - span.playedAtMs) * 8))),
      }))
      .filter(({ bytes }) => bytes > 0);
    const received = Uint8Array.from(this.#received);
    const heardLane = quiet(atMs);
    for (const { streamOffset, bytes, playedAtMs } of heard) {
      heardLane.set(received.subarray(streamOffset, streamOffset + bytes), Math.round((playedAtMs - START_MS) * 8));
    }
    return {
      url: 'ws://127.0.0.1/media-stream',
      callSid: 'CA00000000000000000000000000000001',
      streamSid: 'MZ00000000000000000000000000000001',
      startedAtMs: START_MS,
      endedAtMs,
      endReason,
      callerLane: callerLane ?? quiet(atMs),
      heardLane,
      received,
      receivedChunks: this.#chunks,
      heard,
      speech: this.#speech,
      events: this.#events,
      lint: [],
      pacing: { frames: this.#lateMs.length, lateMs: Float64Array.from(this.#lateMs), bunched: 0 },
    };
  }
}

/** The model's own account, on the same times. */
export class TraceBuilder {
  readonly #events: ModelTraceEvent[] = [];
  readonly #sessionId = 'sess_1';

  configured(atMs = 0, output = 'audio/pcmu', input = 'audio/pcmu'): this {
    return this.#push({ type: 'configured', input, output }, atMs);
  }

  append(atMs: number, audio: Uint8Array): this {
    return this.#push({ type: 'append', audio: Buffer.from(audio).toString('base64'), offsetMs: 0 }, atMs);
  }

  delta(atMs: number, itemId: string, audio: Uint8Array): this {
    const base64 = Buffer.from(audio).toString('base64');
    return this.#push({ type: 'delta', responseId: `resp_${itemId}`, itemId, contentIndex: 0, audio: base64 }, atMs);
  }

  done(atMs: number, itemId: string, status: 'completed' | 'incomplete' = 'completed'): this {
    return this.#push({ type: 'item-done', itemId, status }, atMs);
  }

  started(atMs: number): this {
    return this.#push({ type: 'speech-started', itemId: 'user', audioStartMs: atMs }, atMs);
  }

  truncate(atMs: number, itemId: string, audioEndMs: number, refused?: string): this {
    return this.#push({ type: 'truncate', itemId, audioEndMs, ...(refused !== undefined && { refused }) }, atMs);
  }

  get events(): ModelTraceEvent[] {
    return this.#events;
  }

  #push(event: object, atMs: number): this {
    this.#events.push({ ...event, atMs: START_MS + atMs, sessionId: this.#sessionId } as ModelTraceEvent);
    return this;
  }
}
