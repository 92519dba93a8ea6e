import { beforeAll, describe, expect, it } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.js';
import { resampleWhole } from '../../src/audio/resample.js';
import { readCallerAudio } from '../../src/audio/wav.js';
import { followByEar } from '../../src/measure/follow-by-ear.js';
import type { SentFrame } from '../../src/measure/relay.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';

type Append = Extract<ModelTraceEvent, { type: 'append' }>;

let frames: SentFrame[];
let linear: Int16Array[];

/** A question in frames of 20 ms, sent at 1000 ms and so on, and each as a relay resamples it for the model. */
beforeAll(async () => {
  const file = new URL('../../samples/interrupt/question.wav', import.meta.url).pathname;
  const speech = (await readCallerAudio(file)).subarray(0, 160 * 150);
  const wide = await resampleWhole(speech, 8000, 24_000);
  frames = Array.from({ length: 150 }, (_, index) => ({
    atMs: 1_000 + index * 20,
    payload: encodeMulaw(speech.subarray(index * 160, (index + 1) * 160)),
  }));
  linear = frames.map((_, index) => wide.subarray(index * 480, (index + 1) * 480));
});

/** Frame n arrives 3 ms after it was sent. */
const appends = (which: readonly number[]): Append[] =>
  which.map((index) => ({
    ...{ type: 'append', sessionId: 's', offsetMs: 0, atMs: 1_003 + index * 20 },
    audio: Buffer.from(new Int16Array(linear[index]!).buffer).toString('base64'),
  }));
const all = Array.from({ length: 150 }, (_, index) => index);
const accidents = (which: readonly number[]) => {
  const { lost, duplicated, reordered, altered } = followByEar(frames, appends(which))!.fate;
  return { lost, duplicated, reordered, altered };
};
const NONE = { lost: 0, duplicated: 0, reordered: 0, altered: 0 };

describe('followByEar', () => {
  it('says of each frame when its sound had reached the model', () => {
    const { arrivedMs, fate } = followByEar(frames, appends(all))!;
    const delays = arrivedMs.flatMap((ms, index) => (ms === undefined ? [] : [ms - frames[index]!.atMs]));
    expect(delays.length).toBeGreaterThan(145);
    // The filter is a few samples late: the last of a frame may come with the next one.
    for (const delay of delays) expect([3, 23]).toContain(delay);
    expect(fate).toMatchObject(NONE);
  });

  it('counts frames that are missing or came twice', () => {
    expect(accidents(all.filter((index) => index !== 40 && index !== 90))).toEqual({ ...NONE, lost: 2 });
    expect(accidents(all.flatMap((index) => (index === 60 ? [index, index] : [index])))).toEqual({
      ...{ ...NONE, duplicated: 1 },
    });
  });

  it('follows nothing where nothing is alike', () => {
    expect(followByEar(frames, [])).toBeUndefined();
    const silent = appends(all).map((each) => ({ ...each, audio: Buffer.alloc(960).toString('base64') }));
    expect(followByEar(frames, silent)).toBeUndefined();
  });
});
