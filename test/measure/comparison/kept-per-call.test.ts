import { expect, it } from 'vitest';
import { keptOfCall } from '../../../src/measure/comparison/kept-per-call.js';
import { Measures } from '../../../src/measure/metrics.js';

it('keeps few samples as they are, and counts', () => {
  const measures = new Measures();
  measures.add('turn.playout_ms', 930, 920);
  measures.count('bargein.missed', 1, 2);
  expect(keptOfCall(measures)).toEqual({
    samples: { 'turn.playout_ms': [930, 920] },
    counts: { 'bargein.missed': { count: 1, of: 2 } },
  });
});

it('keeps 64 of many, evenly', () => {
  const measures = new Measures();
  measures.add('relay.in_ms', ...Array.from({ length: 6_400 }, (_, index) => 6_399 - index));
  const kept = keptOfCall(measures).samples['relay.in_ms']!;
  expect(kept).toHaveLength(64);
  expect(kept.slice(0, 2)).toEqual([50, 150]);
  expect(kept.at(-1)).toBe(6_350);
});
