import type { PhoneEvent } from '../events.js';
import type { Complain } from '../lint.js';
import { AudioDoctor } from './audio-doctor.js';
import { ClosingJudge } from './closing.js';
import { InterruptionJudge } from './interruptions.js';
import { MarkJudge } from './marks.js';
import { PlayoutJudge } from './playout.js';
import { SilenceJudge } from './silence.js';
import { Situation } from './situation.js';

const UNDECODED = ['media/hex', 'media/base64-twice'];

/**
 * Judges a call as it goes on, from its events and the agent's audio; what one message shows by itself is judged where
 * it is read. The same for a live call and for one that was recorded: it reads no clock.
 */
export class CallLint {
  readonly #situation = new Situation();
  readonly #doctor: AudioDoctor;
  readonly #judges: readonly { event(event: PhoneEvent): void }[];
  readonly #marks: MarkJudge;
  readonly #interruptions: InterruptionJudge;
  readonly #silence: SilenceJudge;
  #ended = false;

  /** @param complain said while the event that shows it is being told */
  constructor(complain: Complain) {
    this.#doctor = new AudioDoctor(complain);
    this.#marks = new MarkJudge(complain);
    this.#interruptions = new InterruptionJudge(complain, this.#situation);
    this.#silence = new SilenceJudge(complain, this.#situation);
    this.#judges = [
      this.#marks,
      this.#interruptions,
      new PlayoutJudge(complain, this.#situation),
      this.#silence,
      new ClosingJudge(complain, this.#situation),
    ];
  }

  /** Audio of the agent has arrived; its `media` event follows. */
  audio(audio: Uint8Array, streamOffset: number, atMs: number): void {
    this.#doctor.hear(audio, atMs);
    this.#situation.audio(audio, streamOffset);
  }

  /** Time has passed. Called 50 times a second; `frame` events of a recorded call do the same. */
  tick(atMs: number): void {
    this.#interruptions.tick(atMs);
    this.#silence.tick(atMs);
  }

  event(event: PhoneEvent): void {
    if (event.type === 'frame') return this.tick(event.atMs);
    this.#situation.event(event);
    // Text that was decoded once too often, or never, is not worth listening to.
    if (event.type === 'lint' && UNDECODED.includes(event.finding.rule)) this.#doctor.dismiss();
    for (const judge of this.#judges) judge.event(event);
    if (event.type === 'stop' || event.type === 'closed') this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#doctor.end();
    this.#marks.end();
  }
}
