import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { CallerSpeech, CallRecord } from '../simulator/phone/events.js';
import { type BargeIn, countFalseStops, findBargeIns, playedAfter } from './bargein.js';
import { type Discrimination, discriminationsOf } from './discrimination.js';
import { type Distraction, findDistractions } from './distractions.js';
import { answerBreaks, bufferLevels, goodbyeCut, worstGaps } from './gaps.js';
import { leavingTimes } from './leaving.js';
import { Measures } from './metrics.js';
import { locateModelAudio, type ModelAudio } from './model-audio.js';
import { clearDelays, followIn, followOut } from './relay.js';
import { sentFrames } from './sent-frames.js';
import { findTruncations, heardUpTo, playedOf, type Truncation, UNHEARD_SLACK_MS } from './truncation.js';
import { findTurns, type Turn } from './turns.js';
import { findUtterances, type Utterance } from './utterances.js';

/** Everything one call tells. */
export interface CallMeasures {
  readonly measures: Measures;
  readonly greetingMs?: number;
  readonly turns: readonly Turn[];
  readonly bargeIns: readonly BargeIn[];
  /** Hums, coughs and noise of the caller over the agent; absent when there were none. */
  readonly distractions?: readonly Distraction[];
  /** Which sound of the caller stopped the agent, and which did not; absent when there were none over it. */
  readonly discrimination?: readonly Discrimination[];
  readonly truncations: readonly Truncation[];
  /** What the agent said, as the caller heard it; absent in what earlier versions measured. */
  readonly utterances?: readonly Utterance[];
  /** Why a metric that could be expected is absent. */
  readonly notes: readonly string[];
}

/**
 * Measures one call from what the phone recorded, and, when the bench's own model was at the far end, from that model's
 * trace of the same session. Pure: the same record gives the same numbers.
 */
export function analyseCall(recorded: CallRecord, modelTrace?: readonly ModelTraceEvent[]): CallMeasures {
  const record = { ...recorded, speech: asItLeft(recorded) };
  const measures = new Measures();
  const notes: string[] = [];
  const utterances = findUtterances(record);
  const audio = modelTrace && locateModelAudio(modelTrace, record.received);
  if (audio?.byEar)
    notes.push("the model's audio was resampled on its way: it was found by its sound, its cuts to 20 ms");
  if (modelTrace && !audio) notes.push("the model's audio was changed on its way, so truncations cannot be judged");

  const { greetingMs, turns } = findTurns(record.speech, utterances, record.startedAtMs, record.endedAtMs);
  addTurns(measures, turns, greetingMs);
  const bargeIns = findBargeIns(bargeInFacts(record, utterances, audio));
  const clears = record.events.filter((event) => event.type === 'clear');
  const distractions = findDistractions(
    record.sounds ?? [],
    utterances,
    clears,
    audio && ((utterance) => heardToTheEnd(record, audio, utterance)),
  );
  addBargeIns(measures, bargeIns, distractions, record, audio !== undefined);
  const discrimination = discriminationsOf(record, bargeIns, distractions);
  const truncations = modelTrace && audio ? addTruncations(measures, audio, modelTrace, record) : [];
  if (modelTrace) addRelay(measures, record, modelTrace, audio, notes);

  measures.add(
    'gap_ms',
    ...worstGaps(
      record.heard,
      audio,
      answerBreaks(record.speech, record.events),
      clears.map(({ atMs }) => atMs),
    ),
  );
  measures.add('buffer_ms', ...bufferLevels(record.events));
  const cut = goodbyeCut(record);
  if (cut !== undefined) measures.add('goodbye_cut_ms', cut);
  const lint = (level: string): number => record.lint.filter((finding) => finding.level === level).length;
  measures.count('lint.errors', lint('error'), 1);
  measures.count('lint.warnings', lint('warning'), 1);
  measures.add('host.pacing_ms', ...record.pacing.lateMs);
  return {
    measures,
    turns,
    bargeIns,
    truncations,
    utterances,
    notes,
    ...(distractions.length > 0 && { distractions }),
    ...(discrimination.length > 0 && { discrimination }),
    ...(greetingMs !== undefined && { greetingMs }),
  };
}

/** The caller's speech with the times at which its frames were really written, not only due. */
function asItLeft({ speech, events }: CallRecord): CallerSpeech[] {
  const leftAt = leavingTimes(events);
  return speech.map((said) => ({
    ...said,
    ...(said.startSentMs !== undefined && { startSentMs: leftAt(said.startSentMs) }),
    ...(said.endSentMs !== undefined && { endSentMs: leftAt(said.endSentMs) }),
  }));
}

function addTurns(measures: Measures, turns: readonly Turn[], greetingMs: number | undefined): void {
  if (greetingMs !== undefined) measures.add('greeting_ms', greetingMs);
  for (const turn of turns) {
    if (turn.playoutMs !== undefined) measures.add('turn.playout_ms', turn.playoutMs);
    if (turn.ingressMs !== undefined) measures.add('turn.ingress_ms', turn.ingressMs);
    if (turn.answerMs !== undefined) measures.add('turn.answer_ms', turn.answerMs);
    if (turn.spreadMs !== undefined) measures.add('turn.spread_ms', turn.spreadMs);
  }
  const unanswered = turns.filter((turn) => turn.playoutMs === undefined).length;
  if (turns.length > 0) measures.count('turn.unanswered', unanswered, turns.length);
}

