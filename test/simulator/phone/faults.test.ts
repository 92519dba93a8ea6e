import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultType, type NetworkFault, parseFault } from '../../../src/simulator/phone/faults.js';

const mistakeIn = (text: string): string => {
  const parsed = parseFault(text);
  return 'mistake' in parsed ? parsed.mistake : 'none';
};

describe('a fault', () => {
  it.each<[text: string, fault: NetworkFault]>([
    ['stall@5s:1500ms', { type: 'stall', at: 5000, forMs: 1500 }],
    ['stall@5s:1.5s:to-server', { type: 'stall', at: 5000, forMs: 1500, direction: 'to-server' }],
    ['stall@5s:to-phone:1.5s', { type: 'stall', at: 5000, forMs: 1500, direction: 'to-phone' }],
    ['stall@500ms-2s: 20ms', { type: 'stall', at: [500, 2000], forMs: 20 }],
    ['bunch@0s:5', { type: 'bunch', at: 0, frames: 5 }],
    ['bunch@1s:5:3s:both', { type: 'bunch', at: 1000, frames: 5, forMs: 3000, direction: 'both' }],
    ['slow-reader@2s', { type: 'slow-reader', at: 2000 }],
    ['half-open@2s:40s', { type: 'half-open', at: 2000, forMs: 40_000 }],
    ['close@2s', { type: 'close', at: 2000 }],
    ['reset@2s', { type: 'reset', at: 2000 }],
    ['duplicate@2s', { type: 'duplicate', at: 2000 }],
  ])('is read: %s', (text, fault) => {
    expect(parseFault(text)).toEqual({ fault });
  });

  it.each<[text: string, mistake: string]>([
    ['stahl@5s:1s', '"stahl" is no fault: there are stall, bunch, slow-reader, half-open, close, reset, duplicate'],
    ['', '"" is no fault: there are stall, bunch, slow-reader, half-open, close, reset, duplicate'],
    ['toString@5s', '"toString" is no fault: there are stall, bunch, slow-reader, half-open, close, reset, duplicate'],
    ['stall', '"stall" does not say when it begins: stall@5s:1500ms'],
    ['stall@5:1s', '"5" is no moment of the call: write 5s, 500ms or 5s-8s, as in stall@5s:1500ms'],
    ['stall@8s-5s:1s', '"8s-5s" is no moment of the call: write 5s, 500ms or 5s-8s, as in stall@5s:1500ms'],
    ['stall@5s', 'a stall needs how long it lasts: stall@5s:1500ms'],
    ['stall@5s:0s', 'a stall of no length is none: stall@5s:1500ms'],
    ['stall@5s:1s:2s', '"2s" says nothing about a stall: stall@5s:1500ms'],
    ['stall@5s:1s:up', '"up" says nothing about a stall: stall@5s:1500ms'],
    ['stall@5s:1s:7', 'a stall has no number of frames: stall@5s:1500ms'],
    ['bunch@5s:1s', 'a bunch needs a number of frames: bunch@2s:5:3s'],
    ['bunch@5s:1', 'a bunch takes 2 to 500 frames, not 1: bunch@2s:5:3s'],
    ['reset@5s:1s', 'a reset has no length: reset@5s'],
    ['slow-reader@5s:to-server', 'a slow-reader has no direction: slow-reader@5s:3s'],
  ])('is refused with one sentence: %s', (text, mistake) => {
    expect(mistakeIn(text)).toBe(mistake);
  });

  it('is written in the table as it can be typed', () => {
    for (const [type, { example }] of Object.entries(FAULTS))
      expect(parseFault(example)).toMatchObject({ fault: { type: type as FaultType } });
  });

  it('is read or refused, whatever is typed', () => {
    const part = fc.constantFrom('stall', 'bunch', '@', ':', '-', '5s', '20ms', '5', 'to-server', 'both', ' ', '{');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          const parsed = parseFault(text);
          if ('mistake' in parsed) expect(parsed.mistake).toMatch(/^[^\n]{10,200}$/s);
          else expect(Object.keys(FAULTS)).toContain(parsed.fault.type);
        },
      ),
    );
  });
});
