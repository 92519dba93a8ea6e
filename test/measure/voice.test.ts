import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise, tone } from '../../src/audio/tone.js';
import { findOffset, findOnset, findSpeech, noiseFloorDbov, type VoiceRule } from '../../src/measure/voice.js';

const RATE = 8000;

describe('findOnset', () => {
  it.each([8000, 16_000, 44_100])('finds the first sample of a tone in digital silence at %i Hz', (rate) => {
    const audio = silence(rate);
    put(audio, 4321, new Int16Array(rate / 10).fill(3000));
    expect(findOnset(audio, rate)).toBe(4321);
  });

  it('answers nothing for silence, for nothing and for what is over before the hold is', () => {
    expect(findOnset(silence(8000), RATE)).toBeUndefined();
    expect(findOnset(new Int16Array(0), RATE)).toBeUndefined();
    expect(findOnset(burst(8000, 7900, 100), RATE)).toBeUndefined();
  });

  it('counts from fromSample and looks no further than toSample', () => {
    const audio = mix(burst(16_000, 1003, 800), burst(16_000, 9007, 800));
    expect(findOnset(audio, RATE)).toBe(1003);
    expect(findOnset(audio, RATE, { fromSample: 2000 })).toBe(9007);
    expect(findOnset(audio, RATE, { fromSample: 2000, toSample: 9000 })).toBeUndefined();
    expect(findOnset(audio, RATE, { fromSample: 1100 })).toBe(1100);
  });

  it('is within a millisecond of an abrupt onset in noise 25 dB below it, without bias', () => {
    const errors = Array.from({ length: 200 }, (_, seed) => {
      const at = 3000 + seed * 7;
      const audio = mix(noise({ ms: 1000, dbov: -45, seed: seed + 1 }), burst(8000, at, 2000, -20));
      return findOnset(audio, RATE)! - at;
    });
    expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(8);
    expect(Math.abs(mean(errors))).toBeLessThan(2);
  });
});

describe('in noise whose peaks reach the level of the rule', () => {
  /** Near enough to Gaussian: one sample in twenty is 6 dB above the level. */
  const rough = (seed: number) => {
    const parts = [1, 2, 3, 4].map((n) => noise({ ms: 1500, dbov: -46, seed: seed * 4 + n }));
    return parts.reduce(mix);
  };

  it('an onset and an offset are still within a millisecond', () => {
    for (let seed = 0; seed < 100; seed++) {
      const at = 3000 + seed * 7;
      const audio = mix(rough(seed), burst(12_000, at, 3001, -20));
      const onset = findOnset(audio, RATE, { rule: 'sensitive' })!;
      const offset = findOffset(audio, RATE, { rule: 'sensitive', fromSample: onset })!;
      expect(Math.abs(onset - at)).toBeLessThanOrEqual(8);
      expect(Math.abs(offset - (at + 3000))).toBeLessThanOrEqual(8);
    }
  });
});

describe('findOffset', () => {
  it('is the last sample of the speech going on', () => {
    const audio = mix(burst(24_000, 1003, 800), burst(24_000, 9007, 801));
    expect(findOffset(audio, RATE, { fromSample: 1100 })).toBe(1802);
    expect(findOffset(audio, RATE, { fromSample: 9007 })).toBe(9807);
  });

  it('bridges pauses shorter than pauseMs and no longer ones', () => {
    const audio = mix(burst(16_000, 1000, 800), burst(16_000, 4000, 800));
    expect(findOffset(audio, RATE, { fromSample: 1000 })).toBe(4799);
    expect(findOffset(audio, RATE, { fromSample: 1000, pauseMs: 250 })).toBe(1799);
  });

  it('answers nothing where nobody speaks, though somebody does later', () => {
    expect(findOffset(burst(16_000, 9000, 800), RATE, { fromSample: 1000 })).toBeUndefined();
    expect(findOffset(silence(8000), RATE)).toBeUndefined();
  });

  it('ends with the audio, or at toSample, when the speech does not', () => {
    const audio = burst(8000, 1000, 7000);
    expect(findOffset(audio, RATE, { fromSample: 1000 })).toBe(7999);
    expect(findOffset(audio, RATE, { fromSample: 1000, toSample: 5000 })).toBe(4999);
  });

  it('is within a millisecond of an abrupt end in noise 25 dB below it, without bias', () => {
    const errors = Array.from({ length: 200 }, (_, seed) => {
      const length = 1500 + seed * 7;
      const audio = mix(noise({ ms: 1500, dbov: -45, seed: seed + 1 }), burst(12_000, 3000, length, -20));
      return findOffset(audio, RATE, { fromSample: 3000 })! - (3000 + length - 1);
    });
    expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(8);
    expect(Math.abs(mean(errors))).toBeLessThan(2);
  });

  it('mirrors findOnset: sound played backwards ends where it began', () => {
    const audio = mix(noise({ ms: 1000, dbov: -50, seed: 5 }), burst(8000, 3003, 2111, -25));
    const reversed = audio.slice().reverse();
    expect(findOffset(reversed, RATE, { fromSample: 3000 })).toBe(8000 - 1 - findOnset(audio, RATE)!);
  });
});

