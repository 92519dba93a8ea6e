import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/g711.js';
import { dtmf, noise, tone } from '../../../src/audio/tone.js';
import { readCallerAudio } from '../../../src/audio/wav.js';
import { PayloadLint, type PayloadRule } from '../../../src/simulator/phone/payload-lint.js';

const SAMPLES = new URL('../../../samples/', import.meta.url).pathname;
const voices = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wav'));

/** Everything the lint says about audio that comes in messages of `messageBytes`. */
function lint(audio: Uint8Array, messageBytes = 320): PayloadRule[] {
  const payloads = new PayloadLint();
  const said: PayloadRule[] = [];
  for (let from = 0; from < audio.length; from += messageBytes) {
    const rule = payloads.check(audio.subarray(from, from + messageBytes));
    if (rule) said.push(rule);
  }
  return said;
}

function linear(samples: Int16Array, order: 'LE' | 'BE' = 'LE'): Uint8Array {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [i, sample] of samples.entries())
    if (order === 'LE') bytes.writeInt16LE(sample, 2 * i);
    else bytes.writeInt16BE(sample, 2 * i);
  return bytes;
}

describe('linear PCM', () => {
  it.each(voices)('is told from µ-law in %s', async (name) => {
    const samples = await readCallerAudio(join(SAMPLES, name));
    expect(lint(encodeMulaw(samples))).toEqual([]);
    expect(lint(encodeMulaw(samples), 161)).toEqual([]);
    expect(lint(linear(samples))).toEqual(['media/linear-pcm']);
    expect(lint(linear(samples, 'BE'))).toEqual(['media/linear-pcm']);
  });

  it.each([-6, -12, -20, -30, -40, -50, -60])('is told from µ-law in noise of %i dBov', (dbov) => {
    const samples = noise({ ms: 2000, dbov, rate: 8000, seed: 5 });
    expect(lint(encodeMulaw(samples))).toEqual([]);
    if (dbov < -6) expect(lint(linear(samples))).toEqual(['media/linear-pcm']);
  });

  it.each([20, 50, 60, 100, 300, 440, 1000, 1004, 4 / 0.003, 2000, 3400, 3999])(
    'is not seen in a tone of %f Hz, loud or soft',
    (hz) => {
      for (const dbov of [-4, -20, -45])
        expect(lint(encodeMulaw(tone({ hz, ms: 2000, dbov, rate: 8000 })))).toEqual([]);
    },
  );

  it.each([50, 440, 1000, 3400])('is seen in a linear tone of %i Hz', (hz) => {
    for (const dbov of [-9, -20, -45])
      expect(lint(linear(tone({ hz, ms: 2000, dbov, rate: 8000 })))).toEqual(['media/linear-pcm']);
  });

  it('is seen in linear silence, with and without a flickering last bit', () => {
    expect(lint(new Uint8Array(8000))).toEqual(['media/linear-pcm']);
    expect(lint(linear(Int16Array.from({ length: 4000 }, (_, i) => ((i * 7919) % 3) - 1)))).toEqual([
      'media/linear-pcm',
    ]);
  });

  it('is not seen in µ-law silence of either sign, in digits, or in a telephone ringing', () => {
    expect(lint(new Uint8Array(8000).fill(0xff))).toEqual([]);
    expect(lint(new Uint8Array(8000).fill(0x7f))).toEqual([]);
    expect(lint(Uint8Array.from({ length: 8000 }, (_, i) => [0xff, 0x7f, 0x7e, 0xfe][i & 3]!))).toEqual([]);
    for (const digit of '0123456789*#') expect(lint(encodeMulaw(dtmf(digit, 1000, 8000)))).toEqual([]);
  });

  it('is not seen in clipped speech', async () => {
    const samples = await readCallerAudio(join(SAMPLES, 'caller.wav'));
    const clipped = samples.map((sample) => Math.max(-32_768, Math.min(32_767, sample * 12)));
    expect(lint(encodeMulaw(clipped))).toEqual([]);
  });

  it('is seen at 16 and 24 kHz too', async () => {
    const samples = decodeMulaw(encodeMulaw(await readCallerAudio(join(SAMPLES, 'agent/greeting.wav'))));
    for (const factor of [2, 3]) {
      const faster = Int16Array.from({ length: samples.length * factor }, (_, i) => samples[Math.floor(i / factor)]!);
      expect(lint(linear(faster), 960)).toEqual(['media/linear-pcm']);
    }
  });

  it('is never seen in random bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 6400, maxLength: 6400 }),
        fc.integer({ min: 1, max: 800 }),
        (bytes, size) => {
          expect(lint(bytes, size)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the header of a file', () => {
  const wav = readFileSync(join(SAMPLES, 'agent/greeting.wav'));

  it('is seen in the first message of a WAV', () => {
    expect(lint(wav.subarray(0, 320))).toEqual(['media/wav-header']);
  });

  it.each([
    ['a Sun file', '.snd\0\0\0\x18\0\0\0\x01'],
    ['an MP3 with a tag', 'ID3\x03\0\0\0\0\0\0\0\0'],
  ])('is seen in %s', (_, text) => {
    expect(lint(Buffer.from(text, 'latin1'))).toEqual(['media/wav-header']);
  });

  it('is not seen in bytes that only begin like one', () => {
    expect(lint(Buffer.from('RIFFxxxxAVI LIST'))).toEqual([]);
    expect(lint(Buffer.from('RIFF'))).toEqual([]);
    expect(lint(Buffer.from('ID3 und so weiter'))).toEqual([]);
  });

  it('is complained about once', () => {
    const payloads = new PayloadLint();
    expect([payloads.check(wav.subarray(0, 320)), payloads.check(wav.subarray(0, 320))]).toEqual([
      'media/wav-header',
      undefined,
    ]);
  });
});
