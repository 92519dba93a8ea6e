import { describe, expect, it } from 'vitest';
import { Clears } from '../../src/call/clears.js';
import { Playback, type Settlement } from '../../src/call/playback.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const item = { responseId: 'r', itemId: 'a', contentIndex: 0 };

function setUp() {
  const clock = new VirtualClock();
  const playback = new Playback({ bytesPerMs: 8, markEveryMs: 100, heardSlackMs: 3, name: 'vb' });
  const told: Settlement[] = [];
  const clears = new Clears({
    clock,
    settleTimeoutMs: 400,
    settle: (mark) => playback.settle(mark),
    onSettled: (settlement) => told.push(settlement),
  });
  const clear = (undecided = false): string => {
    playback.audio(item, 8000, clock.now());
    clock.advance(300);
    const { mark } = playback.clear(clock.now());
    clears.sent(mark, undecided);
    return mark;
  };
  return { clock, playback, told, clears, clear };
}

describe('a clear that was sent', () => {
  it('is told when the carrier has answered, and once', () => {
    const { clock, playback, told, clears, clear } = setUp();
    const echo = playback.markEchoed(clear(), clock.now());
    if (echo.kind !== 'settled') throw new Error(echo.kind);
    clears.settled(echo.settlement);
    clears.settled(echo.settlement);
    clears.tellNow();
    clock.advance(1000);
    expect(told.map(({ truncations }) => truncations[0]?.audioEndMs)).toEqual([300]);
  });

  it('is told by the clock when the carrier does not answer, or when there is no time', () => {
    const waits = setUp();
    waits.clear();
    waits.clock.advance(399);
    expect(waits.told).toEqual([]);
    waits.clock.advance(1);
    expect(waits.told).toHaveLength(1);
    const hurries = setUp();
    hurries.clear();
    hurries.clears.tellNow();
    expect(hurries.told).toHaveLength(1);
  });

  it('is not told while it may be taken back, nor afterwards when it was', () => {
    const { clock, told, clears, clear } = setUp();
    const mark = clear(true);
    clock.advance(1000);
    clears.tellNow();
    expect(told).toEqual([]);
    expect(clears.takeBack(mark)?.heardOffset).toBe(2400);
    clears.tellNow();
    expect(told).toEqual([]);
  });

  it('is told behind the present call stack when it stands at last, with what was never sent', () => {
    const { clock, told, clears, clear } = setUp();
    const mark = clear(true);
    clock.advance(1000);
    const payload = Buffer.alloc(1600).toString('base64');
    clears.decided(mark, [{ type: 'audio', source: { ...item, itemId: 'b' }, payload }]);
    expect(told).toEqual([]);
    clock.advance(0);
    expect(told[0]!.truncations.map(({ itemId, audioEndMs }) => `${itemId} ${audioEndMs}`)).toEqual(['a 300', 'b 0']);
  });

  it('is told nobody after the end of the call', () => {
    const { clock, told, clears, clear } = setUp();
    clear();
    clears.stop();
    clock.advance(1000);
    expect(told).toEqual([]);
  });
});
