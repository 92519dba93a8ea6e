import { describe, expect, it } from 'vitest';
import type { PhoneEvent } from '../../../../src/simulator/phone/events.js';
import { frames, judged, speaks, stops } from '../../../helpers/lint-events.js';

const START: PhoneEvent[] = [{ type: 'start', atMs: 0, streamSid: 'MZ1', callSid: 'CA1' }];
/** An answer that has arrived in one piece and is audible from then on. */
const answer = (atMs: number, ms: number): PhoneEvent[] => [
  { type: 'media', atMs, bytes: ms * 8, streamOffset: 0, bufferedMs: ms },
  { type: 'playout-start', atMs, streamOffset: 0 },
  { type: 'agent-starts', atMs },
];

describe('an interruption without a clear', () => {
  const talksOver = [...START, ...answer(100, 8000), speaks(1000, true), ...frames(1000, 3500)];

  it('is found two seconds after the caller began', () => {
    expect(judged(talksOver)).toEqual(['clear/missing']);
    expect(judged(talksOver.filter((event) => event.atMs < 2900))).toEqual([]);
  });

  it.each<[string, PhoneEvent[]]>([
    ['a clear came', [...frames(1000, 1200), { type: 'clear', atMs: 1200, droppedBytes: 9 }, ...frames(1200, 4000)]],
    [
      'the answer was over by itself',
      [...frames(1000, 1400), { type: 'playout-empty', atMs: 1400, streamOffset: 9 }, ...frames(1400, 4000)],
    ],
    [
      'the line was asked to fail',
      [{ type: 'fault', atMs: 1100, fault: 'stall', phase: 'begins' }, ...frames(1100, 4000)],
    ],
  ])('is not found when %s', (_, then) => {
    expect(judged([...START, ...answer(100, 8000), speaks(1000, true), ...then])).toEqual([]);
  });

  it('is not found when nothing waited to be cleared, or the caller meant no interruption', () => {
    expect(judged([...START, ...answer(100, 1800), speaks(1000, true), ...frames(1000, 3500)])).toEqual([]);
    expect(judged([...START, ...answer(100, 8000), speaks(1000, false), ...frames(1000, 3500)])).toEqual([]);
    expect(stops).toBeDefined();
  });
});
