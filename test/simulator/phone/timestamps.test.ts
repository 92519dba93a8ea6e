import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.js';
import { drawSid } from '../../../src/simulator/phone/sid.js';
import { mediaTimestamps } from '../../../src/simulator/phone/timestamps.js';

it('begins between 70 and 175 ms, never at 0, and goes on by 20 ms give or take two', () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const timestamp = mediaTimestamps(seededRandom(seed));
    let last = timestamp(0);
    firsts.add(last);
    expect(last).toBeGreaterThanOrEqual(70);
    expect(last).toBeLessThanOrEqual(175);
    for (let chunk = 1; chunk < 50; chunk++) {
      const next = timestamp(chunk);
      expect(Math.abs(next - last - 20)).toBeLessThanOrEqual(2);
      last = next;
    }
  }
  expect(firsts.size).toBeGreaterThan(50);
});

it('does not drift', () => {
  const timestamp = mediaTimestamps(seededRandom(1));
  const first = timestamp(0);
  expect(Math.abs(timestamp(30_000) - first - 600_000)).toBeLessThanOrEqual(1);
});

it('draws sids as Twilio makes them, the same from the same seed', () => {
  expect(drawSid('MZ', seededRandom(1))).toMatch(/^MZ[0-9a-f]{32}$/);
  expect(drawSid('CA', seededRandom(1))).toBe(drawSid('CA', seededRandom(1)));
  expect(drawSid('CA', seededRandom(1))).not.toBe(drawSid('CA', seededRandom(2)));
});
