import { describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/g711.js';
import { rmsDbov } from '../../src/audio/level.js';
import { FILLER_TONE_MS, fillerTonePayload } from '../../src/call/filler-tone.js';

const samples = decodeMulaw(Buffer.from(fillerTonePayload(), 'base64'));

const dbov = (fromMs: number, toMs: number): number => rmsDbov(samples.subarray(fromMs * 8, toMs * 8));

describe('the filler tone', () => {
  it('is as long as it says', () => {
    expect(samples).toHaveLength(FILLER_TONE_MS * 8);
  });

  it('is two quiet tones', () => {
    expect(dbov(30, 90)).toBeCloseTo(-30, 0);
    expect(dbov(350, 410)).toBeCloseTo(-30, 0);
  });

  it('pauses between them and afterwards', () => {
    expect(samples.subarray(121 * 8, 319 * 8).every((value) => value === 0)).toBe(true);
    expect(samples.subarray(441 * 8).every((value) => value === 0)).toBe(true);
  });

  it('has no step that would be heard as a click, also from its end to its beginning', () => {
    const steps = Array.from(samples, (value, i) => Math.abs(value - samples.at(i - 1)!));
    // A sine of this level and frequency itself has steps of up to 2·32768·10^(-30/20)·√2·sin(π·440/8000) = 503.
    expect(Math.max(...steps)).toBeLessThan(560);
  });
});
