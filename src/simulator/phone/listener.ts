import type { AgentView } from './cue.js';
import type { HeardUtterance } from './ear.js';

/** Speech of the agent that goes on for this long after the caller's last word did not stop because of it. */
const WENT_ON_MS = 1_000;
/** An agent that answered while the caller was still speaking, and then says nothing for this long, had no more to say. */
const SAID_ITS_SAY_MS = 4_000;

/** Which of the things that the agent says is an answer to the caller, and when the caller has heard it out. */
export class Listener {
  readonly #agent: AgentView;
  /** The caller's latest stretch of speech; without an end while it goes on. */
  #spokeMs = Number.NEGATIVE_INFINITY;
  #silentMs = Number.NEGATIVE_INFINITY;
  #beganMs = Number.NEGATIVE_INFINITY;
  /** Utterances of the agent that a wait has been answered with. */
  #consumed = 0;
  #placedAt = 0;

  constructor(agent: AgentView) {
    this.#agent = agent;
  }

  /** When the caller's latest stretch of speech or other sound began. */
  get callerBeganMs(): number {
    return this.#beganMs;
  }

  /** When the caller's last word was over; Infinity while one is being said. */
  get callerSilentMs(): number {
    return this.#silentMs;
  }

  /** Utterances of the agent that had begun when the caller last found its place. */
  get placedAt(): number {
    return this.#placedAt;
  }

  callerSpeaks(startMs: number): void {
    this.#beganMs = startMs;
    this.#spokeMs = startMs;
    this.#silentMs = Number.POSITIVE_INFINITY;
  }

  callerFellSilent(endMs: number): void {
    this.#silentMs = endMs;
  }

  /** The caller coughs or hums: that is not to be answered. */
  callerSounds(startMs: number): void {
    this.#beganMs = startMs;
  }

  /** The caller has found its place. */
  found(): void {
    this.#placedAt = this.#agent.utterances.length;
  }

  /** Nothing that was said so far answers anything. */
  forget(): void {
    this.#consumed = this.#agent.utterances.length;
  }

  /** What the agent said or is saying since the caller last began to speak, unless a wait was over with it. */
  answer(): HeardUtterance | undefined {
    const { utterances } = this.#agent;
    for (let i = utterances.length - 1; i >= this.#consumed; i--)
      if (utterances[i]!.startMs >= this.#spokeMs && !utterances[i]!.cut) return utterances[i];
    return undefined;
  }

  /**
   * True once the agent has finished saying something that was meant for the caller: not what was over before the caller
   * was (unless it began while the caller spoke, and nothing comes any more), and not what the caller interrupted,
   * whether a clear cut it or it died away by itself.
   */
  heardOut(nowMs: number): boolean {
    const { utterances } = this.#agent;
    const last = utterances.length - 1;
    const utterance = utterances[last];
    if (!utterance || last < this.#consumed || utterance.finishedMs === undefined) return false;
    if (utterance.lastAudibleMs <= this.#silentMs) {
      const answered = utterance.startMs >= this.#spokeMs && !utterance.cut;
      if (!answered || nowMs < this.#silentMs + SAID_ITS_SAY_MS) return false;
    }
    // An answer that was cut because of a cough is not over: the caller waits for what comes instead.
    if (utterance.cut && utterance.startMs < this.#beganMs) return false;
    const spokenOver = utterance.startMs < this.#spokeMs;
    if (spokenOver && utterance.lastAudibleMs < this.#silentMs + WENT_ON_MS) return false;
    this.forget();
    return true;
  }
}
