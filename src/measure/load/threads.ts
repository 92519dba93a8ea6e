/**
 * One thread keeps 300 calls within a millisecond or two of their time where it has a processor to itself; a fraction
 * less leaves room for the bursts in which agents speak.
 */
const CALLS_PER_THREAD = 250;
/** Fewer calls than these are no load: the thread of the bench makes them itself, and keeps their sound. */
const LOAD_FROM = 20;

/** How many threads make so many calls: a processor at least stays for what is measured. */
export function threadsFor(calls: number, processors: number): number {
  if (calls < LOAD_FROM) return 0;
  return Math.max(1, Math.min(processors - 1, Math.ceil(calls / CALLS_PER_THREAD)));
}
