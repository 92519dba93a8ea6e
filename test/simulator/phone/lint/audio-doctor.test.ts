import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../../../../src/audio/g711.js';
import { resampleWhole } from '../../../../src/audio/resample.js';
import { dtmf, noise, tone } from '../../../../src/audio/tone.js';
import { readCallerAudio, readWav } from '../../../../src/audio/wav.js';
import { AudioDoctor } from '../../../../src/simulator/phone/lint/audio-doctor.js';
import type { LintRule } from '../../../../src/simulator/phone/lint/rules.js';

const SAMPLES = new URL('../../../../samples/', import.meta.url).pathname;
/** Over before anybody could be sure. */
const TOO_SHORT = [
  ...['agent/go-ahead.wav', 'booking/goodbye.wav', 'coughs/cough.wav', 'coughs/cough-far.wav'],
  ...['right', 'right-far', 'okay', 'okay-far'].map((name) => `backchannels/${name}.wav`),
];
const voices = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wav'));

/** Everything the doctor says about audio that comes in messages of `messageBytes`, all at once or every `everyMs`. */
function lint(audio: Uint8Array, messageBytes = 320, everyMs = 0): LintRule[] {
  const said: LintRule[] = [];
  const doctor = new AudioDoctor((rule) => void said.push(rule));
  for (let from = 0; from < audio.length; from += messageBytes)
    doctor.hear(audio.subarray(from, from + messageBytes), (from / messageBytes) * everyMs);
  doctor.end();
  return said;
}

