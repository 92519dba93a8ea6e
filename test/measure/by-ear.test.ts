import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../src/audio/g711.js';
import { readCallerAudio } from '../../src/audio/wav.js';
import { findRunsByEar } from '../../src/measure/by-ear.js';

/** Three seconds of speech, and the same as another resampler and another encoder leave it. */
let speech: Int16Array;
let changed: Int16Array;

/** Half a sample later, lower, and encoded. */
const otherwise = (samples: Int16Array): Int16Array =>
  decodeMulaw(encodeMulaw(samples.map((sample, index) => 0.45 * (sample + (samples[index - 1] ?? 0)))));

const part = (...spans: [number, number][]): Int16Array =>
  Int16Array.from(spans.flatMap(([from, to]) => [...changed.subarray(from, to)]));

beforeAll(async () => {
  const file = new URL('../../samples/agent/days.wav', import.meta.url).pathname;
  speech = (await readCallerAudio(file)).subarray(0, 24_000);
  changed = otherwise(speech);
});

const sum = (runs: readonly { bytes: number }[]): number => runs.reduce((total, { bytes }) => total + bytes, 0);

describe('findRunsByEar', () => {
  it('finds a sound of which not a byte is the same', () => {
    const runs = findRunsByEar(speech, changed);
    expect(sum(runs)).toBeGreaterThan(23_900);
    for (const { at, streamOffset } of runs) expect(Math.abs(at - streamOffset)).toBeLessThanOrEqual(2);
  });

  it('finds it behind something else, and what was cut off its end', () => {
    const stream = Int16Array.from([...new Int16Array(9_600), ...changed.subarray(0, 16_000)]);
    const runs = findRunsByEar(speech, stream);
    expect(Math.abs(runs[0]!.streamOffset - runs[0]!.at - 9_600)).toBeLessThanOrEqual(2);
    expect(Math.abs(sum(runs) - 16_000)).toBeLessThanOrEqual(320);
  });

  it('sees a frame that is missing, in speech and in a pause', () => {
    const runs = findRunsByEar(speech, part([0, 8_000], [8_160, 24_000]));
    expect(Math.abs(24_000 - 160 - sum(runs))).toBeLessThanOrEqual(40);
    const last = runs.at(-1)!;
    expect(Math.abs(last.streamOffset - last.at + 160)).toBeLessThanOrEqual(2);
  });

  it('finds the next item where the rest of one was dropped', () => {
    const runs = findRunsByEar(speech, part([0, 6_400], [16_000, 24_000]), [0, 16_000]);
    const [first, second] = [runs.filter(({ at }) => at < 16_000), runs.filter(({ at }) => at >= 16_000)];
    expect(Math.abs(sum(first) - 6_400)).toBeLessThanOrEqual(480);
    expect(Math.abs(second[0]!.streamOffset - 6_400)).toBeLessThanOrEqual(3);
  });

  it('finds nothing in another voice, and nothing in silence', async () => {
    const other = await readCallerAudio(new URL('../../samples/interrupt/question.wav', import.meta.url).pathname);
    expect(sum(findRunsByEar(speech, other))).toBe(0);
    expect(findRunsByEar(speech, new Int16Array(8_000))).toEqual([]);
    expect(findRunsByEar(new Int16Array(8_000), changed)).toEqual([]);
  });
});
