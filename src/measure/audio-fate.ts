import { findRuns, type Run, withOneZero } from './runs.js';

/** What became of the model's audio between the model and the phone, in pieces of 20 ms. */
export interface AudioFate {
  readonly pieces: number;
  /** Never reached the phone, though something behind it in the same item did. */
  readonly lost: number;
  readonly reordered: number;
  readonly duplicated: number;
  /** Reached the phone and was never said by the model: a sound of the relay's own, or a changed one. */
  readonly foreign: number;
  /** The same sound in other bytes: decoded and encoded again on the way. */
  readonly reencoded: number;
}

export interface AudioFacts {
  /** All the model sent. */
  readonly sent: Buffer;
  readonly received: Uint8Array;
  /** Where what was sent lies in what was received, in the order of the former. */
  readonly runs: readonly Run[];
  /** Where in `sent` the items begin. */
  readonly bounds: readonly number[];
  /** The runs were found by their sound: their edges are not exact. */
  readonly byEar?: boolean;
}

const PIECE_BYTES = 160;
/** A few bytes on the edge of a hole belong to either side. */
const LEAST_BYTES = 16;
const LEAST_BY_EAR = 100;

export function fateOf({ sent, received, runs, bounds, byEar = false }: AudioFacts): AudioFate {
  const leastBytes = byEar ? LEAST_BY_EAR : LEAST_BYTES;
  const piecesOf = (bytes: number): number =>
    bytes < leastBytes ? 0 : Math.ceil((bytes - leastBytes / 2) / PIECE_BYTES);
  const strays = straysOf(received, runs);
  const doubled = strays.map((stray) => sum(findRuns(withOneZero(stray), withOneZero(sent))));
  return {
    pieces: Math.ceil(sent.length / PIECE_BYTES),
    lost: holesOf(runs, bounds).reduce((count, bytes) => count + piecesOf(bytes), 0),
    reordered: runs
      .filter((run, index) => isOutOfOrder(run, runs[index + 1]))
      .reduce((n, run) => n + piecesOf(run.bytes), 0),
    duplicated: doubled.reduce((count, bytes) => count + piecesOf(bytes), 0),
    foreign: strays.reduce((count, stray, index) => count + piecesOf(stray.length - doubled[index]!), 0),
    reencoded: runs.reduce((count, run) => count + differentIn(run, sent, received), 0),
  };
}

function sum(runs: readonly Run[]): number {
  return runs.reduce((bytes, run) => bytes + run.bytes, 0);
}

/** What lies between two runs of one item was lost; what is behind its last one was perhaps dropped on purpose. */
function holesOf(runs: readonly Run[], bounds: readonly number[]): number[] {
  return runs.flatMap((run, index) => {
    const next = runs[index + 1];
    const end = run.at + run.bytes;
    if (!next || bounds.some((bound) => bound >= end && bound <= next.at)) return [];
    return next.at > end ? [next.at - end] : [];
  });
}

/** Its successor came before it. */
function isOutOfOrder(run: Run, next: Run | undefined): boolean {
  return next !== undefined && next.streamOffset < run.streamOffset;
}

/** The stretches of what was received that no run covers. */
function straysOf(received: Uint8Array, runs: readonly Run[]): Buffer[] {
  const covered = [...runs].sort((a, b) => a.streamOffset - b.streamOffset);
  const strays: Buffer[] = [];
  let at = 0;
  const until = (end: number): void => {
    if (end - at >= LEAST_BYTES) strays.push(Buffer.from(received.subarray(at, end)));
  };
  for (const { streamOffset, bytes } of covered) {
    until(streamOffset);
    at = Math.max(at, streamOffset + bytes);
  }
  until(received.length);
  return strays;
}

/** In how many pieces of a run the bytes are others. */
function differentIn({ at, streamOffset, bytes }: Run, sent: Buffer, received: Uint8Array): number {
  let count = 0;
  for (let from = 0; from < bytes; from += PIECE_BYTES) {
    const to = Math.min(bytes, from + PIECE_BYTES);
    const as = received.subarray(streamOffset + from, streamOffset + to);
    if (!sent.subarray(at + from, at + to).equals(as)) count++;
  }
  return count;
}
