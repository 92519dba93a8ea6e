import { decodeMulaw, MULAW_SILENCE } from '../../audio/g711.js';
import { findSpeech } from '../../measure/voice.js';
import { DEFAULTS } from '../../options.js';
import { Ear } from './ear.js';
import type { CallerSpeech } from './events.js';

const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = DEFAULTS.phone.frameMs * SAMPLES_PER_MS;
/** A speaker who pauses for less than this goes on speaking. */
const PAUSE_MS = 500;
/** At the end of a frame its last samples may not be known to have been played, by rounding: so much later all are. */
const LAG_SAMPLES = 2;

/** Somebody who speaks while the call lasts, instead of a script: a person at a microphone, or a program. */
export interface LiveCaller {
  readonly name: string;
  /**
   * One frame of 20 ms, 160 µ-law samples each way: `heard` is what the agent said in the last 20 ms, silence included,
   * without a hole or a sample twice; `spoken` is filled with what the caller says (it comes filled with silence). Called 50 times a second on the
   * phone's own schedule, which never waits.
   */
  frame(heard: Uint8Array, spoken: Uint8Array): void;
  /** A clear has thrown away what the agent had still to say: what was handed over and not yet sounded is void too. */
  cleared(): void;
  /** The keys pressed since it was last asked: 0-9 * # A-D. */
  digits(): string;
}

/** What can be put on the phone in place of a script. */
export interface LiveSource {
  readonly live: LiveCaller;
}

export interface LiveLineOptions {
  readonly caller: LiveCaller;
  /** Time of sample 0. */
  readonly startMs: number;
  /** Live, coarse: by 10 ms and a fixed level. The record finds speech offline, to the sample. */
  readonly onSpeechStart: (atMs: number) => void;
  readonly onSpeechEnd: (atMs: number) => void;
  readonly onDigit: (digit: string) => void;
}

/**
 * Joins a live caller to the phone, frame by frame. What the ear heard comes in pieces of any size, each with the exact
 * time of its first byte; here they become one unbroken stream that is handed over in whole frames.
 */
export class LiveLine {
  readonly #options: LiveLineOptions;
  readonly #ear: Ear;
  readonly #heard = new Uint8Array(FRAME_SAMPLES);
  /** What the ear has heard beyond the present frame: a frame is spoken a little after it is due. */
  #ahead = new Uint8Array(4 * FRAME_SAMPLES).fill(MULAW_SILENCE);
  #frame = 0;
  /** The sample after the last that was heard. */
  #heardTo = LAG_SAMPLES;

  constructor(options: LiveLineOptions) {
    this.#options = options;
    this.#ear = new Ear({
      quietMs: PAUSE_MS,
      onStart: ({ startMs }) => options.onSpeechStart(startMs),
      onFinish: ({ lastAudibleMs }) => options.onSpeechEnd(lastAudibleMs),
    });
  }

  /** The agent was heard: byte n of `bytes` at `playedAtMs` + n/8. */
  hear(bytes: Uint8Array, playedAtMs: number): void {
    const sample = Math.round((playedAtMs - this.#options.startMs) * SAMPLES_PER_MS) + LAG_SAMPLES;
    const frameSample = this.#frame * FRAME_SAMPLES;
    // Where two pieces meet, rounding may give both the same sample: none may be lost.
    const at = Math.max(sample, this.#heardTo, frameSample) - frameSample;
    this.#heardTo = frameSample + at + bytes.length;
    const room = at + bytes.length;
    if (room > this.#ahead.length) {
      const more = new Uint8Array(2 * room).fill(MULAW_SILENCE);
      more.set(this.#ahead);
      this.#ahead = more;
    }
    this.#ahead.set(bytes, at);
  }

  cleared(): void {
    this.#ahead.fill(MULAW_SILENCE);
    this.#options.caller.cleared();
  }

  /** Fills `out` with frame number `frame`: the counterpart of `Caller.render`. Never hangs up by itself. */
  render(out: Uint8Array, from: number): boolean {
    const { caller, startMs, onDigit } = this.#options;
    this.#heard.set(this.#ahead.subarray(0, FRAME_SAMPLES));
    this.#ahead.copyWithin(0, FRAME_SAMPLES);
    this.#ahead.fill(MULAW_SILENCE, this.#ahead.length - FRAME_SAMPLES);
    this.#frame++;
    for (const digit of caller.digits()) onDigit(digit);
    out.fill(MULAW_SILENCE);
    caller.frame(this.#heard, out);
    const atMs = startMs + from / SAMPLES_PER_MS;
    this.#ear.hear(out, from, atMs);
    this.#ear.advance(atMs + DEFAULTS.phone.frameMs);
    return true;
  }
}

/** Where a caller spoke whom nobody has labelled: found in the recording, to the sample, once the call is over. */
export function speechOf(callerLane: Uint8Array, startedAtMs: number): CallerSpeech[] {
  const msOf = (sample: number): number => startedAtMs + sample / SAMPLES_PER_MS;
  const sentMs = (sample: number): number => msOf((Math.floor(sample / FRAME_SAMPLES) + 1) * FRAME_SAMPLES);
  return findSpeech(decodeMulaw(callerLane), SAMPLES_PER_MS * 1000).map(({ startSample, endSample }, step) => ({
    step,
    startMs: msOf(startSample),
    endMs: msOf(endSample),
    startSentMs: sentMs(startSample),
    endSentMs: sentMs(endSample - 1),
    // Nobody can know what was meant; the measures find out what was over what.
    interrupts: false,
  }));
}
