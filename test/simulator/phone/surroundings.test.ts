import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/g711.js';
import { rmsDbov } from '../../../src/audio/level.js';
import { noise, tone } from '../../../src/audio/tone.js';
import { type Surroundings, surroundingsOf } from '../../../src/simulator/phone/surroundings.js';

const SILENT = 0xff;
const lane = (bytes: Uint8Array) => (from: number, to: number) => bytes.subarray(from, to);
const nothing = lane(new Uint8Array(0));

/** What goes out when the caller says `spoken`, in frames. */
function sent(surroundings: Surroundings | undefined, spoken: Uint8Array): Uint8Array {
  const out = spoken.slice();
  for (let at = 0; at < out.length; at += 160) surroundings?.mix(out.subarray(at, at + 160), at);
  return out;
}

describe('an echo', () => {
  const agent = encodeMulaw(noise({ ms: 200, dbov: -20, seed: 7 }));
  const heard = new Uint8Array(8000).fill(SILENT);
  heard.set(agent, 1003);

  it('is what was heard, so much softer, at the very sample', () => {
    const out = sent(
      surroundingsOf({ echo: { db: -20, delayMs: 120 } }, 1, lane(heard)),
      new Uint8Array(8000).fill(SILENT),
    );
    const place = 1003 + 120 * 8;
    const expected = encodeMulaw(decodeMulaw(agent).map((sample) => Math.round(sample / 10)));
    expect([...out.subarray(place, place + agent.length)]).toEqual([...expected]);
    expect(out.subarray(0, place).every((byte) => byte === SILENT)).toBe(true);
    expect(out.subarray(place + agent.length).every((byte) => byte === SILENT)).toBe(true);
    expect(rmsDbov(decodeMulaw(out.subarray(place, place + agent.length)))).toBeCloseTo(-40, 0);
  });

  it("is added to the caller's own voice", () => {
    const spoken = encodeMulaw(tone({ hz: 400, ms: 1000, dbov: -20 }));
    const out = sent(surroundingsOf({ echo: { db: -20, delayMs: 1 } }, 1, lane(heard)), spoken);
    const at = 1011 + 50;
    const sum = decodeMulaw(spoken)[at]! + decodeMulaw(agent)[50]! / 10;
    expect(Math.abs(decodeMulaw(out)[at]! - sum)).toBeLessThan(Math.abs(sum) / 16 + 8);
    expect([...out.subarray(0, 1000)]).toEqual([...spoken.subarray(0, 1000)]);
  });

  it('is silent where nothing is known yet, and never louder than full scale', () => {
    const out = sent(surroundingsOf({ echo: { db: 0, delayMs: 100 } }, 1, nothing), new Uint8Array(1600).fill(SILENT));
    expect(out.every((byte) => byte === SILENT)).toBe(true);
    const loud = new Uint8Array(320).fill(0x80);
    const both = sent(surroundingsOf({ echo: { db: 0, delayMs: 1 } }, 1, lane(loud)), loud);
    expect(both.every((byte) => byte === 0x80)).toBe(true);
  });
});

describe('surroundings', () => {
  it('add the room to what is said', () => {
    const out = sent(
      surroundingsOf({ background: { kind: 'white', dbov: -40 } }, 1, nothing),
      new Uint8Array(16_000).fill(SILENT),
    );
    expect(rmsDbov(decodeMulaw(out))).toBeCloseTo(-40, 0);
  });

  it('are not there when a script has none', () => {
    expect(surroundingsOf({}, 1, nothing)).toBeUndefined();
  });
});
