import { MULAW_SILENCE } from '../../audio/g711.js';
import { DEFAULTS } from '../../options.js';
import { type AgentView, cueOf } from './cue.js';
import type { CallerSound, CallerSpeech, Expectation, PhoneEvent } from './events.js';
import { type Condition, describe, judge, type ReturnedMark, type Verdict } from './expectation.js';
import type { LabelledSpeech } from './labels.js';
import { Listener } from './listener.js';
import { placementOf } from './placement.js';
import { type Operation, programOf } from './program.js';
import type { CallerScript, Clip, InterruptAt } from './script.js';

export type { AgentView } from './cue.js';

const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = DEFAULTS.phone.frameMs * SAMPLES_PER_MS;
export interface CallerOptions {
  readonly script: CallerScript;
  readonly agent: AgentView;
  /** Time of sample 0. */
  readonly startMs: number;
  /** How long to wait for the agent when the script has run out. */
  readonly lingerMs: number;
  /** How long a key is held. */
  readonly digitMs: number;
  readonly onSpeechStart: (speech: Omit<CallerSpeech, 'endMs' | 'endSentMs'>) => void;
  readonly onSpeechEnd: (speech: CallerSpeech) => void;
  /** A sound that is not meant for the agent begins. */
  readonly onSound: (sound: CallerSound) => void;
  readonly onDigit: (digit: string) => void;
  readonly onTimeout: (step: number) => void;
  readonly onExpectation: (expectation: Expectation) => void;
  /** The connection is to be reset; `last` when no reconnect follows. */
  readonly onDrop: (last: boolean) => void;
  /** A new stream is to be opened; the caller waits until it is told `reconnected`. */
  readonly onReconnect: (afterMs: number) => void;
}

type Speaking = Omit<CallerSpeech, 'endMs' | 'endSentMs'> & { readonly endSample: number };

/**
 * Performs a script: a continuous stream of µ-law samples, silence where nothing is said. Sample j belongs to the time
 * `startMs` + j/8 ms, so speech begins at the very sample a script asks for, anywhere inside a frame. What the agent
 * does is known up to the moment a frame is rendered, so an answer to it begins with that frame at the earliest.
 */