describe('the three rules', () => {
  /** Digital silence, then 200 ms of a square wave of exactly this level, for as long as told. */
  const square = (dbov: number, ms: number) => {
    const audio = silence(8000);
    const height = Math.round(32_768 * 10 ** (dbov / 20));
    put(
      audio,
      2011,
      Int16Array.from({ length: ms * 8 }, (_, i) => (i % 2 === 0 ? height : -height)),
    );
    return audio;
  };
  const fires = (audio: Int16Array, rule: VoiceRule, noiseFloorDbov?: number) =>
    findOnset(audio, RATE, { rule, ...(noiseFloorDbov !== undefined && { noiseFloorDbov }) });

  it.each<[VoiceRule, number]>([
    ['headline', -50],
    ['sensitive', -55],
    ['strict', -45],
  ])('%s hears what is louder than %i dBov and not what is softer', (rule, leastDbov) => {
    expect(fires(square(leastDbov + 0.5, 200), rule)).toBe(2011);
    expect(fires(square(leastDbov - 0.5, 200), rule)).toBeUndefined();
  });

  it.each<[VoiceRule, number]>([
    ['headline', 10],
    ['sensitive', 6],
    ['strict', 12],
  ])('%s hears what is %i dB above the noise and not what is less', (rule, overFloorDb) => {
    expect(fires(square(-40 + overFloorDb + 0.5, 200), rule, -40)).toBe(2011);
    expect(fires(square(-40 + overFloorDb - 0.5, 200), rule, -40)).toBeUndefined();
  });

  it.each<[VoiceRule, number]>([
    ['headline', 20],
    ['sensitive', 10],
    ['strict', 30],
  ])('%s hears what lasts %i ms and not what is 5 ms shorter', (rule, holdMs) => {
    expect(fires(square(-20, holdMs), rule)).toBe(2011);
    expect(fires(square(-20, holdMs - 5), rule)).toBeUndefined();
  });

  it.each<VoiceRule>(['headline', 'sensitive', 'strict'])(
    '%s takes neither comfort noise nor a click for an answer, but the word after them',
    (rule) => {
      const audio = silence(16_000);
      put(audio, 2000, noise({ ms: 700, dbov: -60, seed: 3 }));
      put(audio, 4000, new Int16Array(24).fill(30_000));
      expect(fires(audio, rule)).toBeUndefined();
      put(audio, 10_001, tone({ hz: 300, ms: 200, dbov: -25 }).map(Math.abs));
      const onset = fires(audio, rule)!;
      expect(onset).toBeGreaterThanOrEqual(10_001);
      expect(onset).toBeLessThan(10_001 + 8);
    },
  );

  it('spread around the headline on a sound that swells', () => {
    const audio = silence(16_000);
    for (let i = 4000; i < 12_000; i++)
      audio[i] = (i % 2 === 0 ? 1 : -1) * 32_768 * 10 ** ((-70 + (i - 4000) / 160) / 20);
    const [sensitive, headline, strict] = (['sensitive', 'headline', 'strict'] as const).map((rule) =>
      fires(audio, rule, -90),
    );
    // A decibel every 160 samples from -70 dBov: -55 is reached after 2400.
    expect(Math.abs(sensitive! - 6400)).toBeLessThan(20);
    expect(Math.abs(headline! - 7200)).toBeLessThan(20);
    expect(Math.abs(strict! - 8000)).toBeLessThan(20);
  });
});

