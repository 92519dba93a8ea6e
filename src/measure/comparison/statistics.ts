import { mean, permutationTest, quantileSorted, sampleWithReplacement } from 'simple-statistics';
import type { Random } from '../../random.js';

/** Calls of one kind: what happens within a call hangs together, so only whole calls are drawn and shuffled. */
export interface Group<Call> {
  readonly before: readonly Call[];
  readonly after: readonly Call[];
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const DRAWS = 1_000;
const FEWEST_DRAWS = 400;
/** What all draws together may handle: more draws than these would make a report of hundreds of calls a matter of minutes. */
const MOST_DRAWN = 4_000_000;
/** Enough for most; where the first answer is near a decision, the question is asked again with more. */
const SHUFFLES = 1_000;
const MORE_SHUFFLES = 10_000;
const NEAR = 0.05;

/**
 * How likely two sets of calls differ so much by chance alone: a permutation test of the difference of their means. Each
 * call is one number, from which the mean of its kind of call has been taken, so that what one kind of call does other
 * than the next is no noise. Never 0: the order that was measured is one of those that chance can make.
 */
export function chanceOf(groups: readonly Group<number>[], random: Random): number {
  const before: number[] = [];
  const after: number[] = [];
  for (const group of groups) {
    const middle = mean([...group.before, ...group.after]);
    for (const value of group.before) before.push(value - middle);
    for (const value of group.after) after.push(value - middle);
  }
  if ([...before, ...after].every((value) => value === 0)) return 1;
  const share = (shuffles: number): number => {
    const found = permutationTest(before, after, 'two_side', shuffles, random);
    return Math.min(1, (found * shuffles + 1) / (shuffles + 1));
  };
  const first = share(SHUFFLES);
  return first > NEAR ? first : share(MORE_SHUFFLES);
}

/**
 * Between what bounds a difference lies in 95 of 100 repetitions: calls drawn again, kind by kind (bootstrap).
 *
 * @param size samples in all calls
 */
export function intervalOf<Call>(
  groups: readonly Group<Call>[],
  differenceOf: (drawn: readonly Group<Call>[]) => number,
  size: number,
  random: Random,
): Interval {
  const draws = Math.max(FEWEST_DRAWS, Math.min(DRAWS, Math.floor(MOST_DRAWN / size)));
  const differences: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const drawn = groups.map(({ before, after }) => ({
      before: sampleWithReplacement(before as Call[], before.length, random),
      after: sampleWithReplacement(after as Call[], after.length, random),
    }));
    differences.push(differenceOf(drawn));
  }
  differences.sort((a, b) => a - b);
  return { low: quantileSorted(differences, 0.025), high: quantileSorted(differences, 0.975) };
}

/**
 * Holm's correction: whoever looks at thirty metrics finds one in a hundred by chance more often than once in a hundred
 * times. In the order of `chances`.
 */
export function corrected(chances: readonly number[]): number[] {
  const order = chances.map((_, index) => index).sort((a, b) => chances[a]! - chances[b]!);
  const result = new Array<number>(chances.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, chances[index]! * (chances.length - rank)));
    result[index] = largest;
  });
  return result;
}
