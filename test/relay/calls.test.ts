import { describe, expect, it } from 'vitest';
import type { CallEnd } from '../../src/call/session.js';
import { Calls } from '../../src/relay/calls.js';

function call(callSid: string, ends: CallEnd[] = []): { callSid: string; end(reason: CallEnd): void } {
  return { callSid, end: (reason) => ends.push(reason) };
}

describe('the calls of a relay', () => {
  it('are full when every place is taken, and not when one was given back', () => {
    const calls = new Calls(2);
    const first = calls.reserve();
    expect(calls.full).toBe(false);
    calls.reserve();
    expect(calls.full).toBe(true);
    first();
    expect(calls.full).toBe(false);
  });

  it('take a place back once, however often it is given', () => {
    const calls = new Calls(2);
    const first = calls.reserve();
    calls.reserve();
    first();
    first();
    expect(calls.open).toBe(1);
  });

  it('remember whose model was lost, and nobody else', () => {
    const calls = new Calls(9);
    const lost = call('CA1');
    const fine = call('CA2');
    calls.add(lost);
    calls.add(fine);
    calls.remove(lost, 'model-lost');
    calls.remove(fine, 'caller');
    expect([calls.lostModel('CA1'), calls.lostModel('CA2')]).toEqual([true, false]);
    expect(calls.count).toBe(0);
  });

  it('end together', () => {
    const calls = new Calls(9);
    const ends: CallEnd[] = [];
    for (const sid of ['CA1', 'CA2']) calls.add(call(sid, ends));
    calls.endAll('shutdown');
    expect(ends).toEqual(['shutdown', 'shutdown']);
  });

  it('are found by their callSid, of two streams of one call the newest that goes on', () => {
    const calls = new Calls(9);
    const first = call('CA1');
    const second = call('CA1');
    calls.add(first);
    calls.add(call('CA2'));
    calls.add(second);
    expect(calls.find('CA1')).toBe(second);
    expect(calls.list().map(({ callSid }) => callSid)).toEqual(['CA1', 'CA2']);
    expect(calls.list()[0]).toBe(second);
    calls.remove(second, 'carrier-lost');
    expect(calls.find('CA1')).toBe(first);
    expect([calls.has(first), calls.has(second)]).toEqual([true, false]);
    expect(calls.find('CA3')).toBeUndefined();
  });

  it('lose only the stream that ended, when the older of two goes first', () => {
    const calls = new Calls(9);
    const first = call('CA1');
    const second = call('CA1');
    calls.add(first);
    calls.add(second);
    calls.remove(first, 'carrier-lost');
    expect(calls.find('CA1')).toBe(second);
  });

  it('are over when their last stream is, and were never there otherwise', () => {
    const calls = new Calls(9);
    const first = call('CA1');
    const second = call('CA1');
    calls.add(first);
    calls.add(second);
    calls.remove(first, 'caller');
    expect(calls.hasEnded('CA1')).toBe(false);
    calls.remove(second, 'caller');
    expect([calls.hasEnded('CA1'), calls.hasEnded('CA2')]).toEqual([true, false]);
  });

  it('are remembered after their end for the next hundred', () => {
    const calls = new Calls(9);
    for (let index = 0; index < 101; index++) calls.remove(call(`CA${index}`), 'model-lost');
    expect([calls.hasEnded('CA0'), calls.lostModel('CA0')]).toEqual([false, false]);
    expect([calls.hasEnded('CA1'), calls.lostModel('CA1')]).toEqual([true, true]);
  });
});
