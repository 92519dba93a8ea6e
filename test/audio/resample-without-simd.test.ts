import { expect, it } from 'vitest';
import { rmsDbov } from '../../src/audio/level.js';
import { component, decibels, sine } from './spectrum.js';

// A test file has its own modules: here the resampler is loaded by a processor that says it has no SIMD instructions.
const webAssembly = (globalThis as unknown as { WebAssembly: { validate: (bytes: Uint8Array) => boolean } })
  .WebAssembly;
const validate = webAssembly.validate;
const asked: boolean[] = [];
webAssembly.validate = (bytes) => {
  asked.push(validate(bytes));
  return false;
};

it('resamples just as well where the processor has no SIMD instructions', async () => {
  const { createResampler } = await import('../../src/audio/resample.js');
  const up = await createResampler(8000, 24_000);
  expect(up.process(new Int16Array(160))).toHaveLength(480);
  expect(up.delayMs).toBe(5);
  const heard = up.process(sine(3400, 8000, 8000)).subarray(2400);
  expect(Math.abs(decibels(component(heard, 3400, 24_000).amplitude / 16_000))).toBeLessThan(0.05);
  const down = await createResampler(24_000, 8000);
  expect(rmsDbov(down.process(sine(4200, 24_000, 24_000)).subarray(800))).toBeLessThan(-80);
});

it('asks with a module that is valid on this processor, which has them', () => {
  expect(asked).toEqual([true]);
});
