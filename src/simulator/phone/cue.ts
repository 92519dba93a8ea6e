import type { HeardUtterance } from './ear.js';
import type { InterruptAt } from './script/steps.js';

/** What the caller can know about the agent. */
export interface AgentView {
  /** Everything that was audible so far, in order. */
  readonly utterances: readonly HeardUtterance[];
  /** Bytes of agent audio received, and those of them that have left the buffer. */
  readonly receivedBytes: number;
  readonly playedOffset: number;
  readonly lastArrivalMs: number;
}

/** Nothing arriving for this long: the answer is complete, as far as anybody can know. */
const ARRIVED_MS = 200;
const BYTES_PER_MS = 8;
/**
 * While an answer is still arriving nobody knows how long it will be. It is taken to be at least this long, as most are:
 * of what has arrived so far alone, a small share would have been heard at once.
 */
const LIKELY_ANSWER_BYTES = 5_000 * BYTES_PER_MS;

/** The time at which to speak over an answer; undefined while that is not known. @param nowMs of the next sample to be said */
export function cueOf(when: InterruptAt, answer: HeardUtterance, agent: AgentView, nowMs: number): number | undefined {
  if ('afterMs' in when) return answer.startMs + when.afterMs;
  if (answer.finishedMs !== undefined) return nowMs;
  if ('firstPause' in when) return answer.resumedMs === undefined ? undefined : nowMs;
  const { receivedBytes, playedOffset, lastArrivalMs } = agent;
  const whole = nowMs - lastArrivalMs >= ARRIVED_MS;
  if ('share' in when) {
    const arrived = receivedBytes - answer.streamOffset;
    const length = whole ? arrived : Math.max(arrived, LIKELY_ANSWER_BYTES);
    return playedOffset - answer.streamOffset >= when.share * length ? nowMs : undefined;
  }
  if (!whole) return undefined;
  // Playout is linear, so the moment at which this much is left is known before it comes.
  return Math.max(nowMs, nowMs + (receivedBytes - playedOffset) / BYTES_PER_MS - when.leftMs);
}
