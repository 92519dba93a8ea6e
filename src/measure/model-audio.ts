import type { ModelTraceEvent } from '../simulator/model/events.js';

/** One delta of the model, and where its bytes are in the stream the phone received. */
export interface LocatedDelta {
  readonly atMs: number;
  readonly itemId: string;
  readonly bytes: number;
  /** Absent when these bytes never reached the phone: dropped, or changed on the way. */
  readonly streamOffset?: number;
  /** How many of the bytes are there: all, none, or the beginning when the relay dropped the rest. */
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
  /** A sound stands so much later in the deltas than in what the model remembers of them; 0 unless they were resampled. */
  readonly behindMs: number;
  readonly items: readonly ModelItem[];
  readonly deltas: readonly LocatedDelta[];
}

/** Shorter pieces could be found by chance: they count only where they are expected. */
const UNIQUE_BYTES = 64;

/**
 * Finds the model's audio in the stream the phone received, byte for byte. Every item is unique down to its pauses,
 * because the model adds seeded noise far below hearing, so a match is no coincidence. `undefined` when the model does
 * not speak µ-law (the bytes then change on the way) or when nothing at all was found: then the relay re-encodes.
 */
export function locateModelAudio(trace: readonly ModelTraceEvent[], received: Uint8Array): ModelAudio | undefined {
  const configured = trace.find((event) => event.type === 'configured');
  if (configured && configured.output !== 'audio/pcmu') return undefined;
  const sent = trace.filter((event) => event.type === 'delta');
  const deltas = locateEach(sent, Buffer.from(received.buffer, received.byteOffset, received.length));
  if (deltas.length > 0 && deltas.every((delta) => delta.streamOffset === undefined)) return undefined;
  return { behindMs: configured?.behindMs ?? 0, deltas, items: groupByItem(sent, deltas, trace) };
}

type Sent = Extract<ModelTraceEvent, { type: 'delta' }>;
interface Place {
  readonly at: number;
  readonly bytes: number;
}

function locateEach(sent: readonly Sent[], stream: Buffer): LocatedDelta[] {
  const audio = sent.map((delta) => Buffer.from(delta.audio, 'base64'));
  const places: (Place | undefined)[] = [];
  let cursor = 0;
  for (const bytes of audio) {
    const place = find(stream, bytes, cursor);
    if (place && place.at >= cursor) cursor = place.at + place.bytes;
    places.push(place);
  }
  return sent.map((delta, index) => {
    const place = places[index] ?? placeBefore(stream, audio[index]!, places[index + 1]);
    return {
      atMs: delta.atMs,
      itemId: delta.itemId,
      bytes: audio[index]!.length,
      foundBytes: place?.bytes ?? 0,
      ...(place && { streamOffset: place.at }),
    };
  });
}

function find(stream: Buffer, audio: Buffer, cursor: number): Place | undefined {
  if (audio.length === 0) return undefined;
  const bytes = audio.length;
  if (sameBytes(stream, audio, cursor) === bytes) return { at: cursor, bytes };
  if (bytes < UNIQUE_BYTES) return undefined;
  const ahead = stream.indexOf(audio, cursor);
  const anywhere = ahead >= 0 ? ahead : stream.indexOf(audio);
  if (anywhere >= 0) return { at: anywhere, bytes };
  const begun = stream.indexOf(audio.subarray(0, UNIQUE_BYTES), cursor);
  return begun >= 0 ? { at: begun, bytes: sameBytes(stream, audio, begun) } : undefined;
}

/** A short delta that was not where it was expected is in front of its successor, or nowhere. */
function placeBefore(stream: Buffer, audio: Buffer, next: Place | undefined): Place | undefined {
  const at = (next?.at ?? -1) - audio.length;
  if (at < 0 || audio.length === 0 || sameBytes(stream, audio, at) < audio.length) return undefined;
  return { at, bytes: audio.length };
}

/** How many bytes of `audio` are found at `at`, from its beginning. */
function sameBytes(stream: Buffer, audio: Buffer, at: number): number {
  const end = Math.min(audio.length, stream.length - at);
  let same = 0;
  while (same < end && stream[at + same] === audio[same]) same++;
  return same;
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
