import { decodeMulaw } from '../audio/g711.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import { type AudioFate, fateOf } from './audio-fate.js';
import { findRunsByEar } from './by-ear.js';
import { findRuns, type Run, withOneZero } from './runs.js';

/** Bytes of a delta that lie together in the stream the phone received. */
export interface Piece {
  /** Where in the delta they begin. */
  readonly at: number;
  readonly streamOffset: number;
  readonly bytes: number;
}

/** One delta of the model, and where its bytes are in the stream the phone received. */
export interface LocatedDelta {
  readonly atMs: number;
  readonly itemId: string;
  readonly bytes: number;
  /** In the order of the delta: one when it came through whole, none when it never did, several with holes in between. */
  readonly pieces: readonly Piece[];
  /** Of all pieces together: all bytes, none, or less when the relay dropped some. */
  readonly foundBytes: number;
}

/** One item of the model's conversation, with all audio the model sent for it. */
export interface ModelItem {
  readonly itemId: string;
  readonly responseId: string;
  readonly firstDeltaMs: number;
  readonly lastDeltaMs: number;
  readonly bytes: number;
  readonly completed: boolean;
  readonly deltas: readonly LocatedDelta[];
}

export interface ModelAudio {
  /** Its bytes were all others, and it was found by its sound, to a few samples; where it was cut, to 20 ms. */
  readonly byEar: boolean;
  /** What became of it on its way to the phone, in pieces of 20 ms. */
  readonly fate: AudioFate;
  /** A sound stands so much later in the deltas than in what the model remembers of them; 0 unless they were resampled. */
  readonly behindMs: number;
  readonly items: readonly ModelItem[];
  readonly deltas: readonly LocatedDelta[];
}

/**
 * Finds the model's audio in the stream the phone received. Every item is unique down to its pauses, because the model
 * adds seeded noise far below hearing, so a match is no coincidence. The two codes of zero count as the same: they sound
 * the same, and whoever encodes anew writes one for the other. Where all bytes are others, because the relay resamples,
 * it is found by its sound. `undefined` when the trace is not in µ-law (see `inPhoneFormat`) or nothing was found.
 */
export function locateModelAudio(trace: readonly ModelTraceEvent[], received: Uint8Array): ModelAudio | undefined {
  const configured = trace.find((event) => event.type === 'configured');
  if (configured && configured.output !== 'audio/pcmu') return undefined;
  const sent = trace.filter((event) => event.type === 'delta');
  const raw = Buffer.concat(sent.map((delta) => Buffer.from(delta.audio, 'base64')));
  const bounds = boundsOf(sent);
  const byBytes = findRuns(withOneZero(raw), withOneZero(received), bounds);
  const byEar = byBytes.length === 0 && raw.length > 0;
  const runs = byEar ? findRunsByEar(decodeMulaw(raw), decodeMulaw(received), bounds) : byBytes;
  const deltas = locateDeltas(sent, runs);
  if (deltas.length > 0 && deltas.every((delta) => delta.foundBytes === 0)) return undefined;
  const fate = fateOf({ sent: raw, received, runs, bounds, byEar });
  return { byEar, fate, behindMs: configured?.behindMs ?? 0, deltas, items: groupByItem(sent, deltas, trace) };
}

type Sent = Extract<ModelTraceEvent, { type: 'delta' }>;

function locateDeltas(sent: readonly Sent[], runs: readonly Run[]): LocatedDelta[] {
  let from = 0;
  return sent.map((delta): LocatedDelta => {
    const bytes = Buffer.byteLength(delta.audio, 'base64');
    const to = from + bytes;
    const pieces = runs.flatMap((run) => {
      const begin = Math.max(from, run.at);
      const end = Math.min(to, run.at + run.bytes);
      if (begin >= end) return [];
      return [{ at: begin - from, streamOffset: run.streamOffset + begin - run.at, bytes: end - begin }];
    });
    from = to;
    const foundBytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    return { atMs: delta.atMs, itemId: delta.itemId, bytes, pieces, foundBytes };
  });
}

/** Where items begin in all deltas put together: what was found never reaches over such a place unseen. */
function boundsOf(sent: readonly Sent[]): number[] {
  let at = 0;
  return sent.flatMap((delta, index) => {
    const begins = sent[index - 1]?.itemId !== delta.itemId;
    at += Buffer.byteLength(delta.audio, 'base64');
    return begins ? [at - Buffer.byteLength(delta.audio, 'base64')] : [];
  });
}

function groupByItem(
  sent: readonly Sent[],
  deltas: readonly LocatedDelta[],
  trace: readonly ModelTraceEvent[],
): ModelItem[] {
  const completed = new Set(
    trace.flatMap((event) => (event.type === 'item-done' && event.status === 'completed' ? [event.itemId] : [])),
  );
  const byItem = new Map<string, { responseId: string; deltas: LocatedDelta[] }>();
  sent.forEach((delta, index) => {
    const item = byItem.get(delta.itemId) ?? { responseId: delta.responseId, deltas: [] };
    item.deltas.push(deltas[index]!);
    byItem.set(delta.itemId, item);
  });
  return [...byItem].map(([itemId, item]) => ({
    itemId,
    responseId: item.responseId,
    firstDeltaMs: item.deltas[0]!.atMs,
    lastDeltaMs: item.deltas.at(-1)!.atMs,
    bytes: item.deltas.reduce((sum, delta) => sum + delta.bytes, 0),
    completed: completed.has(itemId),
    deltas: item.deltas,
  }));
}
