import { describe, expect, it } from 'vitest';
import { locateModelAudio } from '../../src/measure/model-audio.js';
import { matchSessions } from '../../src/measure/sessions.js';
import { join, loud, quiet, TraceBuilder } from '../helpers/call-records.js';

const first = loud(300, 1);
const second = loud(300, 2);

function trace(...deltas: [string, Uint8Array][]) {
  const builder = new TraceBuilder().configured();
  deltas.forEach(([itemId, audio], index) => {
    builder.delta(index, itemId, audio);
  });
  return builder.events;
}

const places = (events: ReturnType<typeof trace>, received: Uint8Array) =>
  locateModelAudio(events, received)?.deltas.map(({ pieces, foundBytes }) => [pieces[0]?.streamOffset, foundBytes]);

describe("the model's audio in the stream the phone received", () => {
  it('is found delta by delta', () => {
    const events = trace(['a', first.subarray(0, 1000)], ['a', first.subarray(1000)], ['b', second]);
    expect(places(events, join(first, second))).toEqual([
      [0, 1000],
      [1000, 1400],
      [2400, 2400],
    ]);
    expect(locateModelAudio(events, join(first, second))?.items.map(({ itemId, bytes }) => [itemId, bytes])).toEqual([
      ['a', 2400],
      ['b', 2400],
    ]);
  });

  it('is missing where the relay dropped it, and found again behind', () => {
    const events = trace(['a', first.subarray(0, 1000)], ['a', first.subarray(1000)], ['b', second]);
    expect(places(events, join(first.subarray(0, 1000), second))).toEqual([
      [0, 1000],
      [undefined, 0],
      [1000, 2400],
    ]);
  });

  it('counts the beginning of a delta that was cut', () => {
    expect(places(trace(['a', first], ['b', second]), join(first.subarray(0, 500), second))).toEqual([
      [0, 500],
      [500, 2400],
    ]);
  });

  it('finds a piece too short to be unique only where it is expected', () => {
    const short = first.subarray(0, 40);
    expect(places(trace(['a', short], ['b', second]), join(quiet(10), short, second))).toEqual([
      [80, 40],
      [120, 2400],
    ]);
    expect(places(trace(['a', short], ['b', second]), join(short, quiet(10), second))).toEqual([
      [0, 40],
      [120, 2400],
    ]);
  });

  it('is not searched in a stream that was re-encoded', () => {
    expect(locateModelAudio(trace(['a', first]), loud(300, 5))).toBeUndefined();
  });
});

describe('the sessions of several calls at once', () => {
  it('belong to the call that received their audio', () => {
    const one = trace(['a', first]).map((event) => ({ ...event, sessionId: 'one' }));
    const two = trace(['b', second]).map((event) => ({ ...event, sessionId: 'two' }));
    const [ofSecond, ofFirst, ofNone] = matchSessions([join(quiet(5), second), first, loud(100, 7)], [...one, ...two]);
    expect(ofSecond?.[0]?.sessionId).toBe('two');
    expect(ofFirst?.[0]?.sessionId).toBe('one');
    expect(ofNone).toBeUndefined();
  });

  it('are all those that spoke into it, after a reconnect', () => {
    const one = trace(['a', first]).map((event) => ({ ...event, sessionId: 'one' }));
    const two = trace(['b', second]).map((event) => ({ ...event, sessionId: 'two' }));
    const other = trace(['c', loud(300, 4)]).map((event) => ({ ...event, sessionId: 'other' }));
    const [all] = matchSessions([join(first, quiet(5), second)], [...one, ...other, ...two]);
    expect([...new Set(all?.map(({ sessionId }) => sessionId))]).toEqual(['one', 'two']);
  });

  it('need no proof when there is one of each', () => {
    expect(matchSessions([new Uint8Array(0)], trace())).toHaveLength(1);
    expect(matchSessions([new Uint8Array(0)], trace())[0]).toHaveLength(1);
  });
});
