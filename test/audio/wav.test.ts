import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeL16 } from '../../src/audio/l16.js';
import { MAX_WAV_BYTES, parseWav, readCallerAudio, readWav } from '../../src/audio/wav.js';
import { VoicebridgeError } from '../../src/errors.js';
import { sine } from './spectrum.js';
import { bytes, chunk, extensible, type FormatFields, formatChunk, riff, wav } from './wav-bytes.js';

const FOUR_SAMPLES = bytes('0100 ff7f 0080 feff');

/** Why `file` is refused; fails when it is read, or refused in any other way. */
function refusal(file: Uint8Array): string {
  try {
    parseWav(file, 'a.wav');
  } catch (error) {
    expect(error).toBeInstanceOf(VoicebridgeError);
    const { code, message } = error as VoicebridgeError;
    expect(code).toBe('wav-unreadable');
    expect(message).toMatch(/^a\.wav is not audio voicebridge can read: /);
    return message.slice('a.wav is not audio voicebridge can read: '.length);
  }
  throw new Error('the file was read');
}

describe('parseWav', () => {
  it('reads a file written out byte by byte', () => {
    const file = bytes(
      // RIFF, 44 bytes follow, WAVE, fmt of 16 bytes: PCM, 2 channels, 8000 Hz, 32000 bytes/s, 4 a frame, 16 bits
      `52494646 2c000000 57415645 666d7420 10000000 0100 0200 401f0000 007d0000 0400 1000
       64617461 08000000 0100 0300 00f0 0010`.replaceAll('\n', ''),
    );
    expect(parseWav(file, 'a.wav')).toEqual({
      rate: 8000,
      channels: [Int16Array.of(1, -4096), Int16Array.of(3, 4096)],
      samples: Int16Array.of(2, 0),
      durationMs: 0.25,
      warnings: [],
    });
  });

  it.each<[string, FormatFields, string, number[]]>([
    ['8-bit PCM, which is unsigned', { bits: 8 }, '00 80 81 ff', [-32_768, 0, 256, 32_512]],
    ['16-bit PCM', { bits: 16 }, '0100 ff7f 0080 feff', [1, 32_767, -32_768, -2]],
    ['24-bit PCM', { bits: 24 }, '000100 ffff7f 000080 80feff', [1, 32_767, -32_768, -1]],
    ['32-bit PCM', { bits: 32 }, '00000100 ffffff7f 00000080 0000feff', [1, 32_767, -32_768, -2]],
    ['12-bit PCM, left-justified in 16', { bits: 12 }, '1000 f07f 0080', [16, 32_752, -32_768]],
    ['20-bit PCM, left-justified in 24', { bits: 20 }, '000100 f0ff7f 000080', [1, 32_767, -32_768]],
    ['32-bit float', { tag: 3, bits: 32 }, '00000000 0000003f 000080bf 0000803f', [0, 16_384, -32_768, 32_767]],
    ['64-bit float', { tag: 3, bits: 64 }, '000000000000e03f 000000000000f0bf', [16_384, -32_768]],
    ['A-law', { tag: 6, bits: 8 }, 'd5 55 aa 2a', [8, -8, 32_256, -32_256]],
    ['µ-law', { tag: 7, bits: 8 }, 'ff 80 00', [0, 32_124, -32_124]],
  ])('reads %s, plain and extensible', (_, fields, hex, expected) => {
    const audio = bytes(hex);
    expect([...parseWav(wav(fields, audio), 'a.wav').samples]).toEqual(expected);
    const wrapped = { ...fields, tag: 0xfffe, extension: extensible(fields.tag ?? 1, fields.bits!) };
    expect([...parseWav(wav(wrapped, audio), 'a.wav').samples]).toEqual(expected);
  });

  it.each<[string, FormatFields, string, number[]]>([
    ['16-bit', { bits: 16 }, '0001 7fff 8000 fffe', [1, 32_767, -32_768, -2]],
    ['24-bit', { bits: 24 }, '000100 7fffff 800000', [1, 32_767, -32_768]],
    ['float', { tag: 3, bits: 32 }, '3f000000 bf800000', [16_384, -32_768]],
    ['µ-law', { tag: 7, bits: 8 }, 'ff 80 00', [0, 32_124, -32_124]],
  ])('reads big-endian %s in RIFX', (_, fields, hex, expected) => {
    expect([...parseWav(wav({ ...fields, bigEndian: true }, bytes(hex)), 'a.wav').samples]).toEqual(expected);
  });

  it('reads both ways in which an extensible RIFX is written', () => {
    const head = '0016 0010 00000000';
    for (const guid of ['00000001 0000 0010 800000aa00389b71', '0001 0000 0000 1000 800000aa00389b71']) {
      const fields = { tag: 0xfffe, bigEndian: true, extension: bytes(head + guid) };
      expect([...parseWav(wav(fields, bytes('0102')), 'a.wav').samples]).toEqual([0x0102]);
    }
  });

  it('mixes any number of channels to their mean, without clipping', () => {
    const loud = parseWav(wav({ channels: 3 }, bytes('ff7f ff7f ff7f 0080 0080 0080 0300 0100 0000')), 'a.wav');
    expect([...loud.samples]).toEqual([32_767, -32_768, 1]);
    expect(loud.channels.map((channel) => channel[2])).toEqual([3, 1, 0]);
  });

  it('hands out the only channel as the mix, uncopied', () => {
    const mono = parseWav(wav({}, FOUR_SAMPLES), 'a.wav');
    expect(mono.samples).toBe(mono.channels[0]);
  });

  it('clips floats above full scale, counts them, and silences what is no number', () => {
    const { samples, warnings } = parseWav(
      wav({ tag: 3, bits: 32 }, bytes('00000040 000000c0 0000c07f 0000807f')),
      'a.wav',
    );
    expect([...samples]).toEqual([32_767, -32_768, 0, 32_767]);
    expect(warnings).toEqual(['3 samples are louder than full scale and clipped']);
  });

  it('steps over other chunks, odd ones with their pad byte', () => {
    const list = chunk('LIST', Buffer.from('INFOISFT\x05\0\0\0Lavf5\0'));
    const odd = chunk('note', Buffer.from('abc'));
    const file = riff([list, odd, formatChunk(), chunk('fact', bytes('04000000')), odd, chunk('data', FOUR_SAMPLES)]);
    expect([...parseWav(file, 'a.wav').samples]).toEqual([1, 32_767, -32_768, -2]);
  });

  it('steps over an odd chunk whose pad byte was forgotten', () => {
    const unpadded = chunk('LIST', Buffer.from('INFOx')).subarray(0, 13);
    const file = riff([formatChunk(), unpadded, chunk('data', FOUR_SAMPLES)]);
    expect(parseWav(file, 'a.wav').samples).toHaveLength(4);
  });

  it('ignores what follows the audio', () => {
    const file = Buffer.concat([wav({}, FOUR_SAMPLES), Buffer.from('TAG something')]);
    expect(parseWav(file, 'a.wav')).toMatchObject({ durationMs: 0.5, warnings: [] });
  });

  it('finds the audio before the format chunk', () => {
    expect(parseWav(riff([chunk('data', FOUR_SAMPLES), formatChunk()]), 'a.wav').samples).toHaveLength(4);
  });

  it('reads cut-off audio as far as it goes, and says so', () => {
    const { samples, warnings } = parseWav(riff([formatChunk(), chunk('data', FOUR_SAMPLES, 1000)]), 'a.wav');
    expect(samples).toHaveLength(4);
    expect(warnings).toEqual(['the file is cut off: 1000 bytes of audio are claimed and 8 are there']);
  });

  it('leaves out half a frame at the end, and says so', () => {
    const { samples, warnings } = parseWav(wav({ channels: 2 }, bytes('0100 0200 0300')), 'a.wav');
    expect(samples).toHaveLength(1);
    expect(warnings).toEqual(['the last 2 byte(s) are less than one sample of every channel and are left out']);
  });

  it.each([
    ['0xFFFFFFFF', 0xffff_ffff, 0xffff_ffff],
    ['0 and the RIFF size ends before the audio', 0, 36],
    ['0 and so is the RIFF size', 0, 0],
    ['0 and the RIFF size 0xFFFFFFFF', 0, 0xffff_ffff],
  ])('reads to the end when a streaming writer left the data size at %s', (_, dataSize, riffSize) => {
    const file = riff([formatChunk(), chunk('data', FOUR_SAMPLES, dataSize)], 'RIFF', riffSize);
    const { samples, warnings } = parseWav(file, 'a.wav');
    expect(samples).toHaveLength(4);
    expect(warnings).toEqual(['the size of the audio was never written; everything up to the end of the file is read']);
  });

  it('takes the size of RF64 audio from its ds64 chunk', () => {
    const ds64 = chunk('ds64', bytes('5000000000000000 0400000000000000 0200000000000000 00000000'));
    const file = riff([ds64, formatChunk(), chunk('data', FOUR_SAMPLES, 0xffff_ffff)], 'RF64', 0xffff_ffff);
    expect(parseWav(file, 'a.wav')).toMatchObject({ durationMs: 0.25, warnings: [] });
  });

  it('believes no size: four gigabytes claimed in every chunk cost nothing', () => {
    const ds64 = chunk('ds64', bytes('ffffffffffffff7f ffffffffffffff7f ffffffffffffff7f 00000000'));
    const file = riff([ds64, formatChunk(), chunk('data', FOUR_SAMPLES, 0xffff_ffff)], 'RF64', 0xffff_ffff);
    expect(parseWav(file, 'a.wav').samples).toHaveLength(4);
    expect(refusal(riff([chunk('LIST', FOUR_SAMPLES, 0xffff_fffe), formatChunk()]))).toBe(
      'it has no format chunk ("fmt ")',
    );
    const cue = chunk('cue ', bytes('ffffffff'));
    expect(parseWav(riff([cue, formatChunk(), chunk('data', FOUR_SAMPLES), cue]), 'a.wav').samples).toHaveLength(4);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing at all', new Uint8Array(0), 'it is empty'],
    ['garbage', Buffer.from('hello world, this is no audio'), 'it does not begin with a WAV header'],
    ['zeros', new Uint8Array(1000), 'it does not begin with a WAV header'],
    ['three bytes', Buffer.from('RIF'), 'it does not begin with a WAV header'],
    ['a header cut in its first line', Buffer.from('RIFF\0\0\0'), 'it is cut off after 7 bytes'],
    ['a header cut after WAVE', riff([]), 'it has no format chunk ("fmt ")'],
    ['a cut format chunk', wav({}, FOUR_SAMPLES).subarray(0, 30), 'its format chunk is cut off after 10 bytes'],
    ['a header cut before its data', riff([formatChunk()]), 'it has no data chunk'],
    ['an AVI', Buffer.from('RIFF\x08\0\0\0AVI LIST'), 'it holds "AVI ", not "WAVE", in its RIFF header'],
    ['an MP3 with a tag', Buffer.from('ID3\x04\0\0\0\0\0\0'), 'it is an MP3 file, not a WAV'],
    ['an MP3 without', bytes('fffb9064 00000000'), 'it is an MP3 file, not a WAV'],
    ['an Ogg', Buffer.from('OggS\0\x02'), 'it is an Ogg file, not a WAV'],
    ['an M4A', Buffer.from('\0\0\0\x20ftypM4A '), 'it is an MP4 or M4A file, not a WAV'],
    ['a FLAC', Buffer.from('fLaC\0\0\0\x22'), 'it is a FLAC file, not a WAV'],
    ['MP3 inside a WAV', wav({ tag: 0x55, bits: 0 }, FOUR_SAMPLES), 'its audio is compressed as MP3 (format 0x0055)'],
    ['MS ADPCM', wav({ tag: 2, bits: 4 }, FOUR_SAMPLES), 'its audio is compressed as Microsoft ADPCM (format 0x0002)'],
    ['IMA ADPCM', wav({ tag: 17, bits: 4 }, FOUR_SAMPLES), 'its audio is compressed as IMA ADPCM (format 0x0011)'],
    ['GSM', wav({ tag: 0x31, bits: 0 }, FOUR_SAMPLES), 'its audio is compressed as GSM 6.10 (format 0x0031)'],
    ['an unknown format', wav({ tag: 0x1234 }, FOUR_SAMPLES), 'its audio is compressed as format 0x1234'],
    ['no channels', wav({ channels: 0 }, FOUR_SAMPLES), 'its header claims that it has no channels'],
    [
      '65535 channels',
      wav({ channels: 65_535, bits: 8, blockBytes: 65_535 }, new Uint8Array(65_535)),
      'it has 65535 channels and at most 64 can be read',
    ],
    ['no rate', wav({ rate: 0 }, FOUR_SAMPLES), 'its header claims 0 samples a second, which no audio has'],
    [
      'an absurd rate',
      wav({ rate: 4e9 }, FOUR_SAMPLES),
      'its header claims 4000000000 samples a second, which no audio has',
    ],
    ['no bits', wav({ bits: 0 }, FOUR_SAMPLES), 'its header claims 0 bits a sample, which PCM does not have'],
    [
      '16-bit float',
      wav({ tag: 3, bits: 16 }, FOUR_SAMPLES),
      'its header claims 16 bits a sample, which FLOAT does not have',
    ],
    [
      'a contradiction',
      wav({ blockBytes: 4 }, FOUR_SAMPLES),
      'its header contradicts itself: 4 bytes for 1 channel(s) of 16 bits',
    ],
    ['no audio', wav({}, new Uint8Array(0)), 'it holds no audio'],
    ['less than one sample', wav({ bits: 32 }, bytes('0102')), 'it holds no audio'],
    [
      'an extensible header cut short',
      wav({ tag: 0xfffe }, FOUR_SAMPLES),
      'its extensible format chunk is cut off after 16 bytes',
    ],
    [
      'an unknown subformat',
      wav({ tag: 0xfffe, extension: new Uint8Array(24) }, FOUR_SAMPLES),
      'its subformat 00000000000000000000000000000000 is not known',
    ],
    [
      'ADPCM in an extensible header',
      wav({ tag: 0xfffe, extension: extensible(2, 4) }, FOUR_SAMPLES),
      'its audio is compressed as Microsoft ADPCM (format 0x0002)',
    ],
  ])('refuses %s in one sentence', (_, file, sentence) => {
    expect(refusal(file)).toBe(sentence);
  });

  it('names a way out', () => {
    expect(() => parseWav(Buffer.from('ID3'), 'x.wav')).toThrow(
      expect.objectContaining({
        hint: 'convert it: ffmpeg -i x.wav -ar 8000 -ac 1 -c:a pcm_s16le caller.wav',
        exit: 2,
      }),
    );
  });

  it('reads or refuses anything, with little memory, and never fails in another way', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .record({
          tag: fc.constantFrom(1, 3, 6, 7, 2, 0x55, 0xfffe),
          channels: fc.integer({ min: 0, max: 70 }),
          rate: fc.constantFrom(0, 999, 8000, 44_100, 0xffff_ffff),
          bits: fc.constantFrom(0, 4, 8, 12, 16, 24, 32, 64, 65_535),
          extension: fc.oneof(fc.constant(extensible(3, 32)), fc.uint8Array({ maxLength: 30 })),
        })
        .map((fields) => formatChunk({ ...fields, blockBytes: 0 })),
      fc
        .tuple(
          fc.constantFrom('data', 'LIST', 'cue ', 'smpl', 'ds64', 'bext'),
          fc.uint8Array({ maxLength: 300 }),
          fc.option(fc.nat({ max: 0xffff_ffff }), { nil: undefined }),
        )
        .map(([id, body, claimed]) => chunk(id, body, claimed)),
    );
    const files = fc
      .tuple(fc.constantFrom('RIFF', 'RIFX', 'RF64'), fc.array(pieces, { maxLength: 6 }), fc.nat({ max: 0xffff_ffff }))
      .map(([container, chunks, size]) => riff(chunks, container, size));
    fc.assert(
      fc.property(fc.oneof(files, fc.uint8Array({ maxLength: 100 })), (file) => {
        try {
          const { channels, samples } = parseWav(file, 'a.wav');
          const heldBytes = channels.reduce((sum, channel) => sum + channel.byteLength, samples.byteLength);
          expect(heldBytes).toBeLessThanOrEqual(4 * file.length);
          expect(samples.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ name: 'VoicebridgeError', code: 'wav-unreadable' });
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('survives every single byte of a good file being changed', () => {
    const good = wav({ channels: 2, tag: 0xfffe, extension: extensible(1, 16) }, encodeL16(sine(440, 8000, 16)));
    for (let at = 0; at < 68; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0xff]) {
        const file = Buffer.from(good);
        file[at] = value;
        try {
          expect(parseWav(file, 'a.wav').samples.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(VoicebridgeError);
        }
      }
    }
  });
});

describe('a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'voicebridge-wav-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is read from its path', async () => {
    const path = join(folder, 'good.wav');
    await writeFile(path, wav({ rate: 16_000 }, FOUR_SAMPLES));
    expect(await readWav(path)).toMatchObject({ rate: 16_000, durationMs: 0.25 });
  });

  it('becomes what a telephone hears: mono, 8 kHz, whatever it was', async () => {
    const path = join(folder, 'studio.wav');
    const left = sine(440, 44_100, 4410);
    const stereo = Int16Array.from({ length: 8820 }, (_, i) => (i % 2 === 0 ? left[i >> 1]! : 0));
    await writeFile(path, wav({ channels: 2, rate: 44_100 }, encodeL16(stereo)));
    const samples = await readCallerAudio(path);
    expect(samples).toHaveLength(800);
    expect(Math.max(...samples)).toBeGreaterThan(7900);
    expect(Math.max(...samples)).toBeLessThan(8100);
  });

  it('that is not there is missing', async () => {
    await expect(readWav(join(folder, 'none.wav'))).rejects.toMatchObject({
      code: 'file-missing',
      message: `there is no file ${join(folder, 'none.wav')}`,
      exit: 2,
    });
    await expect(readWav(join(folder, 'good.wav', 'inside.wav'))).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('that is a folder or a device cannot be read', async () => {
    await expect(readWav(folder)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: `${folder} cannot be read: it is a folder`,
    });
    await expect(readWav('/dev/null')).rejects.toMatchObject({
      message: '/dev/null cannot be read: it is not a regular file',
    });
  });

  // The superuser may read everything.
  it.skipIf(process.getuid?.() === 0)('that one may not read says so', async () => {
    const path = join(folder, 'secret.wav');
    await writeFile(path, wav({}, FOUR_SAMPLES));
    await chmod(path, 0o000);
    await expect(readWav(path)).rejects.toMatchObject({ message: `${path} cannot be read: permission denied` });
  });

  it('that is too big is refused before it is read', async () => {
    const path = join(folder, 'big.wav');
    await writeFile(path, wav({}, FOUR_SAMPLES));
    // Sparse: takes no room on the disk.
    await truncate(path, MAX_WAV_BYTES + 1);
    await expect(readWav(path)).rejects.toMatchObject({
      code: 'wav-unreadable',
      message: `${path} is not audio voicebridge can read: it has 536870913 bytes and at most 536870912 are read`,
    });
  });
});
