/** What came of so many calls at the same time. */
export interface LoadStep<Facts = unknown> {
  readonly calls: number;
  /** `broke`: a budget was exceeded or calls failed. `tired`: whoever made the calls could not keep time. */
  readonly outcome: 'carried' | 'broke' | 'tired';
  /** Why it was not carried. */
  readonly why?: string;
  readonly facts?: Facts;
}

export interface Limit<Facts = unknown> {
  /** The most calls that were carried; 0 when not even the first were. */
  readonly carried: number;
  /** The fewest that were not; absent when all that were asked for were carried. */
  readonly next?: LoadStep<Facts>;
  /** In the order in which they were tried. */
  readonly steps: readonly LoadStep<Facts>[];
}

export interface FindLimitOptions<Facts> {
  /** The first step. */
  readonly first: number;
  /** No more are tried. */
  readonly most: number;
  readonly step: (calls: number) => Promise<LoadStep<Facts>>;
}

/** The limit is known when the next step lies so near: a tenth. */
const NEAR_ENOUGH = 0.1;

/**
 * Doubles the calls until they are not carried, then halves the distance. A step in which the generator tired is tried
 * once more, because it may have been something else that this machine did; what a server breaks at, it broke at.
 */
export async function findLimit<Facts>({ first, most, step }: FindLimitOptions<Facts>): Promise<Limit<Facts>> {
  const steps: LoadStep<Facts>[] = [];
  const attempt = async (calls: number): Promise<LoadStep<Facts>> => {
    let made = await step(calls);
    steps.push(made);
    if (made.outcome !== 'tired') return made;
    made = await step(calls);
    steps.push(made);
    return made;
  };
  let carried = 0;
  let next: LoadStep<Facts> | undefined;
  let calls = Math.min(first, most);
  for (;;) {
    const made = await attempt(calls);
    if (made.outcome === 'carried') carried = calls;
    else next = made;
    if (!next && carried === most) return { carried, steps };
    if (next && next.calls - carried <= Math.max(1, Math.floor(carried * NEAR_ENOUGH))) return { carried, next, steps };
    calls = next ? Math.floor((carried + next.calls) / 2) : Math.min(carried * 2, most);
  }
}
