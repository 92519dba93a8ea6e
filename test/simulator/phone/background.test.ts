import { describe, expect, it } from 'vitest';
import { rmsDbov } from '../../../src/audio/level.js';
import { roomOf } from '../../../src/simulator/phone/background.js';
import type { Background } from '../../../src/simulator/phone/script.js';

/** A second of the room, in frames of 20 ms. */
function second(background: Background, seed = 1, ms = 1000): Int16Array {
  const room = roomOf(background, seed);
  const whole = new Float64Array(ms * 8);
  for (let at = 0; at < whole.length; at += 160) room(whole.subarray(at, at + 160));
  return Int16Array.from(whole, Math.round);
}

describe('a room', () => {
  it.each(['white', 'hum'] as const)('of kind %s has its level', (kind) => {
    expect(rmsDbov(second({ kind, dbov: -40 }))).toBeCloseTo(-40, 1);
  });

  it('of babble has its level over all of it, and comes and goes', () => {
    const babble = second({ kind: 'babble', dbov: -40 }, 1, 10_000);
    expect(rmsDbov(babble)).toBeCloseTo(-40, 1);
    const levels = Array.from({ length: 100 }, (_, i) => rmsDbov(babble.subarray(i * 800, (i + 1) * 800)));
    expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(6);
  });

  it('of a file is the file at its level, round and round', () => {
    const samples = Int16Array.from([100, -100, 200, -200, 50]);
    const room = second({ kind: 'file', dbov: -40, samples });
    expect(rmsDbov(room)).toBeCloseTo(-40, 1);
    expect([...room.subarray(0, 5)]).toEqual([...room.subarray(5, 10)]);
    expect(room[2]! / room[0]!).toBeCloseTo(2, 1);
  });

  it('is the same for the same seed, and another for another', () => {
    for (const kind of ['white', 'babble'] as const) {
      expect(second({ kind, dbov: -40 })).toEqual(second({ kind, dbov: -40 }));
      expect(second({ kind, dbov: -40 })).not.toEqual(second({ kind, dbov: -40 }, 2));
    }
  });
});
