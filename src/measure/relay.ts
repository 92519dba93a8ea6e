import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { PhoneEvent, ReceivedChunk } from '../simulator/phone/events.js';
import { followByEar } from './follow-by-ear.js';
import { alignFrames, type FrameFate } from './frames.js';
import type { ModelAudio } from './model-audio.js';
import { withOneZero } from './runs.js';

/** One caller frame as the phone sent it. */
export interface SentFrame {
  readonly atMs: number;
  /** The audio itself. */
  readonly payload: Uint8Array;
}

const NEGATIVE_ZERO = String.fromCharCode(0x7f);
const ZERO = String.fromCharCode(0xff);

export interface RelayIn {
  /** Per frame that left the phone after the model was ready. */
  readonly inMs: readonly number[];
  /** `start` sent → session configured. */
  readonly readyMs?: number;
  /** Absent when the relay re-cuts the audio so that frames cannot be told apart. */
  readonly frames: FrameFate;
  /** Frames that arrived as the same sound in other bytes. */
  readonly reencoded: number;
}

/**
 * Follows the caller's frames to the model, by their bytes, or by their sound where the model is given linear audio.
 * `undefined` when nothing was ever appended or nothing of it was recognised.
 */
export function followIn(
  frames: readonly SentFrame[],
  trace: readonly ModelTraceEvent[],
  startedAtMs: number,
): RelayIn | undefined {
  const configured = trace.find((event) => event.type === 'configured');
  const appends = trace.filter((event) => event.type === 'append');
  const frameBytes = frames[0]?.payload.length;
  if (appends.length === 0 || !frameBytes) return undefined;
  const readyAtMs = configured?.atMs ?? Number.NEGATIVE_INFINITY;
  const ready = configured && { readyMs: configured.atMs - startedAtMs };
  if (configured?.input === 'audio/pcm') {
    const heard = followByEar(frames, appends);
    if (!heard) return undefined;
    const inMs = frames.flatMap(({ atMs }, index) => {
      const arrivedMs = heard.arrivedMs[index];
      return arrivedMs === undefined || atMs < readyAtMs ? [] : [arrivedMs - atMs];
    });
    return { inMs, frames: heard.fate, reencoded: inMs.length, ...ready };
  }
  if (configured && configured.input !== 'audio/pcmu') return undefined;
  const arrived = cut(appends, frameBytes);
  // The two codes of zero sound the same: whoever encodes anew writes one for the other.
  const fate = alignFrames(
    frames.map(({ payload }) => withOneZero(payload).toString('latin1')),
    arrived.map(({ payload }) => payload.replaceAll(NEGATIVE_ZERO, ZERO)),
  );
  const reencoded = frames.filter(({ payload }, index) => {
    const at = fate.arrivedAs[index];
    return at !== undefined && Buffer.from(payload).toString('latin1') !== arrived[at]!.payload;
  }).length;
  const inMs = frames.flatMap((frame, index) => {
    const at = fate.arrivedAs[index];
    return at === undefined || frame.atMs < readyAtMs ? [] : [arrived[at]!.atMs - frame.atMs];
  });
  return { inMs, frames: fate, reencoded, ...ready };
}

/** Cuts the appended audio into pieces of one phone frame, each with the arrival of its last byte. */
function cut(
  appends: readonly { readonly atMs: number; readonly audio: string }[],
  frameBytes: number,
): { atMs: number; payload: string }[] {
  const pieces: { atMs: number; payload: string }[] = [];
  let waiting = '';
  for (const append of appends) {
    waiting += Buffer.from(append.audio, 'base64').toString('latin1');
    while (waiting.length >= frameBytes) {
      pieces.push({ atMs: append.atMs, payload: waiting.slice(0, frameBytes) });
      waiting = waiting.slice(frameBytes);
    }
  }
  return pieces;
}

/** Per delta that reached the phone whole: from the model's socket to the arrival of its last byte. */
export function followOut(audio: ModelAudio, chunks: readonly ReceivedChunk[]): number[] {
  return audio.deltas.flatMap((delta) => {
    const last = delta.pieces.at(-1);
    if (last === undefined || delta.foundBytes < delta.bytes) return [];
    const arrivedMs = arrivalOf(chunks, last.streamOffset + last.bytes - 1);
    return arrivedMs === undefined ? [] : [arrivedMs - delta.atMs];
  });
}

/** When the byte at `streamOffset` of the received stream arrived. Binary search: `chunks` are in order of their offset. */
export function arrivalOf(chunks: readonly ReceivedChunk[], streamOffset: number): number | undefined {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle]!;
    if (streamOffset < chunk.streamOffset) high = middle - 1;
    else if (streamOffset >= chunk.streamOffset + chunk.bytes) low = middle + 1;
    else return chunk.atMs;
  }
  return undefined;
}

/** For every clear the phone received: how long before it the model had said that the caller speaks. */
export function clearDelays(trace: readonly ModelTraceEvent[], events: readonly PhoneEvent[]): number[] {
  const started = trace.filter((event) => event.type === 'speech-started').map((event) => event.atMs);
  return events.flatMap((event) => {
    if (event.type !== 'clear') return [];
    const arrivedMs = event.arrivedMs ?? event.atMs;
    const cause = started.findLast((atMs) => atMs <= arrivedMs);
    return cause === undefined ? [] : [arrivedMs - cause];
  });
}