describe('noiseFloorDbov', () => {
  it('is the level of the pauses', () => {
    const audio = noise({ ms: 2000, dbov: -50, seed: 9 });
    put(audio, 0, noise({ ms: 1700, dbov: -20, seed: 10 }));
    expect(Math.abs(noiseFloorDbov(audio, RATE) + 50)).toBeLessThan(1);
  });

  it('is no more than -40 dBov, so that a recording without a pause is not all background', () => {
    expect(noiseFloorDbov(noise({ ms: 1000, dbov: -20, seed: 10 }), RATE)).toBe(-40);
    expect(findOnset(noise({ ms: 1000, dbov: -20, seed: 10 }), RATE)).toBeLessThan(8);
    expect(findOnset(noise({ ms: 1000, dbov: -33, seed: 10 }), RATE)).toBeUndefined();
  });

  it('is -127 for digital silence and for less than 20 ms', () => {
    expect(noiseFloorDbov(silence(8000), RATE)).toBe(-127);
    expect(noiseFloorDbov(noise({ ms: 19, dbov: -20, seed: 1 }), RATE)).toBe(-127);
    expect(noiseFloorDbov(noise({ ms: 20, dbov: -60, seed: 1 }), RATE)).toBeGreaterThan(-62);
  });
});

describe('findSpeech', () => {
  it('finds nothing in silence and everything in a word', () => {
    expect(findSpeech(silence(8000), RATE)).toEqual([]);
    expect(findSpeech(burst(8000, 0, 8000), RATE)).toEqual([{ startSample: 0, endSample: 8000 }]);
  });

  it('keeps a sound that is exactly as long as the hold', () => {
    const audio = silence(8000);
    put(audio, 3000, new Int16Array(160).fill(2000));
    expect(findSpeech(audio, RATE)).toEqual([{ startSample: 3000, endSample: 3160 }]);
  });

  it('finds every burst where it was put, to the sample', () => {
    const bursts = fc.array(
      fc.record({ gap: fc.integer({ min: 2401, max: 6000 }), length: fc.integer({ min: 160, max: 4000 }) }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(bursts, (list) => {
        const truth: { startSample: number; endSample: number }[] = [];
        let at = 0;
        for (const { gap, length } of list) {
          truth.push({ startSample: at + gap, endSample: at + gap + length });
          at += gap + length;
        }
        const audio = silence(at + 2401);
        for (const { startSample, endSample } of truth)
          put(audio, startSample, new Int16Array(endSample - startSample).fill(-1500));
        expect(findSpeech(audio, RATE, { noiseFloorDbov: -127 })).toEqual(truth);
      }),
      { numRuns: 100 },
    );
  });

  it('finds bursts in noise within a millisecond', () => {
    const audio = mix(
      noise({ ms: 5000, dbov: -48, seed: 4 }),
      mix(burst(40_000, 7777, 6001), burst(40_000, 25_003, 4099)),
    );
    const found = findSpeech(audio, RATE);
    expect(found).toHaveLength(2);
    for (const [i, [start, end]] of [
      [7777, 13_778],
      [25_003, 29_102],
    ].entries()) {
      expect(Math.abs(found[i]!.startSample - start!)).toBeLessThanOrEqual(8);
      expect(Math.abs(found[i]!.endSample - end!)).toBeLessThanOrEqual(8);
    }
  });
});

function silence(samples: number): Int16Array {
  return new Int16Array(samples);
}

/** A noisy buzz without quiet moments, beginning and ending abruptly. */
function burst(total: number, at: number, length: number, dbov = -20): Int16Array {
  const audio = silence(total);
  const height = 32_768 * 10 ** (dbov / 20);
  for (let i = 0; i < length && at + i < total; i++) audio[at + i] = (i % 3 === 0 ? -1 : 1) * height;
  return audio;
}

function put(audio: Int16Array, at: number, sound: Int16Array): void {
  audio.set(sound, at);
}

function mix(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((x, i) => x + (b[i] ?? 0));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