function bargeInFacts(record: CallRecord, utterances: readonly Utterance[], audio: ModelAudio | undefined) {
  const clears = record.events.filter((event) => event.type === 'clear');
  return {
    speech: record.speech,
    utterances,
    clears,
    endedAtMs: record.endedAtMs,
    leakAfter: (clearMs: number, said: CallerSpeech): number =>
      audio ? leakOfDeadItems(record, audio, clearMs) : leakUntilSilence(record, clearMs, said),
    ...(audio && { heardToTheEnd: (utterance: Utterance) => heardToTheEnd(record, audio, utterance) }),
  };
}

/** Played after the clear, of items whose audio had begun to come before it: the answer that was interrupted. */
function leakOfDeadItems(record: CallRecord, audio: ModelAudio, clearMs: number): number {
  const dead = audio.items.filter((item) => item.firstDeltaMs < clearMs);
  return dead.reduce((sum, item) => {
    for (const { streamOffset, bytes } of item.deltas.flatMap((delta) => delta.pieces))
      sum += playedAfter(record.heard, streamOffset, streamOffset + bytes, clearMs);
    return sum;
  }, 0);
}

/** Without the model's truth: whatever is played while the caller still speaks cannot be an answer yet. */
function leakUntilSilence(record: CallRecord, clearMs: number, said: CallerSpeech): number {
  return record.heard.reduce((sum, span) => {
    const fromMs = Math.max(clearMs, span.playedAtMs);
    const toMs = Math.min(said.endMs, span.playedAtMs + span.bytes / 8);
    return sum + Math.max(0, toMs - fromMs);
  }, 0);
}

/** Whether every item that was audible in the utterance was made to its end, and played to its last byte. */
function heardToTheEnd(record: CallRecord, audio: ModelAudio, utterance: Utterance): boolean {
  const spans = record.heard.filter(
    (span) => span.playedAtMs < utterance.endMs && utterance.onsetMs < span.playedAtMs + span.bytes / 8,
  );
  const items = audio.items.filter((item) => playedOf(item, spans) > 0);
  return (
    items.length > 0 &&
    items.every((item) => item.completed && item.bytes / 8 - heardUpTo(item, record.heard) <= UNHEARD_SLACK_MS)
  );
}

function addBargeIns(
  measures: Measures,
  bargeIns: readonly BargeIn[],
  distractions: readonly Distraction[],
  record: CallRecord,
  withModel: boolean,
): void {
  for (const each of bargeIns) {
    if (each.stopMs !== undefined) measures.add('bargein.stop_ms', each.stopMs);
    if (each.outcome === 'finished') continue;
    if (each.clearMs !== undefined) measures.add('bargein.clear_ms', each.clearMs);
    if (each.leakMs !== undefined) measures.add('bargein.leak_ms', each.leakMs);
  }
  const count = (wanted: BargeIn['outcome']): number => bargeIns.filter(({ outcome }) => outcome === wanted).length;
  const stoppable = bargeIns.length - count('finished');
  if (bargeIns.length > 0) {
    measures.count('bargein.missed', count('missed'), stoppable);
    if (withModel) measures.count('bargein.finished', count('finished'), bargeIns.length);
    measures.count('bargein.recovered', bargeIns.filter(({ recovered }) => recovered).length, bargeIns.length);
  }
  const clears = record.events.filter((event) => event.type === 'clear');
  const silently = distractions.filter((each) => each.silently).length;
  measures.count('bargein.false', countFalseStops(clears, record.speech, record.sounds) + silently, 1);
}

function addTruncations(
  measures: Measures,
  audio: ModelAudio,
  trace: readonly ModelTraceEvent[],
  record: CallRecord,
): readonly Truncation[] {
  const { items, refused, sent } = findTruncations(audio, trace, record.heard, record.events);
  for (const { errorMs } of items) {
    if (errorMs === undefined) continue;
    measures.add('truncation.error_ms', errorMs);
    measures.add('truncation.abs_error_ms', Math.abs(errorMs));
  }
  const count = (wanted: Truncation['verdict']): number => items.filter(({ verdict }) => verdict === wanted).length;
  measures.count('truncation.missing', count('missing'), items.length - count('needless'));
  measures.count('truncation.needless', count('needless'), sent);
  measures.count('truncation.refused', refused, sent);
  return items;
}

function addRelay(
  measures: Measures,
  record: CallRecord,
  trace: readonly ModelTraceEvent[],
  audio: ModelAudio | undefined,
  notes: string[],
): void {
  const frames = sentFrames(record);
  const into = followIn(frames, trace, record.startedAtMs);
  if (into) {
    measures.add('relay.in_ms', ...into.inMs);
    if (into.readyMs !== undefined) measures.add('relay.ready_ms', into.readyMs);
    for (const what of ['lost', 'duplicated', 'reordered', 'altered'] as const) {
      measures.count(`frames.${what}`, into.frames[what], frames.length);
    }
    measures.count('frames.reencoded', into.reencoded, frames.length);
  } else notes.push("the caller's audio was changed on its way, so its frames cannot be followed");
  if (audio) {
    measures.add('relay.out_ms', ...followOut(audio, record.receivedChunks));
    for (const what of ['lost', 'duplicated', 'reordered', 'foreign', 'reencoded'] as const) {
      measures.count(`audio.${what}`, audio.fate[what], audio.fate.pieces);
    }
  }
  measures.add('relay.clear_ms', ...clearDelays(trace, record.events));
}
