import { describe, expect, it } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.js';
import { tone } from '../../src/audio/tone.js';
import type { BargeIn } from '../../src/measure/bargein.js';
import { discriminationsOf, discriminationsOfRoom, merged } from '../../src/measure/discrimination.js';
import type { Distraction } from '../../src/measure/distractions.js';
import type { CallRecord } from '../../src/simulator/phone/events.js';

const START_MS = 1_000;
const lane = new Uint8Array(8 * 4_000).fill(0xff);
lane.set(encodeMulaw(tone({ hz: 400, ms: 500, dbov: -20, rate: 8000 })), 8 * 1_000);
lane.set(encodeMulaw(tone({ hz: 400, ms: 300, dbov: -38, rate: 8000 })), 8 * 2_000);

const record = {
  startedAtMs: START_MS,
  callerLane: lane,
  speech: [{ step: 1, startMs: 2_000, endMs: 2_500, interrupts: true, text: 'Stop.' }],
  sounds: [
    { step: 2, kind: 'cough', clip: 'cough.wav', startMs: 3_000, startSentMs: 3_015, endMs: 3_300, endSentMs: 3_315 },
  ],
} as unknown as CallRecord;
const bargeIn = (outcome: BargeIn['outcome']): BargeIn => ({
  ...{ step: 1, startMs: 2_000, intoMs: 900, outcome, recovered: true },
});
const distraction = (outcome: Distraction['outcome']): Distraction => ({
  ...{ kind: 'cough', step: 2, startMs: 3_015, intoMs: 900, outcome },
});

describe('what stopped the agent', () => {
  it('is told clip by clip, with the level at which it was sent', () => {
    expect(discriminationsOf(record, [bargeIn('stopped')], [distraction('stopped')])).toEqual([
      { kind: 'speech', clip: 'Stop.', dbov: -20, chances: 1, stopped: 1 },
      { kind: 'cough', clip: 'cough.wav', dbov: -38, chances: 1, stopped: 1 },
    ]);
  });

  it('did not: a missed word, and a cough that was seen through', () => {
    const found = discriminationsOf(record, [bargeIn('missed')], [distraction('went-on')]);
    expect(found.map(({ chances, stopped }) => [chances, stopped])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('had no chance when the agent was finishing anyway', () => {
    expect(discriminationsOf(record, [bargeIn('finished')], [distraction('finished')])).toEqual([]);
  });
});

describe('the room', () => {
  it('has a chance in every answer', () => {
    const room = { background: { kind: 'babble', dbov: -45 }, echo: { db: -40, delayMs: 120 } } as const;
    expect(discriminationsOfRoom(room, 3, 1)).toEqual([
      { kind: 'room', clip: 'babble', dbov: -45, chances: 3, stopped: 1 },
      { kind: 'room', clip: 'echo at -40 dB', chances: 3, stopped: 1 },
    ]);
    expect(discriminationsOfRoom({}, 3, 0)).toEqual([]);
    expect(discriminationsOfRoom(room, 0, 0)).toEqual([]);
  });
});

describe('merged', () => {
  it('adds up one clip at one level, words first', () => {
    const cough = { kind: 'cough', clip: 'cough', dbov: -22, chances: 1, stopped: 1 } as const;
    const word = { kind: 'speech', clip: 'Stop.', dbov: -20, chances: 2, stopped: 2 } as const;
    expect(merged([cough, { ...cough, stopped: 0 }, { ...cough, dbov: -38 }, word])).toEqual([
      word,
      { ...cough, chances: 2, stopped: 1 },
      { ...cough, dbov: -38 },
    ]);
  });
});
