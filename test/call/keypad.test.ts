import { describe, expect, it } from 'vitest';
import { Keypad } from '../../src/call/keypad.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

function keypad(): { clock: VirtualClock; pad: Keypad; entries: string[] } {
  const clock = new VirtualClock();
  const entries: string[] = [];
  return { clock, entries, pad: new Keypad(clock, 1000, (digits) => entries.push(digits)) };
}

describe('the keypad', () => {
  it('takes digits pressed one after the other for one entry', () => {
    const { clock, pad, entries } = keypad();
    for (const digit of '1234') {
      pad.press(digit);
      clock.advance(900);
    }
    expect(entries).toEqual([]);
    clock.advance(100);
    expect(entries).toEqual(['1234']);
  });

  it('takes a pause for the end of an entry', () => {
    const { clock, pad, entries } = keypad();
    pad.press('1');
    clock.advance(1000);
    pad.press('2');
    clock.advance(1000);
    expect(entries).toEqual(['1', '2']);
  });

  it('ends an entry at once on #', () => {
    const { pad, entries } = keypad();
    pad.press('9');
    pad.press('#');
    expect(entries).toEqual(['9#']);
  });

  it('says nothing any more once it was stopped', () => {
    const { clock, pad, entries } = keypad();
    pad.press('1');
    pad.stop();
    clock.advance(5000);
    expect(entries).toEqual([]);
  });
});
