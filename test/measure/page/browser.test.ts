import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { decodeMulaw } from '../../../src/audio/g711.js';
import { decodeAdpcm, encodeAdpcm } from '../../../src/measure/page/browser/adpcm.js';
import { packLane } from '../../../src/measure/page/sound.js';
import { loud, quiet } from '../../helpers/call-records.js';

/** The page's own scripts are plain modules that no compiler has seen. */
function script(name: string) {
  return import(new URL(`../../../src/measure/page/browser/${name}.js`, import.meta.url).href);
}

describe('the sound of the page', () => {
  it('follows the codes of IMA ADPCM, the lower half of a byte first', () => {
    // Step 7: code 4 is 7. Then step 9: code 0 is its eighth, 1. Then step 8: code 15 is −(8 + 4 + 2 + 1).
    expect([...decodeAdpcm(Uint8Array.of(0x04, 0x0f), 3)]).toEqual([7, 8, -7]);
    expect([...decodeAdpcm(new Uint8Array(), 2)]).toEqual([0, 0]);
    expect([...encodeAdpcm(Int16Array.of(7, 8, -7))]).toEqual([0x04, 0x0f]);
    expect([...encodeAdpcm(new Int16Array(4))]).toEqual([0, 0]);
  });

  it('never leaves the range of a sample, whatever the codes are', () => {
    for (const code of [0x77, 0xff]) {
      const wild = decodeAdpcm(new Uint8Array(100).fill(code), 200);
      expect(Math.abs(wild.at(-1)!)).toBeGreaterThan(32_766);
    }
  });

  it('unpacks what was packed', async () => {
    const { unpackLane } = await script('sound');
    const lane = Uint8Array.from([...quiet(100), ...loud(300), ...quiet(53), 0x80]);
    const heard: Int16Array = await unpackLane((await packLane(lane)).toString('base64'), lane.length);
    expect([...heard]).toEqual([...decodeAdpcm(encodeAdpcm(decodeMulaw(lane)), lane.length)]);
  });

  it('is close to the recording and small where nobody speaks', async () => {
    const { unpackLane } = await script('sound');
    const { readCallerAudio } = await import('../../../src/audio/wav.js');
    const { encodeMulaw } = await import('../../../src/audio/g711.js');
    const speech = encodeMulaw(await readCallerAudio(new URL('../../../samples/caller.wav', import.meta.url).pathname));
    const heard: Int16Array = await unpackLane((await packLane(speech)).toString('base64'), speech.length);
    const exact = decodeMulaw(speech);
    const energy = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, each) => sum + each ** 2, 0);
    const error = exact.map((each, index) => each - heard[index]!);
    expect(10 * Math.log10(energy(exact) / energy(error))).toBeGreaterThan(20);
    expect((await packLane(quiet(300_000))).length).toBeLessThan(10_000);
  });

  it('makes a WAV in which a lane can be silent', async () => {
    const { wavOf } = await script('sound');
    const blob: Blob = wavOf([Int16Array.of(1, 2), Int16Array.of(3, 4)], [true, false]);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const wav = new wavefile.WaveFile(bytes);
    expect(wav.fmt).toMatchObject({ numChannels: 2, sampleRate: 8000, bitsPerSample: 16 });
    expect([...new Int16Array(bytes.buffer, 44)]).toEqual([1, 0, 2, 0]);
  });

  it('knows the lowest and the highest sample of any stretch', async () => {
    const { Peaks } = await script('sound');
    const samples = Int16Array.from({ length: 1000 }, (_, n) => (n === 500 ? -30_000 : n));
    const peaks = new Peaks(samples);
    expect(peaks.column(10, 12)).toEqual([10, 11]);
    expect(peaks.column(499, 502)).toEqual([-30_000, 501]);
    expect(peaks.column(0, 1000)).toEqual([-30_000, 999]);
    expect(peaks.column(2000, 2010)).toEqual([0, 0]);
  });
});

describe('the view of the page', () => {
  async function viewOf(durationMs: number) {
    const { View } = await script('view');
    return new View(durationMs);
  }

  it('zooms around a moment, which stays where it is', async () => {
    const view = await viewOf(10_000);
    view.zoom(0.5, 2000);
    expect([view.fromMs, view.toMs, view.shareOf(2000)]).toEqual([1000, 6000, 0.2]);
  });

  it('never shows what is not in the call, nor less than 20 ms', async () => {
    const view = await viewOf(10_000);
    view.zoom(0.0001, 5000);
    expect(view.spanMs).toBe(20);
    view.move(1e9);
    expect(view.toMs).toBe(10_000);
    view.zoom(1e9, 5000);
    expect([view.fromMs, view.toMs]).toEqual([0, 10_000]);
  });

  it('moves only when a moment is out of sight, and tells of it once', async () => {
    const view = await viewOf(10_000);
    let told = 0;
    view.onChange(() => told++);
    view.show(0, 1000);
    view.reveal(900);
    expect(told).toBe(1);
    view.reveal(5000);
    expect([told, view.fromMs, view.spanMs]).toEqual([2, 4800, 1000]);
  });
});

describe('the template of the page', () => {
  it('names no other file and no address but the one of the licence', async () => {
    const html = await readFile(new URL('../../../src/measure/page/browser/call.html', import.meta.url), 'utf8');
    expect(html.match(/\b(?:src|href|url)\s*=/g)).toBeNull();
    expect(html.match(/https?:\/\/[^\s]+/g)).toEqual(['https://github.com/leeoniya/uPlot']);
  });
});
