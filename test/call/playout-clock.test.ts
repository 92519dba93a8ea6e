import { describe, expect, it } from 'vitest';
import { PlayoutClock } from '../../src/call/playout-clock.js';

describe('the playout clock', () => {
  it('knows nothing before audio was sent', () => {
    expect(new PlayoutClock(8).offsetReachedBy(1000)).toBeUndefined();
  });

  it('counts forward from the first byte when no round trip is known', () => {
    const clock = new PlayoutClock(8);
    clock.start(0, 1000);
    expect(clock.offsetReachedBy(1500)).toBe(4000);
  });

  it('gives the same answer whatever the delay of the line, as long as it is steady', () => {
    for (const [thereMs, backMs] of [
      [0, 0],
      [20, 80],
      [80, 20],
      [150, 150],
    ] as const) {
      const clock = new PlayoutClock(8);
      clock.roundTrip(0, thereMs + backMs);
      clock.start(0, 1000);
      for (const offset of [800, 1600, 2400, 3200]) clock.echo(offset, 1000 + thereMs + offset / 8 + backMs);
      // A clear sent at 1500 arrives one way later; the first byte was heard one way after 1000.
      expect(clock.offsetReachedBy(1500)).toBeCloseTo(4000);
      // The carrier's answer to that clear, sent back at once, says the same.
      expect(clock.offsetAnswered(1500, 1500 + thereMs + backMs)).toBeCloseTo(4000);
    }
  });

  it('moves with the playout when the first byte was played later than it was sent', () => {
    const clock = new PlayoutClock(8);
    clock.roundTrip(0, 0);
    clock.start(0, 1000);
    // 300 ms of start-up at the carrier that nobody announced: every echo says so.
    for (const offset of [800, 1600, 2400, 3200]) clock.echo(offset, 1300 + offset / 8);
    expect(clock.offsetReachedBy(1800)).toBeCloseTo(4000);
  });

  it('is not led astray by one late echo among several', () => {
    const clock = new PlayoutClock(8);
    clock.roundTrip(0, 0);
    clock.start(0, 0);
    for (const offset of [800, 1600, 2400, 3200, 4000]) clock.echo(offset, offset / 8 + (offset === 2400 ? 250 : 0));
    expect(clock.offsetReachedBy(500)).toBeCloseTo(4000);
  });

  it('ignores the echo of a mark that stands before the run', () => {
    const clock = new PlayoutClock(8);
    clock.roundTrip(0, 0);
    clock.start(8000, 2000);
    clock.echo(4000, 5000);
    expect(clock.offsetReachedBy(2100)).toBe(8800);
  });

  it('keeps a snapshot apart from what follows', () => {
    const clock = new PlayoutClock(8);
    clock.roundTrip(0, 0);
    clock.start(0, 0);
    const snapshot = clock.snapshot();
    clock.start(0, 10_000);
    clock.roundTrip(0, 500);
    expect(snapshot.offsetReachedBy(100)).toBe(800);
  });

  it('tells how far its estimates lie apart', () => {
    const clock = new PlayoutClock(8);
    expect(clock.spreadMs).toBe(0);
    clock.roundTrip(0, 40);
    clock.roundTrip(100, 160);
    expect(clock.spreadMs).toBe(10);
  });
});
