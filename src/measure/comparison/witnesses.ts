import type { Count } from '../metrics.js';
import type { Report } from '../report-json.js';
import type { KeptOfCall } from './kept-per-call.js';

/** What is drawn and shuffled as a whole, because what it measured hangs together. */
export interface Witness {
  readonly scenario: string;
  readonly kept: KeptOfCall;
}

/**
 * A call is a witness. Calls that were made at the same time are one together: they shared the moment, and whatever the
 * machine did in it, all of them saw.
 */
export function witnessesOf({ calls, concurrency }: Report): Witness[] {
  const counted = calls.flatMap(({ scenario, run, kept }) => (kept ? [{ scenario, run, kept }] : []));
  if (concurrency === 1) return counted;
  const runs = new Map<string, Witness>();
  for (const { scenario, run, kept } of counted) {
    const name = `${run} ${scenario}`;
    const before = runs.get(name);
    runs.set(name, { scenario, kept: before ? joined(before.kept, kept) : kept });
  }
  return [...runs.values()];
}

type Samples = Record<string, readonly number[]>;
type Counts = Record<string, Count>;

function joined(one: KeptOfCall, other: KeptOfCall): KeptOfCall {
  const samples: Samples = { ...(one.samples as Samples) };
  for (const [name, values] of Object.entries(other.samples as Samples))
    samples[name] = [...(samples[name] ?? []), ...values];
  const counts: Counts = { ...(one.counts as Counts) };
  for (const [name, { count, of }] of Object.entries(other.counts as Counts)) {
    const before = counts[name] ?? { count: 0, of: 0 };
    counts[name] = { count: before.count + count, of: before.of + of };
  }
  return { samples, counts };
}
