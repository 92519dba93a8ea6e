import { describe, expect, it } from 'vitest';
import { peakDbov, rmsDbov } from '../../src/audio/level.js';
import { dtmf, noise, tone } from '../../src/audio/tone.js';
import { component, decibels } from './spectrum.js';

describe('tone', () => {
  it('has the frequency, the level and the length it is asked for', () => {
    const samples = tone({ hz: 1000, ms: 250, dbov: -20 });
    expect(samples).toHaveLength(2000);
    expect(rmsDbov(samples)).toBeCloseTo(-20, 2);
    expect(component(samples, 1000, 8000).amplitude).toBeCloseTo(32_768 * 0.1 * Math.SQRT2, 0);
    expect(component(samples, 1200, 8000).amplitude).toBeLessThan(2);
  });

  it('follows the rate', () => {
    const samples = tone({ hz: 1000, ms: 100, dbov: -12, rate: 24_000 });
    expect(samples).toHaveLength(2400);
    expect([...samples.subarray(0, 25)].findLastIndex((sample) => sample > 0)).toBe(24 - 13);
    expect(component(samples, 1000, 24_000).phase).toBeCloseTo(0, 3);
  });

  it('reaches full scale at -3.01 dBov and refuses more', () => {
    expect(peakDbov(tone({ hz: 1000, ms: 20, dbov: -3.01 }))).toBeGreaterThan(-0.01);
    expect(() => tone({ hz: 1000, ms: 20, dbov: -2.9 })).toThrow('a tone of -2.9 dBov does not fit into 16 bits');
  });

  it('refuses a frequency the rate cannot carry', () => {
    expect(() => tone({ hz: 4000, ms: 20, dbov: -20 })).toThrow('4000 Hz cannot be carried at 8000 samples a second');
    expect(() => tone({ hz: 0, ms: 20, dbov: -20 })).toThrow('0 Hz cannot be carried');
  });
});

describe('noise', () => {
  it('has the level it is asked for and a peak 4.8 dB above', () => {
    const samples = noise({ ms: 4000, dbov: -30, seed: 1 });
    expect(samples).toHaveLength(32_000);
    expect(rmsDbov(samples)).toBeCloseTo(-30, 0);
    expect(peakDbov(samples)).toBeCloseTo(-30 + 4.77, 1);
  });

  it('stays at -66 dBov although that is only a few steps of a sample', () => {
    expect(rmsDbov(noise({ ms: 4000, dbov: -66, seed: 3 }))).toBeCloseTo(-66, 0);
  });

  it('is the same for the same seed and another for another', () => {
    const first = noise({ ms: 20, dbov: -30, seed: 7 });
    expect(noise({ ms: 20, dbov: -30, seed: 7 })).toEqual(first);
    expect(noise({ ms: 20, dbov: -30, seed: 8 })).not.toEqual(first);
  });

  it('is white: neighbouring samples know nothing of each other', () => {
    const samples = noise({ ms: 4000, dbov: -20, seed: 5 });
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0);
    const shared = samples.reduce((sum, sample, i) => sum + sample * (samples[i + 1] ?? 0), 0);
    expect(Math.abs(shared / power)).toBeLessThan(0.02);
  });
});

describe('dtmf', () => {
  it.each([
    ['1', 697, 1209],
    ['5', 770, 1336],
    ['9', 852, 1477],
    ['0', 941, 1336],
    ['*', 941, 1209],
    ['#', 941, 1477],
    ['D', 941, 1633],
  ])('makes %s of %i and %i Hz at equal level', (digit, low, high) => {
    const samples = dtmf(digit, 500);
    expect(samples).toHaveLength(4000);
    expect(rmsDbov(samples)).toBeCloseTo(-10, 1);
    const [row, column] = [low, high].map((hz) => component(samples, hz, 8000).amplitude) as [number, number];
    expect(Math.abs(decibels(row / column))).toBeLessThan(0.1);
    expect(row).toBeGreaterThan(10_000);
  });

  it('refuses what is no key', () => {
    for (const digit of ['x', '', '12', 'a'])
      expect(() => dtmf(digit, 100)).toThrow(`no telephone has a key "${digit}"`);
  });
});
