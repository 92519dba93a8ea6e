import { DEFAULTS } from '../options.js';
import type { CallerSound, CallerSpeech, HeardSpan } from '../simulator/phone/events.js';
import { REACTION_MS } from './turns.js';
import type { Utterance } from './utterances.js';

/** The caller spoke while the agent was audible. */
export interface BargeIn {
  readonly step: number;
  /** When the caller's first sample over the agent left the phone, in its frame. */
  readonly startMs: number;
  /** How long the agent had been audible by then. */
  readonly intoMs: number;
  /**
   * `stopped` in time · `missed`: it went on · `finished`: the answer was over by itself before it could be stopped ·
   * `unknown`: the call ended before it could be told.
   */
  readonly outcome: 'stopped' | 'missed' | 'finished' | 'unknown';
  /** Absent for `finished`; `Infinity` when the end of the agent's speech was not a stop (right-censored). */
  readonly stopMs?: number;
  readonly clearMs?: number;
  /** Absent without a clear. */
  readonly leakMs?: number;
  readonly recovered: boolean;
}

export interface BargeInFacts {
  readonly speech: readonly CallerSpeech[];
  readonly utterances: readonly Utterance[];
  /** Every clear, ascending: when it acted, when it had arrived, what it threw away. */
  readonly clears: readonly { readonly atMs: number; readonly arrivedMs?: number; readonly droppedBytes: number }[];
  readonly endedAtMs: number;
  /** Milliseconds of dead audio played after the clear at `clearMs`, for the interruption that began at `startMs`. */
  readonly leakAfter: (clearMs: number, said: CallerSpeech) => number;
  /** With the model's truth: whether everything the model had said was heard to its end. Without it nobody can tell. */
  readonly heardToTheEnd?: (utterance: Utterance) => boolean;
  readonly missedAfterMs?: number;
}

/** One entry per utterance that was spoken over. */
export function findBargeIns(facts: BargeInFacts): BargeIn[] {
  const found: BargeIn[] = [];
  let last: Utterance | undefined;
  for (const said of facts.speech) {
    const over = facts.utterances.find((each) => each.onsetMs < startOf(said) && startOf(said) < each.endMs);
    if (!over || over === last) continue;
    last = over;
    found.push(bargeInOf(said, over, facts));
  }
  return found;
}

/** A frame leaves the phone up to 20 ms before its last sample would be spoken. */
export function startOf(said: CallerSpeech): number {
  return said.startSentMs ?? said.startMs;
}

function bargeInOf(said: CallerSpeech, over: Utterance, facts: BargeInFacts): BargeIn {
  const missedAfterMs = facts.missedAfterMs ?? DEFAULTS.bench.missedAfterMs;
  const startMs = startOf(said);
  const lastedMs = over.endMs - startMs;
  const next = facts.utterances.find((each) => each.onsetMs > over.endMs);
  const clear = facts.clears.find(({ atMs }) => atMs >= startMs && atMs < (next?.onsetMs ?? Number.POSITIVE_INFINITY));
  const base = {
    step: said.step,
    startMs,
    intoMs: startMs - over.onsetMs,
    recovered: next !== undefined && isAnswer(next, said, facts.speech),
    ...(clear && { clearMs: (clear.arrivedMs ?? clear.atMs) - startMs, leakMs: facts.leakAfter(clear.atMs, said) }),
  };
  const cut = clear !== undefined && clear.droppedBytes > 0;
  const finished = !cut && (facts.heardToTheEnd?.(over) ?? false);
  if (lastedMs > missedAfterMs)
    return { ...base, outcome: 'missed', stopMs: cut ? lastedMs : Number.POSITIVE_INFINITY };
  if (finished) return { ...base, outcome: 'finished' };
  if (!cut && facts.endedAtMs - over.endMs < 100) {
    return { ...base, outcome: 'unknown', stopMs: Number.POSITIVE_INFINITY };
  }
  return { ...base, outcome: 'stopped', stopMs: lastedMs };
}

/** A shorter silence between two stretches of speech is a pause: the caller is still interrupting. */
const PAUSE_MS = 1_500;

/** Whether the utterance came before the caller said something else, which may be what it answers. */
function isAnswer(next: Utterance, said: CallerSpeech, speech: readonly CallerSpeech[]): boolean {
  let last = said;
  for (const each of speech.slice(speech.indexOf(said) + 1)) {
    if (next.onsetMs < startOf(each) + REACTION_MS) return true;
    if (each.startMs - last.endMs > PAUSE_MS) return false;
    last = each;
  }
  return true;
}

/** A clear this long after the caller's last sample may still be an answer to it. */
const STILL_REACTING_MS = 1_500;

/**
 * Clears that cut audio although nobody had spoken: the agent fell for a noise, or for itself. A clear soon after the
 * caller's words may still be a late answer to them, unless a hum, a cough or a noise has been heard since.
 */
export function countFalseStops(
  clears: readonly { readonly atMs: number; readonly droppedBytes: number }[],
  speech: readonly CallerSpeech[],
  sounds: readonly CallerSound[] = [],
): number {
  return clears.filter(({ atMs, droppedBytes }) => {
    if (droppedBytes === 0) return false;
    const said = speech.findLast((each) => startOf(each) <= atMs);
    if (!said || said.endMs + STILL_REACTING_MS < atMs) return true;
    return sounds.some((sound) => sound.startSentMs >= said.endMs && sound.startSentMs <= atMs);
  }).length;
}

/** Milliseconds of `[fromOffset, toOffset)` of the received stream that were played at or after `fromMs`. */
export function playedAfter(heard: readonly HeardSpan[], fromOffset: number, toOffset: number, fromMs: number): number {
  let bytes = 0;
  for (const span of heard) {
    const skipped = Math.max(0, Math.ceil((fromMs - span.playedAtMs) * 8 - 1e-6));
    const begin = Math.max(fromOffset, span.streamOffset + skipped);
    const end = Math.min(toOffset, span.streamOffset + span.bytes);
    if (end > begin) bytes += end - begin;
  }
  return bytes / 8;
}
