import type { TurnDetection } from './config.js';
import type { VoiceActivityEvent } from './voice-activity.js';

/** Samples per millisecond at 8 kHz, where voice activity is looked for. */
const SAMPLES_PER_MS = 8;

/** Finds speech in 8 kHz samples; `voice-activity.ts` has the real one. */
export interface SpeechDetector {
  push(samples: Int16Array): VoiceActivityEvent[];
}

export type TurnEvent =
  | { readonly type: 'started'; readonly audioStartMs: number }
  | { readonly type: 'stopped'; readonly audioEndMs: number };

/**
 * Turns voice activity into the two events of a turn, in milliseconds of all audio appended. A start lies
 * `prefix_padding_ms` before the speech but never before the end of the turn before it; a stop is where the decision
 * fell and so includes the silence that it took, as the service counts.
 */
export class Turns {
  readonly #detector: SpeechDetector;
  readonly #originMs: number;
  readonly #prefixMs: number;
  #lastEndMs: number;
  #speaking = false;

  /** `originMs`: how much audio had been appended when this detector began, less the delay of its decoder. */
  constructor(detector: SpeechDetector, settings: TurnDetection, originMs: number) {
    this.#detector = detector;
    this.#originMs = originMs;
    this.#lastEndMs = Math.max(0, originMs);
    this.#prefixMs = settings.type === 'server_vad' ? (settings.prefix_padding_ms ?? 0) : 0;
  }

  get isSpeaking(): boolean {
    return this.#speaking;
  }

  push(samples: Int16Array): TurnEvent[] {
    return this.#detector.push(samples).map((event) => {
      this.#speaking = event.type === 'speech-started';
      if (this.#speaking) {
        const speechMs = this.#originMs + event.atSample / SAMPLES_PER_MS - this.#prefixMs;
        return { type: 'started', audioStartMs: Math.floor(Math.max(this.#lastEndMs, speechMs)) };
      }
      this.#lastEndMs = this.#originMs + event.detectedAtSample / SAMPLES_PER_MS;
      return { type: 'stopped', audioEndMs: Math.floor(Math.max(0, this.#lastEndMs)) };
    });
  }
}