/** The same without what is said of the level: test signals have any. */
function codec(audio: Uint8Array, messageBytes?: number, everyMs?: number): LintRule[] {
  return lint(audio, messageBytes, everyMs).filter((rule) => !/quiet|loud|clipping/.test(rule));
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
    expect(codec(encodeMulaw(samples))).toEqual([]);
    expect(codec(encodeMulaw(samples), 161)).toEqual([]);
    expect(codec(linear(samples))).toEqual(['media/linear-pcm']);
    expect(codec(linear(samples, 'BE'))).toEqual(['media/linear-pcm']);
  });

  it.each([-6, -12, -20, -30, -40, -50, -60])('is told from µ-law in noise of %i dBov', (dbov) => {
    const samples = noise({ ms: 2000, dbov, rate: 8000, seed: 5 });
    expect(codec(encodeMulaw(samples))).toEqual([]);
    if (dbov < -6) expect(codec(linear(samples))).toEqual(['media/linear-pcm']);
  });

  it.each([20, 50, 60, 100, 300, 440, 1000, 1004, 4 / 0.003, 2000, 3400, 3999])(
    'is not seen in a tone of %f Hz, loud or soft',
    (hz) => {
      for (const dbov of [-4, -20, -45])
        expect(codec(encodeMulaw(tone({ hz, ms: 2000, dbov, rate: 8000 })))).toEqual([]);
    },
  );

  it.each([50, 440, 1000, 3400])('is seen in a linear tone of %i Hz', (hz) => {
    for (const dbov of [-9, -20, -45])
      expect(codec(linear(tone({ hz, ms: 2000, dbov, rate: 8000 })))).toEqual(['media/linear-pcm']);
  });

  it('is seen in linear silence with a flickering last bit', () => {
    expect(codec(linear(Int16Array.from({ length: 4000 }, (_, i) => ((i * 7919) % 3) - 1)))).toEqual([
      'media/linear-pcm',
    ]);
  });

  it('is not seen in µ-law silence of either sign, in digits, or in a telephone ringing', () => {
    expect(codec(new Uint8Array(8000).fill(0xff))).toEqual([]);
    expect(codec(new Uint8Array(8000).fill(0x7f))).toEqual([]);
    expect(codec(Uint8Array.from({ length: 8000 }, (_, i) => [0xff, 0x7f, 0x7e, 0xfe][i & 3]!))).toEqual([]);
    for (const digit of '0123456789*#') expect(codec(encodeMulaw(dtmf(digit, 1000, 8000)))).toEqual([]);
  });

  it('is not seen in clipped speech', async () => {
    const samples = await readCallerAudio(join(SAMPLES, 'caller.wav'));
    const clipped = samples.map((sample) => Math.max(-32_768, Math.min(32_767, sample * 12)));
    expect(codec(encodeMulaw(clipped))).toEqual([]);
  });

  it('is seen at 16 and 24 kHz too', async () => {
    const samples = decodeMulaw(encodeMulaw(await readCallerAudio(join(SAMPLES, 'agent/greeting.wav'))));
    for (const factor of [2, 3]) {
      const faster = Int16Array.from({ length: samples.length * factor }, (_, i) => samples[Math.floor(i / factor)]!);
      expect(codec(linear(faster), 960)).toEqual(['media/linear-pcm']);
    }
  });

  it('is never seen in random bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 6400, maxLength: 6400 }),
        fc.integer({ min: 1, max: 800 }),
        (bytes, size) => {
          expect(codec(bytes, size)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the header of a file', () => {
  const wav = readFileSync(join(SAMPLES, 'agent/greeting.wav'));

  it('is seen in the first message of a WAV', () => {
    expect(codec(wav.subarray(0, 320))).toEqual(['media/wav-header']);
  });

  it.each([
    ['a Sun file', '.snd\0\0\0\x18\0\0\0\x01'],
    ['an MP3 with a tag', 'ID3\x03\0\0\0\0\0\0\0\0'],
  ])('is seen in %s', (_, text) => {
    expect(codec(Buffer.from(text, 'latin1'))).toEqual(['media/wav-header']);
  });

  it('is not seen in bytes that only begin like one', () => {
    expect(codec(Buffer.from('RIFFxxxxAVI LIST'))).toEqual([]);
    expect(codec(Buffer.from('RIFF'))).toEqual([]);
    expect(codec(Buffer.from('ID3 und so weiter'))).toEqual([]);
  });

  it('is complained about once', () => {
    expect(codec(Buffer.concat([wav.subarray(0, 320), wav.subarray(0, 320)]))).toEqual(['media/wav-header']);
  });
});

describe('compressed audio', () => {
  const frame = (bytes: number, head: number[]): Buffer =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(bytes - head.length, 0x5a)]);
  // MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes. ADTS, 200 bytes.
  const mp3 = Buffer.concat(Array.from({ length: 8 }, () => frame(417, [0xff, 0xfb, 0x90, 0x00])));
  const aac = Buffer.concat(Array.from({ length: 8 }, () => frame(200, [0xff, 0xf1, 0x50, 0x80, 0x19, 0x1f, 0xfc])));

  it.each([
    ['MP3 without a tag', mp3],
    ['AAC', aac],
    ['Ogg', Buffer.concat([Buffer.from('OggS\0\x02\0\0\0\0\0\0'), Buffer.alloc(200, 0x5a)])],
    ['WebM', Buffer.from('1a45dfa39f4286810142f7810142f281', 'hex')],
  ])('is seen in %s, however it is cut', (_, bytes) => {
    for (const size of [160, 417, 3000]) expect(codec(bytes, size)).toEqual(['media/compressed']);
  });

  it('is not seen in silence, or in one byte pair that looks like a frame', () => {
    expect(codec(new Uint8Array(8000).fill(0xff))).toEqual([]);
    expect(codec(Buffer.concat([mp3.subarray(0, 417), Buffer.alloc(8000, 0xff)]))).toEqual([]);
  });
});

describe('A-law', () => {
  it.each(voices.filter((name) => !TOO_SHORT.includes(name)))('is seen in %s', async (name) => {
    const samples = await readCallerAudio(join(SAMPLES, name));
    expect(codec(encodeAlaw(samples))).toEqual(['media/alaw']);
    expect(codec(encodeAlaw(samples), 161)).toEqual(['media/alaw']);
  });

  it('is not seen in µ-law that was A-law before', async () => {
    const samples = await readCallerAudio(join(SAMPLES, 'caller.wav'));
    expect(codec(encodeMulaw(decodeAlaw(encodeAlaw(samples))))).toEqual([]);
  });
});

