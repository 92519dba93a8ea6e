import { afterEach, beforeAll, expect, it } from 'vitest';
import { L16_24K, PCMA_8K, PCMU_8K } from '../../../src/audio/format.js';
import { createResamplerSync, loadResampler, type Resampler } from '../../../src/audio/resample.js';
import { InputBuffer } from '../../../src/simulator/model/input.js';

const resamplers: Resampler[] = [];
beforeAll(loadResampler);
afterEach(() => {
  for (const resampler of resamplers.splice(0)) resampler.free();
});

function input(format = PCMU_8K): InputBuffer {
  const resampler = createResamplerSync(24_000, 8000);
  resamplers.push(resampler);
  return new InputBuffer(format, resampler);
}

const frame = (bytes: number, fill = 0): string => Buffer.alloc(bytes, fill).toString('base64');

it('decodes each format to 8 kHz', () => {
  expect([...input(PCMU_8K).append('AIA=')]).toEqual([-32_124, 32_124]);
  expect([...input(PCMA_8K).append('VdU=')]).toEqual([-8, 8]);
  expect(input(L16_24K).append(frame(960)).length).toBe(160);
});

it('counts the audio of a session in milliseconds and what a commit would take apart from it', () => {
  const buffer = input();
  buffer.append(frame(1600));
  expect([buffer.appendedMs, buffer.bufferedMs]).toEqual([200, 200]);
  expect(Buffer.concat(buffer.take()).length).toBe(1600);
  buffer.append(frame(80));
  expect([buffer.appendedMs, buffer.bufferedMs]).toEqual([210, 10]);
  buffer.clear();
  expect([buffer.appendedMs, buffer.bufferedMs]).toEqual([210, 0]);
});

it('takes only what reaches into the turn', () => {
  const buffer = input();
  for (const fill of [1, 2, 3]) buffer.append(frame(160, fill));
  expect(buffer.take(25).map((chunk) => chunk[0])).toEqual([2, 3]);
});

it('forgets silence that nobody will commit', () => {
  const buffer = input();
  for (let second = 0; second < 40; second++) {
    buffer.append(frame(8000));
    buffer.forget();
  }
  expect(buffer.appendedMs).toBe(40_000);
  expect(buffer.bufferedMs).toBe(31_000);
});

it.each(['x', '!!!!', 'AAA', 'AA==AA==', 'data:audio/wav;base64,AAAA'])('refuses %s, which is no base64', (audio) => {
  expect(() => input().append(audio)).toThrow(
    "Invalid 'audio'. Expected base64-encoded audio bytes (G.711 µ-law at 8kHz) but got an invalid value.",
  );
});

it('refuses half a sample of linear audio and takes whole ones', () => {
  expect(() => input(L16_24K).append(frame(3))).toThrow("Invalid 'audio'.");
  expect(input(L16_24K).append(frame(6)).length).toBe(1);
});

it('throws away what came in another format', () => {
  const buffer = input(L16_24K);
  buffer.append(frame(4800));
  buffer.setFormat(PCMU_8K);
  expect(buffer.bufferedMs).toBe(0);
  buffer.append(frame(160));
  expect(buffer.bufferedMs).toBe(20);
});
