import type { PhoneEvent } from '../events.js';
import type { Complain } from '../lint.js';
import type { Situation } from './situation.js';

/** An agent that is going to stop has done so by then. */
const STOPS_WITHIN_MS = 2_000;
/** Only a clear stops what is already in the buffer; so much of it must be there when the caller speaks. */
const LEAST_BUFFERED_MS = 1_000;
/** Nobody has an answer to words that are still being spoken so soon after a clear: what comes is the old one. */
const OLD_ANSWER_MS = 250;
/** A short sound ("mm-hm") while the caller speaks is manners; more is an answer. */
const LEAST_LATE_MS = 400;

/** What a server does when the caller speaks over its agent. */
export class InterruptionJudge {
  readonly #complain: Complain;
  readonly #situation: Situation;
  /** The caller interrupted then, and no clear has come. */
  #interruptedMs: number | undefined;
  /** A clear cut the agent while the caller spoke. */
  #clearedMs: number | undefined;
  #resumedMs: number | undefined;
  #lateBytes = 0;

  constructor(complain: Complain, situation: Situation) {
    this.#complain = complain;
    this.#situation = situation;
  }

  event(event: PhoneEvent): void {
    switch (event.type) {
      case 'caller-speech-start':
        return this.#callerSpeaks(event.atMs, event.interrupts);
      case 'caller-speech-end':
        this.#clearedMs = undefined;
        return;
      case 'clear':
        this.#interruptedMs = undefined;
        if (this.#situation.speakingSinceMs !== undefined && event.droppedBytes > 0) this.#cleared(event.atMs);
        return;
      case 'media':
        return this.#media(event.atMs, event.bytes);
      case 'playout-empty':
        this.#interruptedMs = undefined;
        return;
      default:
        return;
    }
  }

  #callerSpeaks(atMs: number, interrupts: boolean): void {
    this.#clearedMs = undefined;
    const { agentSpeaking } = this.#situation;
    if (interrupts && agentSpeaking && this.#situation.bufferedMs(atMs) >= LEAST_BUFFERED_MS)
      this.#interruptedMs = atMs;
  }

  tick(atMs: number): void {
    if (this.#interruptedMs === undefined || atMs - this.#interruptedMs < STOPS_WITHIN_MS) return;
    this.#interruptedMs = undefined;
    if (!this.#situation.agentSpeaking || this.#situation.disturbed) return;
    const leftMs = Math.round(this.#situation.bufferedMs(atMs));
    const seconds = STOPS_WITHIN_MS / 1000;
    this.#complain(
      'clear/missing',
      `${seconds} s after the caller interrupted no clear has come, and ${leftMs} ms are still waiting to be played`,
    );
  }

  #cleared(atMs: number): void {
    this.#clearedMs = atMs;
    this.#resumedMs = undefined;
    this.#lateBytes = 0;
  }

  #media(atMs: number, bytes: number): void {
    if (this.#clearedMs === undefined) return;
    this.#resumedMs ??= atMs;
    if (this.#resumedMs - this.#clearedMs > OLD_ANSWER_MS) {
      this.#clearedMs = undefined;
      return;
    }
    this.#lateBytes += bytes;
    const lateMs = this.#lateBytes / 8;
    if (lateMs < LEAST_LATE_MS || !this.#isAudible(bytes)) return;
    const afterMs = Math.round(this.#resumedMs - this.#clearedMs);
    this.#clearedMs = undefined;
    this.#complain('clear/late-audio', `audio goes on ${afterMs} ms after the clear, while the caller still speaks`);
  }

  /** Silence that a server sends all the time is no answer. */
  #isAudible(bytes: number): boolean {
    const { audibleTo, receivedBytes } = this.#situation;
    return audibleTo !== undefined && audibleTo > receivedBytes - Math.max(bytes, this.#lateBytes);
  }
}
