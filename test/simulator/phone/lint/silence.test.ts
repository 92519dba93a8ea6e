import { describe, expect, it } from 'vitest';
import type { PhoneEvent } from '../../../../src/simulator/phone/events.js';
import { frames, judged, speaks, stops } from '../../../helpers/lint-events.js';

const media: PhoneEvent = { type: 'media', atMs: 3000, bytes: 1600, streamOffset: 0, bufferedMs: 200 };
const asked = [speaks(1000), stops(2000)];

describe('a server that is silent', () => {
  it('is found eight seconds after the first words of the caller', () => {
    expect(judged([...asked, ...frames(2000, 10_100)])).toEqual(['audio/never']);
    expect(judged([...asked, ...frames(2000, 9900)])).toEqual([]);
    expect(judged([...asked, { type: 'stop', atMs: 10_100 }])).toEqual(['audio/never']);
  });

  it('is found when all it sends is silence, and not when something is audible', () => {
    const calls = [...asked, media, ...frames(3000, 10_100)];
    expect(judged(calls, new Uint8Array(1600).fill(0xff))).toEqual(['audio/only-silence']);
    expect(judged(calls, new Uint8Array(1600).fill(0xff).fill(0x20, 800))).toEqual([]);
  });

  it('is not found when nobody has spoken to it', () => {
    expect(judged(frames(0, 60_000))).toEqual([]);
  });
});
