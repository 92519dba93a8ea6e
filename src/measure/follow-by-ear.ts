import { decodeMulaw } from '../audio/g711.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import { findRunsByEar } from './by-ear.js';
import type { FrameFate } from './frames.js';
import type { SentFrame } from './relay.js';
import type { Run } from './runs.js';

type Append = Extract<ModelTraceEvent, { type: 'append' }>;

/** Three samples of 24 kHz, of two bytes each, are one of 8 kHz. */
const LINEAR_BYTES = 6;

/**
 * Follows the caller's frames into linear audio at 24 kHz by their sound: for each frame when its last sample reached the
 * model, and what became of them all. `undefined` when none of it was recognised.
 */
export function followByEar(
  frames: readonly SentFrame[],
  appends: readonly Append[],
): { readonly arrivedMs: readonly (number | undefined)[]; readonly fate: FrameFate } | undefined {
  const frameBytes = frames[0]?.payload.length;
  if (!frameBytes) return undefined;
  const sent = decodeMulaw(Buffer.concat(frames.map(({ payload }) => payload)));
  const linear = appends.map(({ audio }) => Buffer.from(audio, 'base64'));
  const runs = findRunsByEar(sent, thirdOf(Buffer.concat(linear)));
  if (runs.length === 0) return undefined;
  const ends = endsOf(linear);
  const places = frames.map((_, index) => placeOf((index + 1) * frameBytes - 1, runs));
  const arrivedMs = places.map((place) =>
    place === undefined ? undefined : appends[ends.findIndex((end) => place < end)]?.atMs,
  );
  const arrivedAs = places.map((place) => (place === undefined ? undefined : Math.floor(place / frameBytes)));
  return { arrivedMs, fate: { arrivedAs, altered: 0, ...accidents(runs, frameBytes) } };
}

/** The mean of every three samples. */
function thirdOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(Math.floor(bytes.length / LINEAR_BYTES));
  for (let index = 0; index < samples.length; index++) {
    const at = index * LINEAR_BYTES;
    samples[index] = (bytes.readInt16LE(at) + bytes.readInt16LE(at + 2) + bytes.readInt16LE(at + 4)) / 3;
  }
  return samples;
}

/** Up to which sample of 8 kHz each append reaches. */
function endsOf(linear: readonly Buffer[]): number[] {
  let bytes = 0;
  return linear.map((each) => {
    bytes += each.length;
    return bytes / LINEAR_BYTES;
  });
}

function placeOf(sample: number, runs: readonly Run[]): number | undefined {
  const run = runs.find(({ at, bytes }) => at <= sample && sample < at + bytes);
  return run && run.streamOffset + sample - run.at;
}

/** A hole in what was sent is a loss, one in what arrived a repetition; runs that go back are out of order. */
function accidents(runs: readonly Run[], frameBytes: number): Pick<FrameFate, 'lost' | 'duplicated' | 'reordered'> {
  let lost = 0;
  let duplicated = 0;
  let reordered = 0;
  runs.slice(1).forEach((run, index) => {
    const before = runs[index]!;
    const missing = run.at - before.at - before.bytes;
    const surplus = run.streamOffset - before.streamOffset - before.bytes;
    if (surplus < -frameBytes / 2) reordered++;
    else lost += Math.round(missing / frameBytes);
    duplicated += Math.max(0, Math.round(surplus / frameBytes));
  });
  return { lost, duplicated, reordered };
}
