/** A stretch of one sequence of bytes that lies in another. */
export interface Run {
  /** In what was sent. */
  readonly at: number;
  /** In what was received. */
  readonly streamOffset: number;
  readonly bytes: number;
}

/** Shorter pieces could be found by chance: they count only where they are expected. */
const UNIQUE_BYTES = 64;
/** So far around the expected place a piece is looked for at every step … */
const NEARBY_BYTES = 8_000;
const STEP_BYTES = 16;
/** … and so often in the whole stream. */
const FAR_EVERY_BYTES = 480;

/**
 * Finds what was sent in what was received, run by run: with holes where something is missing, and wherever it has got
 * to. A cut in the middle of anything is found to the byte. `bounds`: places in `sent` where something new begins, which
 * may be missing as a whole.
 */
export function findRuns(sent: Buffer, stream: Buffer, bounds: readonly number[] = [0]): Run[] {
  const runs: Run[] = [];
  bounds.forEach((from, index) => {
    const to = bounds[index + 1] ?? sent.length;
    const found = runsOf(sent, from, to, stream, endOf(runs));
    const [first] = found;
    if (first?.at === from) runs.push(...shortPieceInFront(sent, bounds[index - 1] ?? 0, runs, stream, first));
    runs.push(...found);
  });
  return runs;
}

/** What is too short to be unique and was not where it was expected is in front of its successor, or nowhere. */
function shortPieceInFront(sent: Buffer, from: number, before: readonly Run[], stream: Buffer, next: Run): Run[] {
  const settled = before.reduce((end, run) => Math.max(end, run.at + run.bytes), from);
  const bytes = next.at - settled;
  if (bytes === 0 || sameBefore(sent, settled, next.at, stream, next.streamOffset) < bytes) return [];
  return [{ at: settled, streamOffset: next.streamOffset - bytes, bytes }];
}

/** Behind the run that reaches furthest. */
function endOf(runs: readonly Run[]): number {
  return runs.reduce((end, run) => Math.max(end, run.streamOffset + run.bytes), 0);
}

function runsOf(sent: Buffer, from: number, to: number, stream: Buffer, cursor: number): Run[] {
  const runs: Run[] = [];
  let at = from;
  let expected = cursor;
  /** Nothing of `sent` before this place is looked for backwards: it has been found. */
  let settled = from;
  while (at < to) {
    const same = sameBytes(sent, at, to, stream, expected);
    if (same >= Math.min(UNIQUE_BYTES, to - at)) {
      runs.push({ at, streamOffset: expected, bytes: same });
      at += same;
      expected += same;
      settled = at;
      continue;
    }
    const found = findNext(sent, at, to, stream, expected);
    if (!found) {
      const tail = shortPieceBefore(sent, at, to, stream, expected);
      if (tail) runs.push(tail);
      return runs;
    }
    const back = sameBefore(sent, settled, found.at, stream, found.streamOffset);
    at = found.at - back;
    expected = found.streamOffset - back;
  }
  return runs;
}

/** The nearest later place of `sent` that is to be found anywhere. */
function findNext(sent: Buffer, from: number, to: number, stream: Buffer, expected: number) {
  const begin = Math.max(0, expected - NEARBY_BYTES);
  const around = stream.subarray(begin, expected + NEARBY_BYTES);
  const ahead = stream.subarray(expected, expected + NEARBY_BYTES);
  for (let at = from; at + UNIQUE_BYTES <= to; at += STEP_BYTES) {
    const probe = sent.subarray(at, at + UNIQUE_BYTES);
    const next = ahead.indexOf(probe);
    if (next >= 0) return { at, streamOffset: expected + next };
    const near = around.indexOf(probe);
    if (near >= 0) return { at, streamOffset: begin + near };
    if ((at - from) % FAR_EVERY_BYTES !== 0) continue;
    const far = stream.indexOf(probe);
    if (far >= 0) return { at, streamOffset: far };
  }
  return undefined;
}

/** The last bytes of a thing may be too few to be unique: they count where they are expected. */
function shortPieceBefore(sent: Buffer, at: number, to: number, stream: Buffer, expected: number): Run | undefined {
  const bytes = sameBytes(sent, at, to, stream, expected);
  return bytes > 0 ? { at, streamOffset: expected, bytes } : undefined;
}

/** How many bytes agree from these two places on. */
function sameBytes(sent: Buffer, at: number, to: number, stream: Buffer, streamOffset: number): number {
  const most = Math.min(to - at, stream.length - streamOffset);
  let same = 0;
  while (same < most && sent[at + same] === stream[streamOffset + same]) same++;
  return same;
}

/** How many agree before them. */
function sameBefore(sent: Buffer, from: number, at: number, stream: Buffer, streamOffset: number): number {
  let same = 0;
  while (at - same > from && streamOffset - same > 0 && sent[at - same - 1] === stream[streamOffset - same - 1]) same++;
  return same;
}

const NEGATIVE_ZERO = 0x7f;
const ZERO = 0xff;

/** µ-law with one code for zero instead of two: what a decoder and an encoder leave of it. */
export function withOneZero(codes: Uint8Array): Buffer {
  return Buffer.from(codes.map((code) => (code === NEGATIVE_ZERO ? ZERO : code)));
}