export class Caller {
  readonly #options: CallerOptions;
  readonly #program: readonly Operation[];
  #step = 0;
  /** Sample at which the present step began. */
  #stepSample = 0;
  /** A clip being played: its first unsaid sample. */
  #clipAt: number | undefined;
  #nextLabel = 0;
  #speaking: Speaking | undefined;
  /** From when on expectations count. */
  #sinceMs: number;
  readonly #listener: Listener;
  readonly #marks: ReturnedMark[] = [];
  readonly #lint = { error: 0, warning: 0 };
  #line: 'up' | 'dialling' | 'answered' = 'up';

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#sinceMs = options.startMs;
    this.#listener = new Listener(options.agent);
    const linger = { type: 'wait', until: 'agent-finishes', timeoutMs: options.lingerMs } as const;
    this.#program = programOf([...options.script.steps, linger, { type: 'hangup' }], options.digitMs);
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
      const step = this.#program[this.#step]!;
      // What has been said in this frame already still goes out.
      if (step.type === 'hangup' || (at > from && (step.type === 'drop' || step.type === 'reconnect')))
        return at > from;
      const next = this.#perform(step, out, from, at, to);
      if (next === undefined) break;
      at = next;
    }
    return true;
  }

  /** Something happened that a script can ask about. */
  notice(event: PhoneEvent): void {
    if (event.type === 'mark-echo') this.#marks.push({ name: event.name, atMs: event.atMs });
    else if (event.type === 'lint' && event.finding.level !== 'note') this.#lint[event.finding.level]++;
  }

  /** The new stream is open. */
  reconnected(): void {
    this.#line = 'answered';
  }

  /** The call is over: what was being said ends here, and what was still expected has not come. */
  end(atMs: number): void {
    if (this.#speaking) {
      // Cut off in the middle of a word: what was said until then was said, and may have interrupted the agent.
      const { endSample: _, ...speech } = this.#speaking;
      this.#speaking = undefined;
      this.#options.onSpeechEnd({ ...speech, endMs: atMs, endSentMs: atMs });
    }
    for (let step = this.#step; step < this.#program.length; step++) {
      const left = this.#program[step]!;
      if (left.type === 'expect' && left.certain)
        this.#tellExpectation(left, step, { ok: false, found: 'the call was over before', atMs });
    }
    this.#step = this.#program.length - 1;
  }

  /** Does as much of a step as fits. Returns the sample at which it ended, undefined when it goes on after this frame. */
  #perform(step: Operation, out: Uint8Array, from: number, at: number, to: number): number | undefined {
    switch (step.type) {
      case 'say':
        return this.#say(step.clip, 0, out, from, at, to);
      case 'interrupt':
        return this.#over(step.clip, step.when, step.timeoutMs, out, from, at, to);
      case 'aside':
        if (!step.when) return this.#say(step.clip, 0, out, from, at, to);
        return this.#over(step.clip, step.when, step.timeoutMs, out, from, at, to);
      case 'pause':
        return this.#endAt(Math.round(this.#stepSample + step.ms * SAMPLES_PER_MS), at, to);
      case 'wait':
        return this.#wait(step, at, to);
      case 'place':
        return this.#place(step, out, from, at, to);
      case 'digits':
        for (const digit of step.digits) this.#options.onDigit(digit);
        return this.#finish(at);
      case 'expect':
        return this.#expect(step, at, to);
      case 'branch':
        return this.#branch(step, at, to);
      case 'jump':
        this.#step = step.to;
        return at;
      case 'drop':
        return this.#drop(at);
      case 'reconnect':
        return this.#reconnect(step.afterMs, at);
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
    const spoke = clip.speech.some(({ sound }) => sound === undefined);
    return this.#finish(at + part.length, spoke ? this.#listener.callerSilentMs : undefined);
  }

  /** Tells which labels begin and end between two samples of the clip; `shift` leads from the clip's to the call's samples. */
  #tellSpeech(clip: Clip, from: number, to: number, shift: number): void {
    for (;;) {
      if (this.#speaking) {
        const { endSample, ...speech } = this.#speaking;
        if (endSample > to) return;
        this.#speaking = undefined;
        const endMs = this.#msOf(endSample + shift);
        this.#listener.callerFellSilent(endMs);
        this.#options.onSpeechEnd({ ...speech, endMs, endSentMs: this.#sentMs(endSample + shift - 1) });
      }
      const label = clip.speech[this.#nextLabel];
      if (!label || label.startSample >= to) return;
      this.#nextLabel++;
      if (label.startSample >= from) this.#begin(label, clip.name, shift);
    }
  }

  /** A labelled stretch begins. */
  #begin({ startSample, endSample, sound, text, interrupts }: LabelledSpeech, clip: string, shift: number): void {
    const startMs = this.#msOf(startSample + shift);
    const startSentMs = this.#sentMs(startSample + shift);
    if (sound !== undefined) {
      this.#listener.callerSounds(startMs);
      const endMs = this.#msOf(endSample + shift);
      const endSentMs = this.#sentMs(endSample + shift - 1);
      return this.#options.onSound({ step: this.#step, kind: sound, clip, startMs, startSentMs, endMs, endSentMs });
    }
    const speech = {
      step: this.#step,
      startMs,
      startSentMs,
      interrupts: interrupts === true || this.#program[this.#step]!.type === 'interrupt',
      ...(text !== undefined && { text }),
    };
    this.#speaking = { ...speech, endSample };
    this.#listener.callerSpeaks(startMs);
    this.#options.onSpeechStart(speech);
  }

  /** Speaks over the agent. */
  #over(
    clip: Clip,
    when: InterruptAt,
    timeoutMs: number,
    out: Uint8Array,
    from: number,
    at: number,
    to: number,
  ): number | undefined {
    // The first word is what interrupts: silence before it in the file would only make it late.
    const begin = clip.speech[0]?.startSample ?? 0;
    if (this.#clipAt !== undefined) return this.#say(clip, begin, out, from, at, to);
    const answer = this.#listener.answer();
    const cueMs = answer && cueOf(when, answer, this.#options.agent, this.#msOf(at));
    let cue = cueMs === undefined ? undefined : Math.round(this.#sampleOf(cueMs));
    if (cue === undefined) {
      const timeout = this.#timeoutSample(timeoutMs);
      if (timeout >= to) return undefined;
      this.#options.onTimeout(this.#step);
      cue = timeout;
    }
    if (cue >= to) return undefined;
    return this.#say(clip, begin, out, from, Math.max(at, cue), to);
  }

  #wait(step: Operation & { type: 'wait' }, at: number, to: number): number | undefined {
    const heard =
      step.until === 'agent-starts' ? this.#listener.answer() !== undefined : this.#listener.heardOut(this.#msOf(at));
    if (heard) return this.#finish(at);
    const timeout = this.#timeoutSample(step.timeoutMs);
    if (timeout >= to) return undefined;
    this.#options.onTimeout(this.#step);
    return this.#finish(Math.max(at, timeout));
  }

  #place(
    step: Operation & { type: 'place' },
    out: Uint8Array,
    from: number,
    at: number,
    to: number,
  ): number | undefined {
    const { agent, startMs } = this.#options;
    const facts = {
      utterances: agent.utterances,
      before: this.#listener.placedAt,
      nowMs: this.#msOf(at),
      waitingMs: (agent.receivedBytes - agent.playedOffset) / SAMPLES_PER_MS,
      callStartMs: startMs,
      callerDoneMs: this.#msOf(this.#stepSample),
    };
    const placeMs = placementOf(step.anchor, facts);
    let place = placeMs === undefined ? undefined : Math.round(this.#sampleOf(placeMs));
    const timeout = this.#timeoutSample(step.timeoutMs);
    if (place === undefined && timeout < to) {
      this.#options.onTimeout(this.#step);
      place = timeout;
    }
    const end = place === undefined ? to : Math.min(to, Math.max(at, place));
    const { meanwhile } = step;
    if (meanwhile) {
      for (let sample = at; sample < end; sample++)
        out[sample - from] = meanwhile[(sample - this.#stepSample) % meanwhile.length]!;
    }
    if (place === undefined || place >= to) return undefined;
    this.#listener.found();
    return this.#finish(end);
  }

  #expect(step: Operation & { type: 'expect' }, at: number, to: number): number | undefined {
    const verdict = this.#judge(step.that, to);
    if (!verdict) return undefined;
    this.#tellExpectation(step, this.#step, verdict);
    return this.#decided(step.that, verdict, at, to);
  }

  #branch(step: Operation & { type: 'branch' }, at: number, to: number): number | undefined {
    const verdict = this.#judge(step.that, to);
    if (!verdict) return undefined;
    const sample = this.#decided(step.that, verdict, at, to);
    if (!verdict.ok) this.#step = step.otherwise;
    return sample;
  }

  /** What has been found out does not move the moment from which the next expectation counts; having waited does. */
  #decided(condition: Condition, { atMs }: Verdict, at: number, to: number): number {
    const sample = Math.min(Math.max(at, Math.round(this.#sampleOf(atMs))), to);
    return this.#finish(sample, condition.type === 'silent' ? undefined : this.#sinceMs);
  }

  #judge(condition: Condition, to: number): Verdict | undefined {
    const verdict = judge(condition, {
      utterances: this.#options.agent.utterances,
      answer: this.#listener.answer(),
      beganMs: this.#listener.callerBeganMs,
      sinceMs: this.#sinceMs,
      marks: this.#marks,
      lint: this.#lint,
      nowMs: this.#msOf(to),
    });
    if (verdict?.mark) this.#marks.splice(0, this.#marks.indexOf(verdict.mark) + 1);
    return verdict;
  }

  #tellExpectation({ that, line }: Operation & { type: 'expect' }, step: number, { ok, found, atMs }: Verdict): void {
    const expected = describe(that);
    this.#options.onExpectation({ step, expected, found, ok, atMs, ...(line !== undefined && { line }) });
  }

  #drop(at: number): number | undefined {
    const next = this.#program[this.#after(this.#step + 1)]!;
    this.#options.onDrop(next.type !== 'reconnect');
    if (next.type === 'reconnect') return this.#finish(at);
    this.#step = this.#program.length - 1;
    return at;
  }

  #reconnect(afterMs: number, at: number): number | undefined {
    if (this.#line === 'up') {
      this.#line = 'dialling';
      this.#options.onReconnect(afterMs);
    }
    if (this.#line === 'dialling') return undefined;
    this.#line = 'up';
    // Nobody answers on the new stream what was said on the old one.
    this.#listener.forget();
    return this.#finish(at);
  }

  /** Where the program goes on from number `step`. */
  #after(step: number): number {
    const next = this.#program[step]!;
    return next.type === 'jump' ? this.#after(next.to) : step;
  }

  #endAt(sample: number, at: number, to: number): number | undefined {
    return sample > to ? undefined : this.#finish(Math.max(at, sample));
  }

  /** @param sinceMs from when on the next expectation counts; from here on when left out */
  #finish(sample: number, sinceMs = this.#msOf(sample)): number {
    this.#step++;
    this.#stepSample = sample;
    this.#sinceMs = sinceMs;
    return sample;
  }

  #timeoutSample(timeoutMs: number): number {
    return Math.round(this.#stepSample + timeoutMs * SAMPLES_PER_MS);
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
