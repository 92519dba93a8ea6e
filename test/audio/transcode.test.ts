import { describe, expect, it } from 'vitest';
import { type AudioFormat, L16_8K, L16_24K, PCMA_8K, PCMU_8K } from '../../src/audio/format.js';
import { decodeMulaw, encodeMulaw } from '../../src/audio/g711.js';
import { decodeL16, encodeL16 } from '../../src/audio/l16.js';
import { createTranscoder } from '../../src/audio/transcode.js';
import { component, sine } from './spectrum.js';

describe('the identity', () => {
  it.each([PCMU_8K, L16_24K])('returns a payload untouched, even one no decoder would give back', async (format) => {
    const transcoder = await createTranscoder(format, { ...format });
    expect(transcoder.identity).toBe(true);
    // Padding bits that are not zero, no padding at all, a URL alphabet, no base64: only a pass-through keeps these.
    for (const payload of ['/x==', 'fw', '__8-', ' f38=\n', 'not base64!']) {
      expect(transcoder.base64(payload)).toBe(payload);
      expect(Buffer.from(payload, 'base64').toString('base64')).not.toBe(payload);
    }
  });

  it('returns the same array, with nothing left to flush', async () => {
    const transcoder = await createTranscoder(PCMU_8K, PCMU_8K);
    const chunk = Uint8Array.of(1, 2, 3);
    expect(transcoder.bytes(chunk)).toBe(chunk);
    expect(transcoder.flush()).toHaveLength(0);
    expect(transcoder.delayMs).toBe(0);
    transcoder.free();
    expect(transcoder.bytes(chunk)).toBe(chunk);
  });
});

describe('a conversion', () => {
  it('is no identity', async () => {
    const transcoder = await createTranscoder(PCMU_8K, PCMA_8K);
    expect(transcoder.identity).toBe(false);
    expect(transcoder.base64('/x==')).toBe('1Q==');
  });

  it('turns µ-law into little-endian samples without a delay when the rate stays', async () => {
    const transcoder = await createTranscoder(PCMU_8K, L16_8K);
    expect([...transcoder.bytes(Uint8Array.of(0xff, 0x80, 0x00))]).toEqual([0x00, 0x00, 0x7c, 0x7d, 0x84, 0x82]);
    expect(transcoder.delayMs).toBe(0);
  });

  it('turns 20 ms of µ-law into 20 ms of 24 kHz and back', async () => {
    const up = await createTranscoder(PCMU_8K, L16_24K);
    const down = await createTranscoder(L16_24K, PCMU_8K);
    const voice = encodeMulaw(sine(1000, 8000, 8000));
    const back: number[] = [];
    for (let at = 0; at < voice.length; at += 160) {
      const wide = up.base64(Buffer.from(voice.subarray(at, at + 160)).toString('base64'));
      expect(Buffer.from(wide, 'base64')).toHaveLength(960);
      back.push(...Buffer.from(down.base64(wide), 'base64'));
    }
    expect(back).toHaveLength(8000);
    const heard = decodeMulaw(Uint8Array.from(back)).subarray(800);
    expect(component(heard, 1000, 8000).amplitude / 16_000).toBeCloseTo(1, 2);
    up.free();
    down.free();
  });

  it('joins a sample that two chunks share', async () => {
    const whole = await createTranscoder(L16_24K, PCMU_8K);
    const split = await createTranscoder(L16_24K, PCMU_8K);
    const bytes = encodeL16(sine(700, 24_000, 2400));
    const cuts = [0, 961, 962, 2883, bytes.length];
    const parts = cuts.slice(1).map((end, i) => split.bytes(bytes.subarray(cuts[i], end)));
    expect(Buffer.concat(parts).equals(Buffer.from(whole.bytes(bytes)))).toBe(true);
  });

  it('flushes what the filter held back and begins a new stream', async () => {
    const transcoder = await createTranscoder(L16_24K, PCMU_8K);
    const chunk = encodeL16(sine(700, 24_000, 480));
    const first = [transcoder.bytes(chunk), transcoder.flush()];
    expect(first.map((bytes) => bytes.length)).toEqual([160, 40]);
    expect([transcoder.bytes(chunk), transcoder.flush()]).toEqual(first);
    transcoder.bytes(Uint8Array.of(1));
    transcoder.flush();
    expect(transcoder.bytes(chunk)).toEqual(first[0]);
  });

  it.each<[AudioFormat, AudioFormat, number]>([
    [PCMU_8K, L16_24K, 960],
    [PCMA_8K, { encoding: 'L16', rate: 16_000 }, 640],
    [PCMU_8K, { encoding: 'L16', rate: 48_000 }, 1920],
    [PCMA_8K, PCMU_8K, 160],
  ])('makes digital silence of silence', async (from, to, bytes) => {
    const transcoder = await createTranscoder(from, to);
    const silence = new Uint8Array(160).fill(from.encoding === 'PCMU' ? 0xff : 0xd5);
    const out = transcoder.bytes(silence);
    expect(out).toHaveLength(bytes);
    const loudest = to.encoding === 'PCMU' ? decodeMulaw(out) : decodeL16(out);
    expect(Math.max(...loudest.map(Math.abs))).toBeLessThan(10);
  });
});
