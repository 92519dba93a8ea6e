import { MULAW_SILENCE } from '../../audio/g711.js';
import { DEFAULTS } from '../../options.js';
import type { HeardUtterance } from './ear.js';
import type { CallerSpeech } from './events.js';
import type { CallerScript, Clip, InterruptAt, Step } from './script.js';

const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = DEFAULTS.phone.frameMs * SAMPLES_PER_MS;
/** Speech of the agent that goes on for this long after the caller's last word did not stop because of it. */
const WENT_ON_MS = 1_000;
/** Nothing arriving for this long: the answer is complete, as far as anybody can know. */
const ARRIVED_MS = 200;

/** What the caller can know about the agent. */
export interface AgentView {
  /** Everything that was audible so far, in order. */
  readonly utterances: readonly HeardUtterance[];
  /** Bytes of agent audio received, and those of them that have left the buffer. */
  readonly receivedBytes: number;
  readonly playedOffset: number;
  readonly lastArrivalMs: number;
}

export interface CallerOptions {
  readonly script: CallerScript;
  readonly agent: AgentView;
  /** Time of sample 0. */
  readonly startMs: number;
  /** How long to wait for the agent when the script has run out. */
  readonly lingerMs: number;
  readonly onSpeechStart: (speech: Omit<CallerSpeech, 'endMs' | 'endSentMs'>) => void;
  readonly onSpeechEnd: (speech: CallerSpeech) => void;
  readonly onDigit: (digit: string) => void;
  readonly onTimeout: (step: number) => void;
}

type Speaking = Omit<CallerSpeech, 'endMs' | 'endSentMs'> & { readonly endSample: number };

/**
 * Performs a script: a continuous stream of µ-law samples, silence where nothing is said. Sample j belongs to the time
 * `startMs` + j/8 ms, so speech begins at the very sample a script asks for, anywhere inside a frame. What the agent
 * does is known up to the moment a frame is rendered, so an answer to it begins with that frame at the earliest.
 */
export class Caller {
  readonly #options: CallerOptions;
  readonly #steps: readonly Step[];
  #step = 0;
  /** Sample at which the present step began. */
  #stepSample = 0;
  /** A clip being played: its first unsaid sample. */
  #clipAt: number | undefined;
  #nextLabel = 0;
  #speaking: Speaking | undefined;
  /** Of the caller's latest stretch of speech. */
  #spokeMs = Number.NEGATIVE_INFINITY;
  #silentMs = Number.NEGATIVE_INFINITY;
  /** Utterances of the agent that a wait has been answered with. */
  #consumed = 0;

  constructor(options: CallerOptions) {
    this.#options = options;
    const linger: Step = { type: 'wait', until: 'agent-finishes', timeoutMs: options.lingerMs };
    this.#steps = [...options.script.steps, linger, { type: 'hangup' }];
  }

  /**
   * Fills `out` with the samples from number `from` on. Called once per frame, in order. Returns false when the caller
   * hangs up instead.
   */
  render(out: Uint8Array, from: number): boolean {
    out.fill(MULAW_SILENCE);
    const to = from + out.length;
    let at = from;
    while (at < to) {
      const step = this.#steps[this.#step]!;
      // What has been said in this frame already still goes out.
      if (step.type === 'hangup') return at > from;
      const next = this.#perform(step, out, from, at, to);
      if (next === undefined) break;
      at = next;
    }
    return true;
  }

