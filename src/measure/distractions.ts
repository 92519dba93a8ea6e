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
  /** `finished`: it fell silent without a clear, and as far as can be told that was its own end. */
  readonly outcome: 'went-on' | 'stopped' | 'finished';
  /** It stopped without a clear: it sends no more than is due, and sent nothing more. Only the model's truth tells. */
  readonly silently?: true;
  /** How soon it fell silent, unless it went on. */
  readonly stopMs?: number;
}

/** Audible for so long after the sound began: it did not stop for it. */
const WENT_ON_MS = 1_500;

interface Clear {
  readonly atMs: number;
  readonly droppedBytes: number;
}

/**
 * One entry per sound over the agent.
 *
 * @param heardToTheEnd with the model's truth: whether everything the model had to say was heard
 */
export function findDistractions(
  sounds: readonly CallerSound[],
  utterances: readonly Utterance[],
  clears: readonly Clear[],
  heardToTheEnd: (utterance: Utterance) => boolean = () => true,
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
    if (stopMs >= WENT_ON_MS) return [{ ...base, outcome: 'went-on' }];
    if (!heardToTheEnd(over)) return [{ ...base, outcome: 'stopped', silently: true, stopMs }];
    return [{ ...base, outcome: 'finished', stopMs }];
  });
}
