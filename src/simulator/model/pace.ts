import type { Random } from './random.js';

/** Milliseconds of audio in one delta. The service's chunks have no fixed size; whole frames would hide bugs. */
const CHUNK_MS: readonly [number, number] = [30, 400];

/** One audio delta to come. */
export interface PlannedChunk {
  readonly bytes: number;
  /** When it is due, in milliseconds after the first. */
  readonly dueMs: number;
  /** Audio before it, and up to its end. */
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Cuts an answer into uneven chunks and says when each is due: the first at once, each later one as soon as its
 * predecessor has been made, `speed` (drawn for every chunk) times faster than it plays. Times count from the first
 * chunk, so that a late one does not delay the rest.
 */
export function planChunks(
  totalBytes: number,
  bytesPerMs: number,
  sampleBytes: number,
  speed: readonly [number, number],
  random: Random,
): PlannedChunk[] {
  const chunks: PlannedChunk[] = [];
  let dueMs = 0;
  for (let at = 0; at < totalBytes; ) {
    const wanted = Math.round((random.between(...CHUNK_MS) * bytesPerMs) / sampleBytes) * sampleBytes;
    const bytes = Math.min(wanted, totalBytes - at);
    chunks.push({ bytes, dueMs, startMs: at / bytesPerMs, endMs: (at + bytes) / bytesPerMs });
    at += bytes;
    dueMs += bytes / bytesPerMs / random.between(...speed);
  }
  return chunks;
}