  /** Does as much of a step as fits. Returns the sample at which it ended, undefined when it goes on after this frame. */
  #perform(step: Step, out: Uint8Array, from: number, at: number, to: number): number | undefined {
    switch (step.type) {
      case 'say':
        return this.#say(step.clip, 0, out, from, at, to);
      case 'interrupt':
        return this.#interrupt(step, out, from, at, to);
      case 'pause':
        return this.#endAt(Math.round(this.#stepSample + step.ms * SAMPLES_PER_MS), at, to);
      case 'wait':
        return this.#wait(step, at, to);
      case 'digits':
        for (const digit of step.digits) this.#options.onDigit(digit);
        return this.#finish(at);
      case 'hangup':
        return undefined;
    }
  }

  #say(clip: Clip, begin: number, out: Uint8Array, from: number, at: number, to: number): number | undefined {
    if (this.#clipAt === undefined) {
      this.#clipAt = begin;
      this.#nextLabel = 0;
    }
    const clipFrom = this.#clipAt;
    const part = clip.audio.subarray(clipFrom, clipFrom + to - at);
    out.set(part, at - from);
    this.#clipAt = clipFrom + part.length;
    this.#tellSpeech(clip, clipFrom, this.#clipAt, at - clipFrom);
    if (this.#clipAt < clip.audio.length) return undefined;
    this.#clipAt = undefined;
    return this.#finish(at + part.length);
  }

  /** Tells which labels begin and end between two samples of the clip; `shift` leads from the clip's to the call's samples. */
  #tellSpeech(clip: Clip, from: number, to: number, shift: number): void {
    for (;;) {
      if (this.#speaking) {
        const { endSample, ...speech } = this.#speaking;
        if (endSample > to) return;
        this.#speaking = undefined;
        this.#silentMs = this.#msOf(endSample + shift);
        const endSentMs = this.#sentMs(endSample + shift - 1);
        this.#options.onSpeechEnd({ ...speech, endMs: this.#silentMs, endSentMs });
      }
      const label = clip.speech[this.#nextLabel];
      if (!label || label.startSample >= to) return;
      this.#nextLabel++;
      if (label.startSample < from) continue;
      const startMs = this.#msOf(label.startSample + shift);
      const speech = {
        step: this.#step,
        startMs,
        startSentMs: this.#sentMs(label.startSample + shift),
        interrupts: label.interrupts === true || this.#steps[this.#step]!.type === 'interrupt',
        ...(label.text !== undefined && { text: label.text }),
      };
      this.#speaking = { ...speech, endSample: label.endSample };
      this.#spokeMs = startMs;
      this.#silentMs = Number.POSITIVE_INFINITY;
      this.#options.onSpeechStart(speech);
    }
  }

  #interrupt(
    step: Step & { type: 'interrupt' },
    out: Uint8Array,
    from: number,
    at: number,
    to: number,
  ): number | undefined {
    // The first word is what interrupts: silence before it in the file would only make it late.
    const begin = step.clip.speech[0]?.startSample ?? 0;
    if (this.#clipAt !== undefined) return this.#say(step.clip, begin, out, from, at, to);
    let cue = this.#cue(step.when, at);
    if (cue === undefined) {
      const timeout = Math.round(this.#stepSample + step.timeoutMs * SAMPLES_PER_MS);
      if (timeout >= to) return undefined;
      this.#options.onTimeout(this.#step);
      cue = timeout;
    }
    if (cue >= to) return undefined;
    return this.#say(step.clip, begin, out, from, Math.max(at, cue), to);
  }

  /** The sample at which to interrupt; undefined while that is not known. */
  #cue(when: InterruptAt, at: number): number | undefined {
    const answer = this.#answer();
    if (!answer) return undefined;
    if ('afterMs' in when) return Math.round(this.#sampleOf(answer.startMs) + when.afterMs * SAMPLES_PER_MS);
    if (answer.finishedMs !== undefined) return at;
    const { receivedBytes, playedOffset, lastArrivalMs } = this.#options.agent;
    if ('share' in when) {
      const target = answer.streamOffset + when.share * (receivedBytes - answer.streamOffset);
      return playedOffset >= target ? at : undefined;
    }
    const complete = this.#msOf(at) - lastArrivalMs >= ARRIVED_MS;
    if (!complete) return undefined;
    // Playout is linear, so the moment at which this much is left is known before it comes.
    return Math.max(at, Math.round(at + receivedBytes - playedOffset - when.leftMs * SAMPLES_PER_MS));
  }

  #wait(step: Step & { type: 'wait' }, at: number, to: number): number | undefined {
    const heard = step.until === 'agent-starts' ? this.#answer() !== undefined : this.#heardOut();
    if (heard) return this.#finish(at);
    const timeout = Math.round(this.#stepSample + step.timeoutMs * SAMPLES_PER_MS);
    if (timeout >= to) return undefined;
    this.#options.onTimeout(this.#step);
    return this.#finish(Math.max(at, timeout));
  }

  /** What the agent said or is saying since the caller last began to speak, unless a wait was over with it. */
  #answer(): HeardUtterance | undefined {
    const { utterances } = this.#options.agent;
    for (let i = utterances.length - 1; i >= this.#consumed; i--)
      if (utterances[i]!.startMs >= this.#spokeMs && !utterances[i]!.cut) return utterances[i];
    return undefined;
  }

  /**
   * True once the agent has finished saying something that was meant for the caller: not what was over before the caller
   * was, and not what the caller interrupted, whether a clear cut it or it died away by itself.
   */
  #heardOut(): boolean {
    const { utterances } = this.#options.agent;
    const last = utterances.length - 1;
    const utterance = utterances[last];
    if (!utterance || last < this.#consumed || utterance.finishedMs === undefined) return false;
    if (utterance.lastAudibleMs <= this.#silentMs) return false;
    const spokenOver = utterance.startMs < this.#spokeMs;
    if (spokenOver && (utterance.cut || utterance.lastAudibleMs < this.#silentMs + WENT_ON_MS)) return false;
    this.#consumed = utterances.length;
    return true;
  }

  #endAt(sample: number, at: number, to: number): number | undefined {
    return sample > to ? undefined : this.#finish(Math.max(at, sample));
  }

  #finish(sample: number): number {
    this.#step++;
    this.#stepSample = sample;
    return sample;
  }

  #msOf(sample: number): number {
    return this.#options.startMs + sample / SAMPLES_PER_MS;
  }

  #sampleOf(ms: number): number {
    return (ms - this.#options.startMs) * SAMPLES_PER_MS;
  }

  /** When the frame that holds a sample is due: once its last sample has been spoken. */
  #sentMs(sample: number): number {
    return this.#msOf((Math.floor(sample / FRAME_SAMPLES) + 1) * FRAME_SAMPLES);
  }
}
