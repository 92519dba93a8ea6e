import { MULAW_SILENCE } from '../../audio/g711.js';
import { GrowingBytes } from './bytes.js';
import { EventLog } from './event-log.js';
import type {
  CallerSound,
  CallerSpeech,
  CallRecord,
  Expectation,
  HeardSpan,
  PhoneEvent,
  ReceivedChunk,
} from './events.js';
import type { LintFinding } from './lint.js';

const SAMPLES_PER_MS = 8;
/** What a call of two hours leaves; a server that sends more in one call floods, and the record ends there. */
const MAX_RECEIVED_BYTES = 64 * 1024 * 1024;
const MAX_ENTRIES = 1_000_000;
/** Findings kept of one rule; the rest is counted. */
const MAX_FINDINGS_OF_A_RULE = 50;

/** Rounding of times must not open a hole between bytes that were played without one: far less than a byte's 0.125 ms. */
const SAME_MS = 1e-4;

/** Keeps what a call leaves in memory, while it goes on. Bounded, whatever the server sends. */
export class CallMemory {
  readonly callerLane = new GrowingBytes();
  readonly heardLane = new GrowingBytes();
  readonly #received = new GrowingBytes();
  readonly #receivedChunks: ReceivedChunk[] = [];
  readonly #heard: HeardSpan[] = [];
  readonly #speech: CallerSpeech[] = [];
  readonly #sounds: CallerSound[] = [];
  readonly #expectations: Expectation[] = [];
  readonly #events = new EventLog();
  readonly #lint: LintFinding[] = [];
  readonly #lintCounts = new Map<string, number>();
  readonly startedAtMs: number;
  /** Something did not fit any more. */
  overflowed = false;

  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
  }

  /** Returns false when there is no room for it any more. */
  event(event: PhoneEvent): boolean {
    return this.#room(this.#events.length) && this.#events.push(event);
  }

  /** As `event`, for a frame of the caller. */
  frame(atMs: number, dueMs: number, chunk: number): boolean {
    return this.#room(this.#events.length) && this.#events.pushFrame(atMs, dueMs, chunk);
  }

  /** Counts a rule that was broken. Returns false when that was so often that nothing more is kept than the count. */
  breaks(rule: string): boolean {
    const count = (this.#lintCounts.get(rule) ?? 0) + 1;
    this.#lintCounts.set(rule, count);
    return count <= MAX_FINDINGS_OF_A_RULE;
  }

  lint(finding: LintFinding): void {
    this.#lint.push(finding);
  }

  speech(speech: CallerSpeech): void {
    this.#speech.push(speech);
  }

  sound(sound: CallerSound): void {
    this.#keep(this.#sounds, sound);
  }

  expectation(expectation: Expectation): void {
    this.#keep(this.#expectations, expectation);
  }

  /** Frame number `frame` of the caller. */
  callerFrame(frame: number, audio: Uint8Array): void {
    this.callerLane.padTo(frame * audio.length, MULAW_SILENCE);
    this.callerLane.push(audio);
  }

  received(bytes: Uint8Array, streamOffset: number, atMs: number): void {
    if (streamOffset + bytes.length <= MAX_RECEIVED_BYTES) this.#received.push(bytes);
    else this.overflowed = true;
    this.#keep(this.#receivedChunks, { streamOffset, bytes: bytes.length, atMs });
  }

  heard(bytes: Uint8Array, streamOffset: number, playedAtMs: number): void {
    this.heardLane.padTo(Math.round((playedAtMs - this.startedAtMs) * SAMPLES_PER_MS), MULAW_SILENCE);
    this.heardLane.push(bytes);
    const last = this.#heard.at(-1);
    const follows =
      last !== undefined &&
      last.streamOffset + last.bytes === streamOffset &&
      Math.abs(last.playedAtMs + last.bytes / SAMPLES_PER_MS - playedAtMs) < SAME_MS;
    if (follows) this.#heard[this.#heard.length - 1] = { ...last, bytes: last.bytes + bytes.length };
    else this.#keep(this.#heard, { streamOffset, bytes: bytes.length, playedAtMs });
  }

  /** Length of both lanes in a call that ends at this time. */
  samplesUntil(endMs: number): number {
    return Math.floor((endMs - this.startedAtMs) * SAMPLES_PER_MS);
  }

  /** Both lanes last until the end of the call, to the sample. Takes them: nothing can be read of them afterwards. */
  finish(
    rest: Pick<
      CallRecord,
      'url' | 'callSid' | 'streamSid' | 'streamSids' | 'endedAtMs' | 'endReason' | 'pacing' | 'files'
    >,
  ): CallRecord {
    const samples = this.samplesUntil(rest.endedAtMs);
    const events = this.#events;
    return {
      ...rest,
      startedAtMs: this.startedAtMs,
      callerLane: this.callerLane.take(samples, MULAW_SILENCE),
      heardLane: this.heardLane.take(samples, MULAW_SILENCE),
      received: this.#received.take(),
      receivedChunks: this.#receivedChunks,
      heard: this.#heard,
      speech: this.#speech,
      ...(this.#sounds.length > 0 && { sounds: this.#sounds }),
      ...(this.#expectations.length > 0 && { expectations: this.#expectations }),
      get events() {
        return events.list();
      },
      lint: this.#lint,
      lintCounts: Object.fromEntries(this.#lintCounts),
    };
  }

  #keep<T>(list: T[], entry: T): boolean {
    if (!this.#room(list.length)) return false;
    list.push(entry);
    return true;
  }

  #room(entries: number): boolean {
    if (entries < MAX_ENTRIES) return true;
    this.overflowed = true;
    return false;
  }
}
