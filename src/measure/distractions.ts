import type { CallerSound } from '../simulator/phone/events.js';
import type { Utterance } from './utterances.js';

/** A hum, a cough or a noise of the caller while the agent was audible: nothing to stop for. */
export interface Distraction {
  readonly kind: CallerSound['kind'];
  readonly step: number;
  /** When its first sample left the phone, in its frame. */
  readonly startMs: number;
  /** How long the agent had been audible by then. */
  readonly intoMs: number;
  /** `finished`: it fell silent without a clear, which may have been its own end. */
  readonly outcome: 'went-on' | 'stopped' | 'finished';
  /** How soon it fell silent, unless it went on. */
  readonly stopMs?: number;
}

/** Audible for so long after the sound began: it did not stop for it. */
const WENT_ON_MS = 1_500;

interface Clear {
  readonly atMs: number;
  readonly droppedBytes: number;
}

/** One entry per sound over the agent. */
export function findDistractions(
  sounds: readonly CallerSound[],
  utterances: readonly Utterance[],
  clears: readonly Clear[],
): Distraction[] {
  return sounds.flatMap(({ kind, step, startSentMs: startMs }): Distraction[] => {
    const over = utterances.find((each) => each.onsetMs < startMs && startMs < each.endMs);
    if (!over) return [];
    const base = { kind, step, startMs, intoMs: startMs - over.onsetMs };
    const stopMs = over.endMs - startMs;
    const cut = clears.some(
      ({ atMs, droppedBytes }) => droppedBytes > 0 && atMs >= startMs && atMs <= startMs + WENT_ON_MS,
    );
    if (cut) return [{ ...base, outcome: 'stopped', stopMs }];
    return [stopMs >= WENT_ON_MS ? { ...base, outcome: 'went-on' } : { ...base, outcome: 'finished', stopMs }];
  });
}
