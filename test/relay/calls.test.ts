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
});
