import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planChunks } from '../../../src/simulator/model/pace.js';
import { Random } from '../../../src/simulator/model/random.js';

it('sends an answer whole, in uneven chunks, three to five times faster than it plays', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200_000 }), fc.integer(), (samples, seed) => {
      const chunks = planChunks(samples * 2, 48, 2, [3, 5], new Random(seed));
      expect(chunks[0]!.dueMs).toBe(0);
      let at = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.startMs).toBeCloseTo(at / 48);
        expect(chunk.bytes % 2).toBe(0);
        expect(chunk.bytes).toBeGreaterThan(0);
        expect(chunk.bytes / 48).toBeLessThanOrEqual(400.1);
        // What was due before it has taken between a fifth and a third of its own length to make.
        expect(chunk.dueMs).toBeGreaterThanOrEqual(chunk.startMs / 5 - 1e-6);
        expect(chunk.dueMs).toBeLessThanOrEqual(chunk.startMs / 3 + 1e-6);
        at += chunk.bytes;
        if (index === chunks.length - 1) expect(at).toBe(samples * 2);
      }
    }),
    { numRuns: 50 },
  );
});

it('repeats with its seed and differs with another', () => {
  const plan = (seed: number) => planChunks(80_000, 8, 1, [3, 5], new Random(seed));
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
});

it('makes chunks of all kinds of sizes, not whole frames', () => {
  const sizes = planChunks(800_000, 8, 1, [3, 5], new Random(1)).map(({ bytes }) => bytes);
  expect(new Set(sizes).size).toBeGreaterThan(sizes.length / 2);
  expect(sizes.filter((bytes) => bytes % 160 === 0).length).toBeLessThan(sizes.length / 10);
});
