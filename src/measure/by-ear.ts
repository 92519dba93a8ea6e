import type { Run } from './runs.js';

/** 20 ms at 8 kHz: what is found is found in steps of it. */
const BLOCK = 160;
/** Two of them are held against the place where they should be … */
const WINDOW = 2 * BLOCK;
/** … which filters and rounding may move by so little: both ends have the same clock. */
const DRIFT = 2;
const SAME = 0.7;
/** Where nothing says where to look, 150 ms have to agree: less of a voice is like other places of it. */
const LONG_WINDOW = 1_200;
const SURELY_SAME = 0.9;
/** About -50 dBov: what is quieter has no shape to be known by. */
const LOUD_RMS = 100;
/** How far a lost or a doubled piece may have moved what follows. */
const NEARBY = 960;
/** Around the place where an item is expected to begin, tried at every third block. */
const BEGINNING = 4_000;
const BEGINNING_EVERY = 3;
/** How often the whole stream is searched for one item: it takes a tenth of a second and more. */
const FAR_SEARCHES = 2;
/** After so many loud blocks that are nowhere the rest of an item was dropped. */
const GIVE_UP = 50;
/** So far two runs may overlap because something between them was lost. */
const LARGEST_LOSS = 8_000;

/**
 * `findRuns` for a sound that was resampled or encoded in another way, so that its bytes are all others: finds where what
 * was sent lies in what was received by correlation, block by block of 20 ms. Both at 8 kHz. Pauses go with what is
 * around them.
 */
export function findRunsByEar(sent: Int16Array, stream: Int16Array, bounds: readonly number[] = [0]): Run[] {
  const runs: Run[] = [];
  bounds.forEach((from, index) => {
    const to = bounds[index + 1] ?? sent.length;
    const cursor = runs.reduce((end, run) => Math.max(end, run.streamOffset + run.bytes), 0);
    runs.push(...closed(joined(lagsOf(sent, from, to, stream, cursor), from, to, stream.length)));
  });
  return runs;
}

/** For each block where it lies, as the distance between the two sequences; `null` for one that is nowhere. */
function lagsOf(sent: Int16Array, from: number, to: number, stream: Int16Array, cursor: number): (number | null)[] {
  const blocks = Math.ceil((to - from) / BLOCK);
  const lags: (number | null | undefined)[] = new Array(blocks).fill(undefined);
  let lag: number | undefined;
  let misses = 0;
  let tries = 0;
  let farSearches = 0;
  for (let block = 0; block < blocks && misses < GIVE_UP; block++) {
    const at = from + block * BLOCK;
    if (at + WINDOW > to || loudness(sent, at) < LOUD_RMS) continue;
    let found: number | undefined;
    if (lag !== undefined) {
      const near = best(sent, at, stream, lag, DRIFT, WINDOW, SAME);
      found = near === undefined ? best(sent, at, stream, lag, NEARBY, LONG_WINDOW, SURELY_SAME) : lag;
    } else if (tries++ % BEGINNING_EVERY === 0) {
      found = best(sent, at, stream, cursor - from, BEGINNING, LONG_WINDOW, SURELY_SAME);
      if (found === undefined && farSearches++ < FAR_SEARCHES) {
        const middle = Math.round((cursor + stream.length) / 2);
        found = best(sent, at, stream, middle - at, middle - cursor, LONG_WINDOW, SURELY_SAME);
      }
    }
    lags[block] = found ?? null;
    misses = found === undefined ? misses + 1 : 0;
    lag = found ?? lag;
  }
  if (misses >= GIVE_UP) dropTheRest(lags);
  return withPauses(lags);
}

/** Behind the last sound that was found there is nothing. */
function dropTheRest(lags: (number | null | undefined)[]): void {
  const last = lags.findLastIndex((lag) => typeof lag === 'number');
  lags.fill(null, last + 1);
}

/** A pause lies where the sound before it lies, or else that behind it; one next to what is missing is missing too. */
function withPauses(lags: readonly (number | null | undefined)[]): (number | null)[] {
  const filled = [...lags];
  for (let index = 0; index < filled.length; index++) filled[index] ??= lags[index] === null ? null : filled[index - 1];
  for (let index = filled.length - 1; index >= 0; index--) {
    if (filled[index] === undefined) filled[index] = filled[index + 1];
  }
  return filled.map((lag) => lag ?? null);
}

/** Blocks with the same distance are one run; where two overlap, something between them was lost. */
function joined(lags: readonly (number | null)[], from: number, to: number, end: number): Run[] {
  const runs: Run[] = [];
  lags.forEach((lag, block) => {
    if (lag === null) return;
    const at = from + block * BLOCK;
    const streamOffset = at + lag;
    const bytes = Math.min(BLOCK, to - at, end - streamOffset);
    if (bytes <= 0 || streamOffset < 0) return;
    const before = runs.at(-1);
    const overlap = before ? before.streamOffset + before.bytes - streamOffset : 0;
    if (before && overlap === 0 && before.at + before.bytes === at) {
      runs[runs.length - 1] = { ...before, bytes: before.bytes + bytes };
      return;
    }
    if (before && overlap > 0 && overlap < Math.min(LARGEST_LOSS, before.bytes))
      runs[runs.length - 1] = { ...before, bytes: before.bytes - overlap };
    runs.push({ at, streamOffset, bytes });
  });
  return runs;
}

/** What lies between two runs on both sides is what the window over their seam did not recognise. */
function closed(runs: readonly Run[]): Run[] {
  return runs.map((run, index) => {
    const next = runs[index + 1];
    if (!next) return run;
    const unseen = Math.min(next.at - run.at, next.streamOffset - run.streamOffset) - run.bytes;
    return unseen > 0 ? { ...run, bytes: run.bytes + unseen } : run;
  });
}

/** The distance within `radius` at which so much is most alike, if it is alike enough. */
function best(
  sent: Int16Array,
  at: number,
  stream: Int16Array,
  lag: number,
  radius: number,
  window: number,
  least: number,
): number | undefined {
  if (at + window > sent.length) return undefined;
  let found: number | undefined;
  let highest = least;
  const first = Math.max(-at, lag - radius);
  const last = Math.min(stream.length - window - at, lag + radius);
  for (let each = first; each <= last; each++) {
    const alike = likeness(sent, at, stream, at + each, window);
    if (alike <= highest) continue;
    highest = alike;
    found = each;
  }
  return found;
}

/** Normalised correlation, -1 to 1. */
function likeness(a: Int16Array, at: number, b: Int16Array, bt: number, window: number): number {
  let product = 0;
  let energyA = 1;
  let energyB = 1;
  for (let i = 0; i < window; i++) {
    const x = a[at + i]!;
    const y = b[bt + i]!;
    product += x * y;
    energyA += x * x;
    energyB += y * y;
  }
  return product / Math.sqrt(energyA * energyB);
}

function loudness(samples: Int16Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < WINDOW; i++) sum += samples[at + i]! ** 2;
  return Math.sqrt(sum / WINDOW);
}
