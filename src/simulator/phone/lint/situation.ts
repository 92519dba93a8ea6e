import { levelOfMulaw } from '../../../audio/level.js';
import type { PhoneEvent } from '../events.js';

const BYTES_PER_MS = 8;
/** Louder than a line's comfort noise, quieter than any speech. */
export const AUDIBLE_DBOV = -45;
const WINDOW_BYTES = 160;
/** Of one message, the last so many bytes are looked through for something audible: 20 s. */
const MOST_BYTES = 160_000;

/**
 * What is known of a call at this moment, from its events alone and, where somebody has it, its audio. The judges of a
 * call look at it and keep only what is theirs. Runs per event; holds no audio.
 */
export class Situation {
  startMs: number | undefined;
  nowMs = 0;
  /** The caller is speaking now, since then; and had last finished then. */
  speakingSinceMs: number | undefined;
  spokeUntilMs: number | undefined;
  /** The script meant the present or last words to speak over the agent. */
  interrupts = false;
  /** The agent is audible now, or was less than the caller's patience ago. */
  agentSpeaking = false;
  receivedBytes = 0;
  /** Place after the last audible window that arrived; undefined while nothing audible did, or nobody has the audio. */
  audibleTo: number | undefined;
  /** The phone's own line was asked to fail: what is late or lost may not be the server's doing. */
  disturbed = false;
  /** When this machine last was late itself. */
  behindMs = Number.NEGATIVE_INFINITY;
  #emptyAtMs = Number.NEGATIVE_INFINITY;

  /** Audio that would still be played if nothing more came. */
  bufferedMs(atMs = this.nowMs): number {
    return Math.max(0, this.#emptyAtMs - atMs);
  }

  /** Audible audio that has arrived and has not been played; 0 when nobody has the audio. */
  audibleLeftMs(): number {
    const playedTo = this.receivedBytes - this.bufferedMs() * BYTES_PER_MS;
    return this.audibleTo === undefined ? 0 : Math.max(0, this.audibleTo - playedTo) / BYTES_PER_MS;
  }

  /** Called before the `media` event of the same message. */
  audio(audio: Uint8Array, streamOffset: number): void {
    for (let to = audio.length; to > Math.max(0, audio.length - MOST_BYTES); to -= WINDOW_BYTES) {
      if (levelOfMulaw(audio.subarray(Math.max(0, to - WINDOW_BYTES), to)) < AUDIBLE_DBOV) continue;
      this.audibleTo = streamOffset + to;
      return;
    }
  }

  event(event: PhoneEvent): void {
    this.nowMs = Math.max(this.nowMs, event.atMs);
    switch (event.type) {
      case 'start':
        this.startMs = event.atMs;
        return;
      case 'caller-speech-start':
        this.speakingSinceMs = event.atMs;
        this.interrupts = event.interrupts;
        return;
      case 'caller-speech-end':
        this.speakingSinceMs = undefined;
        this.spokeUntilMs = event.atMs;
        return;
      case 'agent-starts':
        this.agentSpeaking = true;
        return;
      case 'agent-finishes':
        this.agentSpeaking = false;
        return;
      case 'media':
        this.receivedBytes = event.streamOffset + event.bytes;
        this.#emptyAtMs = event.atMs + event.bufferedMs;
        return;
      case 'clear':
        // What came between the clear and its acting stays; the next media says how much that is.
        this.#emptyAtMs = event.atMs;
        return;
      case 'behind':
        this.behindMs = event.atMs;
        return;
      case 'fault':
      case 'drop':
        this.disturbed = true;
        return;
      default:
        return;
    }
  }
}
