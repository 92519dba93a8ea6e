import type { CallerSpeech } from '../simulator/phone/events.js';
import type { Utterance } from './utterances.js';

/** One turn of the caller and the answer to it. */
export interface Turn {
  readonly step: number;
  readonly text?: string;
  /** When the caller's last speech sample left the phone, in its frame. */
  readonly endMs: number;
  /** Signed: negative when the agent talked over the caller. Absent when no answer came. */
  readonly playoutMs?: number;
  readonly ingressMs?: number;
  /** Only when the first sound was a filler. */
  readonly answerMs?: number;
  /** Between the earliest and the latest of the three onset rules. */
  readonly spreadMs?: number;
}

export interface Turns {
  /** `start` → first audible sample of what the agent said before the caller said anything. */
  readonly greetingMs?: number;
  readonly turns: readonly Turn[];
}

/** An onset this soon after the caller began cannot be a reaction to it: it still answers the turn before. */
export const REACTION_MS = 200;
/** A first sound followed by a gap longer than this … */
export const FILLER_GAP_MS = 150;
/** … that begins within this time of its onset was a filler … */
export const FILLER_WITHIN_MS = 2_000;
/** … when the rest follows within this time. What is said later is no answer any more: "are you still there?" */
const REST_WITHIN_MS = 5_000;
/** Nobody makes a pause of this length in a sentence: what was said before it should have been answered. */
const UNANSWERED_AFTER_MS = 5_000;

/**
 * Pairs what the caller said with what the agent said. Speech after which the agent kept silent until the caller went
 * on is not a turn: it is the first half of one. `utterances` are in order of their onset.
 */
export function findTurns(
  speech: readonly CallerSpeech[],
  utterances: readonly Utterance[],
  startedAtMs: number,
  endedAtMs = Number.POSITIVE_INFINITY,
): Turns {
  const answers = new Map<CallerSpeech, Utterance>();
  const first = utterances[0];
  const greeting = first && !(speech[0] && speech[0].startMs + REACTION_MS <= first.onsetMs) ? first : undefined;
  for (const utterance of utterances) {
    const prompt = utterance === greeting ? undefined : promptOf(utterance, speech, answers);
    if (prompt) answers.set(prompt, utterance);
  }
  const turns = speech
    .filter((said, index) => answers.has(said) || isUnanswered(said, speech[index + 1], answers))
    .filter((said) => said.endMs < endedAtMs)
    .map((said) => turnOf(said, answers.get(said), utterances, speech));
  return { turns, ...(greeting && { greetingMs: greeting.onsetMs - startedAtMs }) };
}

/** What the caller had said last when the utterance began, unless that was answered before. */
function promptOf(
  utterance: Utterance,
  speech: readonly CallerSpeech[],
  answers: ReadonlyMap<CallerSpeech, Utterance>,
): CallerSpeech | undefined {
  const index = speech.findLastIndex((said) => said.startMs <= utterance.onsetMs);
  const latest = speech[index];
  if (!latest) return undefined;
  const before = speech[index - 1];
  const tooSoon = utterance.onsetMs - latest.startMs < REACTION_MS;
  if (tooSoon && before) return answers.has(before) ? undefined : before;
  return answers.has(latest) ? undefined : latest;
}

/** The caller's very last words count as unanswered, and words that nobody answered for long; others only had a pause in them. */
function isUnanswered(
  said: CallerSpeech,
  next: CallerSpeech | undefined,
  answers: ReadonlyMap<CallerSpeech, Utterance>,
): boolean {
  return !answers.has(said) && (next === undefined || next.startMs - said.endMs > UNANSWERED_AFTER_MS);
}

function turnOf(
  said: CallerSpeech,
  answer: Utterance | undefined,
  utterances: readonly Utterance[],
  speech: readonly CallerSpeech[],
): Turn {
  const endMs = said.endSentMs ?? said.endMs;
  const turn = { step: said.step, endMs, ...(said.text !== undefined && { text: said.text }) };
  if (!answer) return turn;
  const second = secondOnset(answer, utterances, speech);
  const { sensitiveMs, strictMs } = answer;
  return {
    ...turn,
    playoutMs: answer.onsetMs - endMs,
    ...(answer.arrivedMs !== undefined && { ingressMs: answer.arrivedMs - endMs }),
    ...(second !== undefined && { answerMs: second - endMs }),
    ...(sensitiveMs !== undefined && strictMs !== undefined && { spreadMs: strictMs - sensitiveMs }),
  };
}

/** Where the answer goes on behind a filler, in the same utterance or, after a long silence, in the next one. */
function secondOnset(
  answer: Utterance,
  utterances: readonly Utterance[],
  speech: readonly CallerSpeech[],
): number | undefined {
  const filler = answer.spans[0];
  if (!filler) return undefined;
  const next = utterances.find((each) => each.onsetMs > answer.onsetMs);
  const startMs = answer.spans[1]?.startMs ?? next?.onsetMs;
  if (startMs === undefined || filler.endMs - filler.startMs > FILLER_WITHIN_MS) return undefined;
  const gapMs = startMs - filler.endMs;
  const interrupted = speech.some((each) => each.startMs > filler.startMs && each.startMs < startMs);
  return gapMs > FILLER_GAP_MS && gapMs <= REST_WITHIN_MS && !interrupted ? startMs : undefined;
}
