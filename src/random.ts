/** Numbers from 0 to below 1. */
export type Random = () => number;

/**
 * A stream of numbers, the same for the same seed (Mulberry32, public domain): for noise, ids and simulations that can
 * be repeated, not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
