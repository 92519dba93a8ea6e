import { describe, expect, it } from 'vitest';
import type { PhoneEvent } from '../../../../src/simulator/phone/events.js';
import { judged } from '../../../helpers/lint-events.js';

const mark = (name: string, atMs = 0): PhoneEvent => ({ type: 'mark', atMs, name, streamOffset: 0 });
const echo = (name: string, atMs = 0): PhoneEvent => ({ type: 'mark-echo', atMs, name, cleared: false });
const end: PhoneEvent = { type: 'stop', atMs: 9000 };
const cut: PhoneEvent = { type: 'clear', atMs: 100, droppedBytes: 800 };

describe('one name for all marks', () => {
  it('is noted when several of them wait at once', () => {
    expect(judged([mark('a'), mark('a'), mark('a'), mark('a'), end])).toEqual(['mark/one-name']);
  });

  it('is fine when each has come back before the next, when there are few, and when there is another', () => {
    const one = [mark('a'), echo('a')];
    expect(judged([...one, ...one, ...one, ...one, ...one, end])).toEqual([]);
    expect(judged([mark('a'), mark('a'), mark('a'), end])).toEqual([]);
    expect(judged([mark('a'), mark('a'), mark('a'), mark('b'), end])).toEqual([]);
  });
});

describe('marks that are never used', () => {
  it('are noted when a clear threw audio away', () => {
    expect(judged([cut, end])).toEqual(['mark/never-used']);
  });

  it('are not missed by a server that sends one, or that never interrupts', () => {
    expect(judged([mark('a'), cut, end])).toEqual([]);
    expect(judged([{ ...cut, droppedBytes: 0 } as PhoneEvent, end])).toEqual([]);
    expect(judged([end])).toEqual([]);
  });
});
