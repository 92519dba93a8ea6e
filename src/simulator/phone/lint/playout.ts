import type { PhoneEvent } from '../events.js';
import type { Complain } from '../lint.js';
import type { Situation } from './situation.js';

/** A longer hole is a pause of the speaker, or another answer. */
const LONGEST_HOLE_MS = 400;
/** Shorter ones are what any timer costs, and Twilio's own jitter buffer hides them. */
const SHORTEST_HOLE_MS = 2;
/** Holes are added up over so long … */
const WINDOW_MS = 3_000;
/** … and this much of it, in so many pieces, is a stutter. */
const MOST_HOLES_MS = 360;
const LEAST_HOLES = 5;
/** Pieces are counted over so many messages. */
const PIECES = 100;
const TINY_BYTES = 80;

interface Hole {
  readonly atMs: number;
  readonly ms: number;
}

/** Whether audio comes in time and in sensible pieces. */
export class PlayoutJudge {
  readonly #complain: Complain;
  readonly #situation: Situation;
  #emptySinceMs: number | undefined;
  #holes: Hole[] = [];
  #said = false;
  #pieces = 0;
  #tinyPieces = 0;
  #pieceBytes = 0;

  constructor(complain: Complain, situation: Situation) {
    this.#complain = complain;
    this.#situation = situation;
  }

  event(event: PhoneEvent): void {
    if (event.type === 'media') this.#piece(event.bytes);
    else if (event.type === 'clear' || event.type === 'agent-finishes') this.#emptySinceMs = undefined;
    else if (event.type === 'playout-empty') this.#emptySinceMs = event.atMs;
    else if (event.type === 'playout-start') this.#resumed(event.atMs);
  }

  #resumed(atMs: number): void {
    const holeMs = atMs - (this.#emptySinceMs ?? Number.NEGATIVE_INFINITY);
    this.#emptySinceMs = undefined;
    const { agentSpeaking, disturbed, behindMs } = this.#situation;
    // A phone that is late itself hears holes that are its own.
    const own = disturbed || atMs - behindMs < WINDOW_MS;
    if (own) this.#holes = [];
    if (own || this.#said || !agentSpeaking || holeMs < SHORTEST_HOLE_MS || holeMs > LONGEST_HOLE_MS) return;
    this.#holes = [...this.#holes.filter((hole) => atMs - hole.atMs < WINDOW_MS), { atMs, ms: holeMs }];
    const sumMs = this.#holes.reduce((sum, { ms }) => sum + ms, 0);
    if (this.#holes.length < LEAST_HOLES || sumMs < MOST_HOLES_MS) return;
    this.#said = true;
    const seconds = WINDOW_MS / 1000;
    const holes = `${this.#holes.length} holes of ${Math.round(sumMs)} ms together within ${seconds} s`;
    this.#complain('playout/underrun', `${holes}: the audio comes too late`);
  }

  #piece(bytes: number): void {
    this.#pieces++;
    this.#pieceBytes += bytes;
    if (bytes < TINY_BYTES) this.#tinyPieces++;
    if (this.#pieces !== PIECES) return;
    if (this.#tinyPieces < PIECES * 0.9) return;
    this.#complain(
      'playout/tiny-pieces',
      `${PIECES} pieces of ${Math.round(this.#pieceBytes / PIECES)} bytes on average`,
    );
  }
}
