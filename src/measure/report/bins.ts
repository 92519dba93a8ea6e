import { nearestRank } from '../percentile.js';

/** A histogram of milliseconds: `counts[i]` samples from `fromMs + i * stepMs` up to the next. */
export interface Bins {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly counts: readonly number[];
  /** Samples above the last bin: a few far away would make one bar of all the others. */
  readonly beyond: number;
  /** Samples that are only known to be longer than could be seen. */
  readonly never: number;
}

/** Widths that people read easily, in milliseconds. */
const STEPS = [1, 2, 5] as const;
const MOST_DECADES = 8;
const SMALLEST_STEP_MS = 0.01;
/** So many times as far from the median as the 95th percentile lies, the picture ends. */
const REACH = 4;

/** `undefined` when there is nothing to draw. */
export function binsOf(samples: readonly number[], most: number): Bins | undefined {
  const known = samples.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  const never = samples.length - known.length;
  const least = known[0];
  if (least === undefined) return never > 0 ? { fromMs: 0, stepMs: 1, counts: [], beyond: 0, never } : undefined;
  const median = nearestRank(known, 0.5);
  const reach = median + REACH * Math.max(nearestRank(known, 0.95) - median, median - least);
  const greatest = Math.min(known.at(-1)!, Math.max(reach, median));
  const stepMs = stepFor(least, greatest, most);
  const fromMs = Math.floor(least / stepMs + 1e-9) * stepMs;
  const place = (value: number): number => Math.floor((value - fromMs) / stepMs + 1e-9);
  const counts = new Array<number>(Math.min(most, place(greatest) + 1)).fill(0);
  let beyond = 0;
  for (const value of known) {
    const at = place(value);
    if (at < counts.length) counts[at]!++;
    else beyond++;
  }
  return { fromMs: tidy(fromMs), stepMs, counts, beyond, never };
}

/** The smallest width of 1, 2 or 5 times a power of ten with which all of it fits into so many bins. */
function stepFor(least: number, greatest: number, most: number): number {
  for (let decade = 0; decade < MOST_DECADES; decade++) {
    for (const step of STEPS) {
      const stepMs = tidy(step * SMALLEST_STEP_MS * 10 ** decade);
      const bins = Math.floor(greatest / stepMs + 1e-9) - Math.floor(least / stepMs + 1e-9) + 1;
      if (bins <= most) return stepMs;
    }
  }
  return greatest - least;
}

/** 0.07 and not 0.07000000000000001. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * A histogram of so many characters at most: a bin with anything in it is seen, an empty one is a blank. Samples
 * beyond the last bin follow as `…`, those that never ended as `∞`.
 */
export function blocks(samples: readonly number[], most: number): string {
  const bins = binsOf(samples, most);
  if (!bins) return '';
  const highest = Math.max(...bins.counts, 1);
  const drawn = bins.counts.map((count) => {
    return count === 0 ? ' ' : BLOCKS[Math.min(BLOCKS.length - 1, Math.ceil((count / highest) * BLOCKS.length) - 1)]!;
  });
  return `${drawn.join('')}${bins.beyond > 0 ? '…' : ''}${bins.never > 0 ? '∞' : ''}`;
}