describe('swapped bytes', () => {
  it.each(voices.filter((name) => ![...TOO_SHORT, 'booking/thursday.wav'].includes(name)))(
    'are seen in %s',
    async (name) => {
      const mulaw = encodeMulaw(await readCallerAudio(join(SAMPLES, name)));
      const even = Buffer.from(mulaw.subarray(0, mulaw.length & ~1)).swap16();
      expect(codec(even)).toEqual(['media/byte-swap']);
      expect(codec(even.subarray(1))).toEqual(['media/byte-swap']);
    },
  );
});

describe('the wrong rate', () => {
  // Long enough for a median: the rule rather says nothing than something wrong.
  const agents = ['agent/days.wav', 'agent/directions.wav', 'agent/price.wav'];

  it.each(voices)('is not seen in %s, even when it is sent twice or three times as fast', async (name) => {
    const mulaw = encodeMulaw(await readCallerAudio(join(SAMPLES, name)));
    expect(codec(mulaw, 160, 20)).toEqual([]);
    expect(codec(mulaw, 160, 7)).toEqual([]);
  });

  it.each(agents)('is seen in %s at 24 kHz, however it is sent', async (name) => {
    const { samples, rate } = await readWav(join(SAMPLES, name));
    const mulaw = encodeMulaw(await resampleWhole(samples, rate, 24_000));
    expect(codec(mulaw)).toEqual(['media/wrong-rate']);
  });

  it.each(agents)('is seen in %s at 16 kHz, when it is sent in time', async (name) => {
    const mulaw = encodeMulaw((await readWav(join(SAMPLES, name))).samples);
    expect(codec(mulaw, 320, 20)).toEqual(['media/wrong-rate']);
    expect(codec(mulaw, 8000, 100)).toEqual([]);
  });

  it('is not seen in hum, or in a deep tone', () => {
    for (const hz of [50, 60])
      expect(codec(encodeMulaw(tone({ hz, ms: 8000, dbov: -20, rate: 8000 })), 320, 20)).toEqual([]);
  });
});

describe('zeros for silence', () => {
  it('are seen between words, and alone', async () => {
    const speech = encodeMulaw(await readCallerAudio(join(SAMPLES, 'agent/price.wav')));
    expect(lint(Buffer.concat([speech, Buffer.alloc(1600)]))).toEqual(['media/zero-silence']);
    expect(lint(Buffer.concat([Buffer.alloc(24_000), speech]))).toEqual(['media/zero-silence']);
    expect(lint(new Uint8Array(8000))).toEqual(['media/zero-silence']);
  });

  it('are not seen in true silence, or in a loud tone', () => {
    expect(lint(new Uint8Array(80_000).fill(0xff))).toEqual([]);
    expect(codec(encodeMulaw(tone({ hz: 50, ms: 2000, dbov: -4, rate: 8000 })))).toEqual([]);
  });
});

describe('the level', () => {
  const louder = async (dB: number): Promise<Uint8Array> => {
    const samples = await readCallerAudio(join(SAMPLES, 'agent/directions.wav'));
    const factor = 10 ** (dB / 20);
    return encodeMulaw(samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * factor)))));
  };

  it.each([
    [-25, ['media/too-quiet']],
    [-12, []],
    [0, []],
    [6, []],
    [20, ['media/clipping']],
  ])('of speech at telephone level made louder by %i dB gives %j', async (dB, rules) => {
    expect(lint(await louder(dB))).toEqual(rules);
  });

  it('of a loud sound that is not clipped is a finding of its own', () => {
    expect(lint(encodeMulaw(noise({ ms: 4000, dbov: -9, rate: 8000, seed: 3 })))).toEqual(['media/too-loud']);
  });
});
