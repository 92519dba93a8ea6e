import { describe, expect, it } from 'vitest';
import { watchBench } from '../../../src/cli/bench/watch.js';
import { openTerminal, visibleWidth } from '../../../src/cli/terminal.js';
import { Measures } from '../../../src/measure/metrics.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { testWorld } from '../../helpers/world.js';

const soFar = new Measures();
soFar.add('turn.playout_ms', 900, 902, 910, Number.POSITIVE_INFINITY);
soFar.count('bargein.missed', 1, 2);
soFar.add('host.pacing_ms', 1);

const ESCAPE = '\x1b';
const SEQUENCES = new RegExp(`${ESCAPE}\\[[?\\d;]*[a-zA-Z]|\\r`, 'g');

/** The lines of the last picture, without what moves the cursor. */
function lastPicture(text: string): string[] {
  const picture = text.slice(text.lastIndexOf(`${ESCAPE}[?2026h`)).split(`${ESCAPE}[?2026l`)[0]!;
  return picture.replace(SEQUENCES, '').trimEnd().split('\n');
}

describe('a bench that is watched on a terminal', () => {
  it('shows the run, how much is left, and what was measured so far', () => {
    const clock = new VirtualClock();
    const world = testWorld({ terminal: { columns: 80, rows: 24 }, env: { NO_COLOR: '1' } });
    const watch = watchBench(openTerminal(world), clock);
    watch.onProgress({ scenario: 'interrupt', run: 1, runs: 2, done: 0, planned: 4 });
    expect(lastPicture(world.err())).toEqual(['interrupt 1/2', '░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 4 done']);
    clock.advanceTo(20_000);
    watch.onCall({ soFar });
    watch.onProgress({ scenario: 'interrupt', run: 2, runs: 2, done: 1, planned: 4, repeatedBecause: 'it was late' });
    expect(lastPicture(world.err())).toEqual([
      'interrupt 2/2, again: it was late',
      '██████░░░░░░░░░░░░░░░░░░ 1 of 4 done, about 60 s left',
      'so far                       n      p50      p95',
      'turn.playout_ms              4    902.0        –  █ █       █∞',
      'bargein.missed               1     of 2',
    ]);
    clock.advanceTo(40_000);
    expect(lastPicture(world.err())[1]).toContain('about 40 s left');
    watch.close();
    expect(clock.pending).toBe(0);
    expect(world.err().endsWith(`${ESCAPE}[J${ESCAPE}[?25h`)).toBe(true);
  });

  it('never draws a line that a narrow terminal would wrap', () => {
    const clock = new VirtualClock();
    const world = testWorld({ terminal: { columns: 40, rows: 24 } });
    const watch = watchBench(openTerminal(world), clock);
    watch.onProgress({ scenario: 'a scenario with a long name', run: 1, runs: 2, done: 1, planned: 40 });
    watch.onCall({ soFar });
    for (const line of lastPicture(world.err())) expect(visibleWidth(line)).toBeLessThan(40);
    watch.close();
  });
});

describe('a bench that is watched elsewhere', () => {
  it('prints a line for every run', () => {
    const clock = new VirtualClock();
    const world = testWorld();
    const watch = watchBench(openTerminal(world), clock);
    watch.onProgress({ scenario: 'greeting', run: 1, runs: 2, done: 0, planned: 2 });
    clock.advanceTo(15_000);
    watch.onCall({ soFar });
    watch.onProgress({ scenario: 'greeting', run: 2, runs: 2, done: 1, planned: 2 });
    watch.close();
    expect(world.err()).toBe('greeting 1/2 (0 of 2 done)\ngreeting 2/2 (1 of 2 done, about 15 s left)\n');
  });
});
