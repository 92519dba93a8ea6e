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

  it('is not reliable when it had no processor, whoever took it', () => {
    const calm = { p99Ms: 1, maxMs: 2, load: 5.44, processors: 2 };
    expect(judgeHost(pacing(0), { ...calm, waitedShare: 0.19, stolenShare: 0.04, clockJumpMs: -150 }).reliable).toBe(
      true,
    );
    expect(judgeHost(pacing(0), { ...calm, waitedShare: 0.224 }).reasons).toEqual([
      {
        code: 'no-cpu',
        sentence:
          'the measuring process waited 22 % of the time for a processor (limit 20 %): 5.4 processes wanted 2 processors',
      },
    ]);
    expect(judgeHost(pacing(0), { ...calm, stolenShare: 0.061 }).reasons[0]?.sentence).toBe(
      "the host of this virtual machine kept 6.1 % of its processors' time from it (limit 5.0 %)",
    );
  });

  it('is not reliable when it slept, or its clock was set', () => {
    expect(judgeHost(pacing(0), { p99Ms: 1, maxMs: 2, clockJumpMs: -3_600_000 }).reasons[0]?.code).toBe('clock-jump');
  });

  it('says when it was the collection of garbage that held it up', () => {
    const sentence = (gcMs: number) => judgeHost(pacing(0), { p99Ms: 1, maxMs: 42, gcMs }).reasons[0]?.sentence;
    expect(sentence(35)).toBe(
      'the measuring process stood still for 42.0 ms, 35.0 ms of it to collect garbage (limit 30 ms)',
    );
    expect(sentence(3)).toBe('the measuring process stood still for 42.0 ms (limit 30 ms)');
  });

  it('sees a loop that is blocked', async () => {
    const watch = new LoopWatch();
    await new Promise((resolve) => setTimeout(resolve, 30));
    watch.read();
    await new Promise((resolve) => setTimeout(resolve, 15));
    const until = performance.now() + 60;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const facts = watch.read();
    expect(facts?.maxMs).toBeGreaterThan(35);
    expect(Math.abs(facts!.clockJumpMs!)).toBeLessThan(50);
    watch.close();
  });
});
