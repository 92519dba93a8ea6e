import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { HeardSpan, PhoneEvent } from '../simulator/phone/events.js';
import type { ModelAudio, ModelItem } from './model-audio.js';

/** What the model was told about one item, against what the caller heard of it. */
export interface Truncation {
  readonly itemId: string;
  /** Audio the model had sent for the item. */
  readonly totalMs: number;
  /** Audio of it that was really played. */
  readonly playedMs: number;
  /** What the last accepted truncate said; absent when there was none. */
  readonly toldMs?: number;
  /** `toldMs − playedMs`. */
  readonly errorMs?: number;
  readonly verdict: 'told' | 'missing' | 'needless';
}

export interface Truncations {
  readonly items: readonly Truncation[];
  readonly refused: number;
  /** Truncates the model received, refused ones included. */
  readonly sent: number;
}

/** Less than this unheard is not worth telling: nobody can hear the difference, and a truncate costs the transcript. */
export const UNHEARD_SLACK_MS = 5;

/** Every item that was cut short or truncated. Items heard to their end and left alone are not listed. */
export function findTruncations(
  audio: ModelAudio,
  trace: readonly ModelTraceEvent[],
  heard: readonly HeardSpan[],
  events: readonly PhoneEvent[],
): Truncations {
  const truncates = trace.filter((event) => event.type === 'truncate');
  const accepted = new Map(
    truncates.filter((event) => event.refused === undefined).map((event) => [event.itemId, event.audioEndMs]),
  );
  const clears = events.filter((event) => event.type === 'clear').map((event) => event.atMs);
  const items = audio.items.flatMap(
    (item) => judge(item, audio.behindMs, accepted.get(item.itemId), heard, clears) ?? [],
  );
  return { items, refused: truncates.filter((event) => event.refused !== undefined).length, sent: truncates.length };
}

function judge(
  item: ModelItem,
  behindMs: number,
  toldMs: number | undefined,
  heard: readonly HeardSpan[],
  clears: readonly number[],
): Truncation | undefined {
  const totalMs = item.bytes / 8;
  const throughFilterMs = playedOf(item, heard);
  const unheardMs = totalMs - heardUpTo(item, heard);
  const playedMs = throughFilterMs === totalMs ? totalMs : Math.max(0, throughFilterMs - behindMs);
  const facts = { itemId: item.itemId, totalMs, playedMs };
  if (toldMs !== undefined) {
    const needless = item.completed && unheardMs === 0;
    return { ...facts, toldMs, errorMs: toldMs - playedMs, verdict: needless ? 'needless' : 'told' };
  }
  // Without a clear after it the rest was not taken away: the call ended first.
  const cut = unheardMs > UNHEARD_SLACK_MS && clears.some((atMs) => atMs > item.firstDeltaMs);
  return cut && !endedWhileQueued(item, clears) ? { ...facts, verdict: 'missing' } : undefined;
}

/** All of it had reached the phone and no clear came after its last byte: what is missing was cut by the end of the call. */
function endedWhileQueued(item: ModelItem, clears: readonly number[]): boolean {
  return (
    item.deltas.every((delta) => delta.foundBytes === delta.bytes) && !clears.some((atMs) => atMs > item.lastDeltaMs)
  );
}

/** Milliseconds of the item that left the playout buffer as sound. */
export function playedOf(item: ModelItem, heard: readonly HeardSpan[]): number {
  let bytes = 0;
  for (const { streamOffset: begin, bytes: length } of item.deltas.flatMap(({ pieces }) => pieces)) {
    const end = begin + length;
    for (const span of heard) {
      bytes += Math.max(0, Math.min(end, span.streamOffset + span.bytes) - Math.max(begin, span.streamOffset));
    }
  }
  return bytes / 8;
}

/** Where in the item the last sound of it lies that was played: a hole in the middle was nobody's interruption. */
export function heardUpTo(item: ModelItem, heard: readonly HeardSpan[]): number {
  let itemBytes = 0;
  let upTo = 0;
  for (const delta of item.deltas) {
    for (const { at, streamOffset, bytes } of delta.pieces) {
      for (const span of heard) {
        const end = Math.min(streamOffset + bytes, span.streamOffset + span.bytes);
        if (end > Math.max(streamOffset, span.streamOffset)) upTo = Math.max(upTo, itemBytes + at + end - streamOffset);
      }
    }
    itemBytes += delta.bytes;
  }
  return upTo / 8;
}
