import { expect, it } from 'vitest';
import { encodeMulaw } from '../../../src/audio/g711.js';
import { noise, tone } from '../../../src/audio/tone.js';
import { Ear } from '../../../src/simulator/phone/ear.js';

const voice = (ms: number): Uint8Array => encodeMulaw(tone({ hz: 300, ms, dbov: -25, rate: 8000 }));
const hush = (ms: number): Uint8Array => encodeMulaw(noise({ ms, dbov: -60, rate: 8000, seed: 3 }));

function setUp() {
  const told: [string, number][] = [];
  const ear = new Ear({
    quietMs: 700,
    onStart: ({ startMs }) => told.push(['starts', startMs]),
    onFinish: ({ finishedMs }) => told.push(['finishes', finishedMs!]),
  });
  return { ear, told };
}

it('tells when the agent starts and, after the quiet time, that it has finished', () => {
  const { ear, told } = setUp();
  ear.hear(hush(100), 0, 1000);
  ear.hear(voice(200), 800, 1100);
  ear.hear(hush(800), 2400, 1300);
  ear.advance(1999);
  expect(told).toEqual([['starts', 1100]]);
  ear.advance(2000);
  expect(told).toEqual([
    ['starts', 1100],
    ['finishes', 2000],
  ]);
  expect(ear.utterances).toEqual([
    { startMs: 1100, streamOffset: 800, lastAudibleMs: 1300, finishedMs: 2000, cut: false },
  ]);
});

it('hears a pause shorter than the quiet time as part of what is said, in the audio or in playout', () => {
  const { ear, told } = setUp();
  ear.hear(voice(100), 0, 0);
  ear.hear(voice(100), 800, 600);
  ear.advance(1000);
  expect(told).toEqual([['starts', 0]]);
  expect(ear.speaking?.lastAudibleMs).toBe(700);
});

it('does not take comfort noise or a single click for speech', () => {
  const { ear, told } = setUp();
  ear.hear(hush(500), 0, 0);
  ear.hear(voice(10), 4000, 500);
  ear.hear(hush(500), 4080, 510);
  ear.advance(5000);
  expect(told).toEqual([]);
});

it('ends what is being said when a clear cuts it', () => {
  const { ear, told } = setUp();
  ear.hear(voice(100), 0, 0);
  ear.cut(100);
  ear.hear(voice(100), 5000, 150);
  expect(told).toEqual([
    ['starts', 0],
    ['finishes', 100],
    ['starts', 150],
  ]);
  expect(ear.utterances[0]).toMatchObject({ cut: true, finishedMs: 100 });
});

it('knows the level of what is heard now', () => {
  const { ear } = setUp();
  ear.hear(voice(100), 0, 0);
  expect(ear.levelAt(100)).toBeCloseTo(-25, 0);
  expect(ear.levelAt(500)).toBe(-127);
});
