import { decodeMulaw } from '../audio/g711.js';
import { DEFAULTS } from '../options.js';
import type { CallRecord } from '../simulator/phone/events.js';
import { startOf } from './bargein.js';
import { arrivalOf } from './relay.js';
import { FILLER_GAP_MS } from './turns.js';
import { findOnset, findSpeech, noiseFloorDbov, type SpeechSegment } from './voice.js';

/** An audible stretch at the caller's ear, on the call's clock. */
export interface AudibleSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** Something the agent said, as the caller heard it: audible spans with pauses between them. */
export interface Utterance {
  /** First audible sample played, by the headline rule. */
  readonly onsetMs: number;
  /** After the last audible sample played. */
  readonly endMs: number;
  readonly spans: readonly AudibleSpan[];
  /** When the bytes of the onset arrived. */
  readonly arrivedMs?: number;
  /** The onset by the sensitive and by the strict rule. */
  readonly sensitiveMs?: number;
  readonly strictMs?: number;
}

const RATE = 8_000;
const SAMPLES_PER_MS = RATE / 1000;
/** Louder than this is no background: the agent was hardly ever silent. */
const LOUDEST_FLOOR_DBOV = -50;
const SILENT_DBOV = -127;
/** The sensitive rule may find the onset this much earlier. */
const EARLIER_MS = 200;

/** What the agent said, found in what was played. */
export function findUtterances(record: CallRecord): Utterance[] {
  const samples = decodeMulaw(record.heardLane);
  const found = noiseFloorDbov(samples, RATE);
  const floor = found > LOUDEST_FLOOR_DBOV ? SILENT_DBOV : found;
  const segments = findSpeech(samples, RATE, { rule: 'headline', pauseMs: FILLER_GAP_MS, noiseFloorDbov: floor });
  const breaks = breaksOf(record);
  const toMs = (sample: number): number => record.startedAtMs + sample / SAMPLES_PER_MS;
  const groups = group(
    segments.map(({ startSample, endSample }) => ({ startMs: toMs(startSample), endMs: toMs(endSample) })),
    breaks,
  );
  return groups.map((spans) => {
    const startSample = Math.round((spans[0]!.startMs - record.startedAtMs) * SAMPLES_PER_MS);
    const arrivedMs = arrivalOfHeard(record, spans[0]!.startMs);
    const onset = (rule: 'sensitive' | 'strict', from: number): number | undefined => {
      // Only this second: the search sums up all it is given, and there is one for every utterance of the call.
      const second = samples.subarray(from, startSample + RATE);
      const at = findOnset(second, RATE, { rule, noiseFloorDbov: floor });
      return at === undefined ? undefined : toMs(from + at);
    };
    const sensitiveMs = onset('sensitive', quietBefore(segments, startSample));
    const strictMs = onset('strict', startSample);
    return {
      onsetMs: spans[0]!.startMs,
      endMs: spans.at(-1)!.endMs,
      spans,
      ...(arrivedMs !== undefined && { arrivedMs }),
      ...(sensitiveMs !== undefined && { sensitiveMs }),
      ...(strictMs !== undefined && { strictMs }),
    };
  });
}

/** Where to begin looking for an earlier onset without falling into the utterance before. */
function quietBefore(segments: readonly SpeechSegment[], startSample: number): number {
  const before = segments.findLast(({ endSample }) => endSample <= startSample);
  const quietSince = before ? (before.endSample + startSample) / 2 : 0;
  return Math.round(Math.max(0, quietSince, startSample - EARLIER_MS * SAMPLES_PER_MS));
}

/** A clear that cut something; what is played after both times is something new, what is played between them is a leak. */
export interface Break {
  readonly atMs: number;
  /** When the caller who caused it had finished: nobody answers before. */
  readonly quietFromMs: number;
}

/** A clear a moment before a span ends still belongs to the silence after it. */
const CUT_TAIL_MS = 5;

/** Joins spans into utterances: a long silence, or a clear that cut something, begins a new one. */
export function group(spans: readonly AudibleSpan[], breaks: readonly Break[]): AudibleSpan[][] {
  const groups: AudibleSpan[][] = [];
  for (const span of spans) {
    const current = groups.at(-1);
    const before = current?.at(-1);
    const goesOn =
      before !== undefined &&
      span.startMs - before.endMs <= DEFAULTS.phone.agentQuietMs &&
      !breaks.some(
        ({ atMs, quietFromMs }) =>
          atMs >= before.endMs - CUT_TAIL_MS && atMs <= span.startMs && quietFromMs <= span.startMs,
      );
    if (goesOn) current!.push(span);
    else groups.push([span]);
  }
  return groups;
}

function breaksOf({ events, speech }: CallRecord): Break[] {
  return events.flatMap((event) => {
    if (event.type !== 'clear' || event.droppedBytes === 0) return [];
    const cause = speech.find((said) => startOf(said) <= event.atMs && event.atMs <= said.endMs);
    return [{ atMs: event.atMs, quietFromMs: cause?.endMs ?? event.atMs }];
  });
}

/** Arrival of the byte that was played at `playedMs`, a time that was rounded to a sample of the lane. */
function arrivalOfHeard(record: CallRecord, playedMs: number): number | undefined {
  const span = record.heard.findLast(({ playedAtMs }) => playedAtMs <= playedMs + 1 / SAMPLES_PER_MS);
  if (!span) return undefined;
  const offset = span.streamOffset + Math.max(0, Math.round((playedMs - span.playedAtMs) * SAMPLES_PER_MS));
  return offset < span.streamOffset + span.bytes ? arrivalOf(record.receivedChunks, offset) : undefined;
}
