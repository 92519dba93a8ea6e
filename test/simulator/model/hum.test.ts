import { expect, it } from 'vitest';
import { rmsDbov } from '../../../src/audio/level.js';
import { findSpeech } from '../../../src/measure/voice.js';
import { hum } from '../../../src/simulator/model/hum.js';

it('hums every word in its place, at the level of speech, the same each time', () => {
  const { samples, words } = hum('We are open. Come at nine!');
  expect(words.map(({ text }) => text)).toEqual(['We', 'are', 'open.', 'Come', 'at', 'nine!']);
  expect(words[0]).toEqual({ text: 'We', startMs: 0, endMs: 150 });
  expect(words[2]).toEqual({ text: 'open.', startMs: 360, endMs: 660 });
  expect(words[3]!.startMs).toBe(910);
  expect(rmsDbov(samples)).toBeCloseTo(-20, 0);
  const speech = findSpeech(samples, 8000, { pauseMs: 150 });
  expect(speech).toHaveLength(2);
  expect(Math.abs(speech[1]!.startSample / 8 - 910)).toBeLessThan(30);
  expect(hum('We are open. Come at nine!').samples).toEqual(samples);
});

it('hums a moment of silence for nothing', () => {
  expect(hum('').samples).toEqual(new Int16Array(800));
});
