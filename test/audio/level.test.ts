import { describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/g711.js';
import { dbovToRms, levelOfMulaw, peakDbov, rmsDbov } from '../../src/audio/level.js';

const sine = (amplitude: number): Int16Array =>
  Int16Array.from({ length: 800 }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * i) / 8)));

describe('rmsDbov', () => {
  it('is 0 for a square wave at full scale and half of it is -6.02', () => {
    expect(rmsDbov(Int16Array.of(-32_768, -32_768))).toBe(0);
    expect(rmsDbov(Int16Array.of(16_384, -16_384))).toBeCloseTo(-6.0206, 4);
  });

  it('is -3.01 for a sine at full scale', () => {
    expect(rmsDbov(sine(32_767))).toBeCloseTo(-3.01, 2);
  });

  it('is -127 for digital silence and for nothing', () => {
    expect(rmsDbov(new Int16Array(160))).toBe(-127);
    expect(rmsDbov(new Int16Array(0))).toBe(-127);
  });

  it('never falls below -127', () => {
    const oneStep = new Int16Array(1_000_000);
    oneStep[0] = 1;
    expect(rmsDbov(oneStep)).toBe(-127);
  });
});

describe('peakDbov', () => {
  it('is the level of the loudest sample, whatever its sign', () => {
    expect(peakDbov(Int16Array.of(1, -16_384, 100))).toBeCloseTo(-6.0206, 4);
    expect(peakDbov(Int16Array.of(-32_768))).toBe(0);
  });

  it('is -127 for digital silence', () => {
    expect(peakDbov(new Int16Array(3))).toBe(-127);
  });
});

describe('levelOfMulaw', () => {
  it('is the level of the decoded samples', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, code) => code);
    expect(levelOfMulaw(bytes)).toBeCloseTo(rmsDbov(decodeMulaw(bytes)), 9);
  });

  it('is -0.17 for the loudest square wave and -127 for both codes of zero', () => {
    expect(levelOfMulaw(Uint8Array.of(0x80, 0x00))).toBeCloseTo(-0.1725, 3);
    expect(levelOfMulaw(Uint8Array.of(0xff, 0x7f))).toBe(-127);
  });
});

it('dbovToRms is the inverse of the level', () => {
  expect(dbovToRms(0)).toBe(32_768);
  expect(dbovToRms(-20)).toBeCloseTo(3276.8, 6);
});
