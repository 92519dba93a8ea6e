import { describe, expect, it } from 'vitest';
import { judgeHost, LoopWatch } from '../../src/measure/host.js';

const pacing = (...lateMs: number[]) => ({
  frames: lateMs.length,
  lateMs: Float64Array.from(lateMs),
  bunched: 0,
});

describe('the measuring machine', () => {
  it('is reliable when frames go out in time and the loop comes round', () => {
    expect(judgeHost(pacing(0, 0.1, 4.9), { p99Ms: 2, maxMs: 10 })).toEqual({ reliable: true, reasons: [] });
    expect(judgeHost(pacing(), undefined).reliable).toBe(true);
  });

  it('forgives one late frame of a hundred, not two', () => {
    const calm = new Array(100).fill(0.1);
    expect(judgeHost(pacing(...calm.slice(1), 40), undefined).reliable).toBe(true);
    expect(judgeHost(pacing(...calm.slice(2), 40, 40), undefined).reasons).toEqual([
      { code: 'pacing', sentence: 'the phone sent 1 % of its frames more than 40.0 ms late (limit 5 ms)' },
    ]);
  });

  it('is not reliable when the event loop stood still', () => {
    expect(judgeHost(pacing(0), { p99Ms: 1, maxMs: 80 }).reasons[0]?.code).toBe('event-loop');
  });

  it('sees a loop that is blocked', async () => {
    const watch = new LoopWatch();
    await new Promise((resolve) => setTimeout(resolve, 30));
    watch.read();
    await new Promise((resolve) => setTimeout(resolve, 15));
    const until = performance.now() + 60;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(watch.read()?.maxMs).toBeGreaterThan(35);
    watch.close();
  });
});
