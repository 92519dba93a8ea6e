import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { rmsDbov } from '../../src/audio/level.js';
import { createResampler, createResamplerSync, loadResampler, resampleWhole } from '../../src/audio/resample.js';
import { component, decibels, sine } from './spectrum.js';

const PHONE_PAIRS = [8000, 16_000, 24_000, 48_000].flatMap((from) =>
  [8000, 16_000, 24_000, 48_000].filter((to) => to !== from).map((to) => [from, to] as const),
);

async function stream(from: number, to: number, chunks: readonly Int16Array[]): Promise<Int16Array[]> {
  const resampler = await createResampler(from, to);
  const out = chunks.map((chunk) => resampler.process(chunk));
  resampler.free();
  return out;
}

function concat(chunks: readonly Int16Array[]): Int16Array {
  return Int16Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function cut(samples: Int16Array, sizes: readonly number[]): Int16Array[] {
  const chunks: Int16Array[] = [];
  let at = 0;
  for (let i = 0; at < samples.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(samples.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('a streaming resampler', () => {
  beforeAll(loadResampler);

  it.each(PHONE_PAIRS)('turns each 20 ms of %i Hz into exactly 20 ms of %i Hz', async (from, to) => {
    const out = await stream(from, to, cut(sine(440, from, from / 5), [from / 50]));
    expect(out.map((chunk) => chunk.length)).toEqual(Array(10).fill(to / 50));
  });

  it.each(PHONE_PAIRS)('gives bit for bit the same in chunks as in one piece, %i to %i Hz', async (from, to) => {
    const samples = sine(997, from, from / 2, 30_000);
    const whole = concat(await stream(from, to, [samples]));
    const frames = concat(await stream(from, to, cut(samples, [from / 50])));
    const odd = concat(await stream(from, to, cut(samples, [1, 7, 160, 2, 4097])));
    expect(Buffer.from(frames.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
    expect(Buffer.from(odd.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
  });

  it('gives something else when the filter forgets between chunks', async () => {
    const samples = sine(997, 8000, 1600);
    const forgetful = await Promise.all(cut(samples, [160]).map((chunk) => stream(8000, 24_000, [chunk])));
    expect(concat(forgetful.flat())).not.toEqual(concat(await stream(8000, 24_000, [samples])));
  });

  it('has returned ceil(consumed * to / from) samples at any time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PHONE_PAIRS, [44_100, 8000] as const, [11_025, 8000] as const),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }),
        async ([from, to], sizes) => {
          const resampler = await createResampler(from, to);
          let consumed = 0;
          let returned = 0;
          for (const size of sizes) {
            consumed += size;
            returned += resampler.process(new Int16Array(size)).length;
            expect(returned).toBe(Math.ceil((consumed * to) / from));
          }
          resampler.free();
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each(PHONE_PAIRS)('passes 300, 1000 and 3400 Hz within 0.05 dB, %i to %i Hz', async (from, to) => {
    for (const hz of [300, 1000, 3400]) {
      const out = concat(await stream(from, to, [sine(hz, from, from)])).subarray(to / 10);
      expect(Math.abs(decibels(component(out, hz, to).amplitude / 16_000))).toBeLessThan(0.05);
    }
  });

  it.each([16_000, 24_000, 48_000])(
    'lets nothing above -80 dBov of a 4.2 kHz tone through from %i to 8000 Hz',
    async (from) => {
      const out = concat(await stream(from, 8000, [sine(4200, from, from, 32_000)]));
      expect(rmsDbov(out.subarray(800))).toBeLessThan(-80);
      // The tone is there before: what the check finds in audio that was decimated without a filter.
      const aliased = sine(4200, from, from, 32_000).filter((_, i) => i % (from / 8000) === 0);
      expect(rmsDbov(aliased)).toBeGreaterThan(-4);
    },
  );

  it('adds no image above 4 kHz when it goes up', async () => {
    const out = concat(await stream(8000, 24_000, [sine(3000, 8000, 8000)])).subarray(2400);
    expect(component(out, 3000, 24_000).amplitude).toBeCloseTo(16_000, -1);
    expect(decibels(component(out, 5000, 24_000).amplitude / 16_000)).toBeLessThan(-80);
  });

  it('reports the delay its output really has', async () => {
    const resampler = await createResampler(8000, 24_000);
    expect(resampler.delayMs).toBe(5);
    const click = new Int16Array(800);
    click[400] = 20_000;
    const out = resampler.process(click);
    const peak = out.indexOf(Math.max(...out));
    expect((peak * 1000) / 24_000).toBe((400 * 1000) / 8000 + 5);
    resampler.free();
  });

  it('hands out at the end what its delay held back, then begins anew', async () => {
    const resampler = await createResampler(24_000, 8000);
    const click = new Int16Array(480);
    click[476] = 20_000;
    const first = [resampler.process(click), resampler.flush()];
    expect(first.map((chunk) => chunk.length)).toEqual([160, 40]);
    expect(Math.max(...first[0]!)).toBeLessThan(500);
    expect(Math.max(...first[1]!)).toBeGreaterThan(5000);
    expect([resampler.process(click), resampler.flush()]).toEqual(first);
    resampler.free();
  });

  it('hands the very same samples through when the rates are equal', async () => {
    const resampler = await createResampler(8000, 8000);
    const samples = Int16Array.of(1, 2, 3);
    expect(resampler.process(samples)).toBe(samples);
    expect(resampler.flush()).toHaveLength(0);
    expect(resampler.delayMs).toBe(0);
  });

  it('keeps two streams apart', () => {
    const a = createResamplerSync(8000, 24_000);
    const b = createResamplerSync(8000, 24_000);
    a.process(sine(440, 8000, 160));
    expect(b.process(new Int16Array(160)).every((sample) => sample === 0)).toBe(true);
    a.free();
    b.free();
  });

  it('refuses to work after it was freed, and may be freed twice', async () => {
    const resampler = await createResampler(8000, 16_000);
    resampler.free();
    resampler.free();
    expect(() => resampler.process(new Int16Array(1))).toThrow('this resampler was freed');
  });

  it('refuses a rate no audio has', async () => {
    await expect(createResampler(0, 8000)).rejects.toThrow('0 Hz is not a sample rate between 1000 and 768000');
    await expect(createResampler(8000, 22_050.5)).rejects.toThrow('22050.5 Hz is not a sample rate');
  });

  it('gives its memory back: ten thousand resamplers need no more of it than one', async () => {
    for (let i = 0; i < 10_000; i++) createResamplerSync(44_100, 8000).free();
    const last = await createResampler(44_100, 8000);
    expect(last.process(new Int16Array(441))).toHaveLength(80);
    last.free();
  });
});

describe('resampleWhole', () => {
  it.each([
    [44_100, 8000],
    [11_025, 8000],
    [22_050, 8000],
    [48_000, 8000],
    [8000, 24_000],
    [8000, 44_100],
    [96_000, 8000],
  ])('keeps sounds where they are, %i to %i Hz', async (from, to) => {
    const seconds = 0.8;
    const out = await resampleWhole(sine(500, from, from * seconds), from, to);
    expect(out).toHaveLength(to * seconds);
    // A shift of 10 µs would be a phase of 0.03.
    const { amplitude, phase } = component(out, 500, to);
    expect(Math.abs(decibels(amplitude / 16_000))).toBeLessThan(0.05);
    expect(Math.abs(phase)).toBeLessThan(0.03);
  });

  it('keeps the end of the recording', async () => {
    const samples = new Int16Array(4410);
    samples.fill(10_000, 4300);
    const out = await resampleWhole(samples, 44_100, 8000);
    expect(out).toHaveLength(800);
    expect(out[790]).toBeGreaterThan(9000);
    expect(Math.abs(out[770]!)).toBeLessThan(500);
  });

  it('gives round(n * to / from) samples for any length', async () => {
    const rates = fc.constantFrom(8000, 11_025, 16_000, 22_050, 44_100, 48_000);
    await fc.assert(
      fc.asyncProperty(rates, rates, fc.integer({ min: 0, max: 9000 }), async (from, to, count) => {
        expect(await resampleWhole(new Int16Array(count), from, to)).toHaveLength(Math.round((count * to) / from));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a rate no audio has', async () => {
    await expect(resampleWhole(new Int16Array(8), 1, 8000)).rejects.toThrow('1 Hz is not a sample rate');
  });
});
