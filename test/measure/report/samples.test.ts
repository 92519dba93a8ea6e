import { describe, expect, it } from 'vitest';
import { Measures } from '../../../src/measure/metrics.js';
import { keptSamples, MOST_SAMPLES } from '../../../src/measure/report/samples.js';

describe('the samples that a report keeps', () => {
  it('are all of them in their order, those that never ended too', () => {
    const measures = new Measures();
    measures.add('bargein.stop_ms', 300, 100, Number.POSITIVE_INFINITY);
    measures.add('turn.playout_ms');
    expect(keptSamples(measures)).toEqual({ 'bargein.stop_ms': [300, 100, Number.POSITIVE_INFINITY] });
  });

  it('are thinned evenly when there are very many, from the smallest to the largest', () => {
    const measures = new Measures();
    measures.add('host.pacing_ms', ...Array.from({ length: 10_000 }, (_, index) => 9_999 - index));
    const kept = keptSamples(measures)['host.pacing_ms']!;
    expect(kept).toHaveLength(MOST_SAMPLES);
    expect([kept[0], kept.at(-1)]).toEqual([0, 9_999]);
    expect(kept[1_000]).toBeGreaterThan(4_990);
    expect(kept[1_000]).toBeLessThan(5_010);
  });
});
