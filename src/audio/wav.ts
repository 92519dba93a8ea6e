import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import wavefile from 'wavefile';
import { VoicebridgeError } from '../errors.js';
import { decodeAlaw, decodeMulaw } from './g711.js';
import { decodeL16 } from './l16.js';
import { resampleWhole } from './resample.js';
import { readWavHeader, WavHeaderError, type WavLayout } from './wav-header.js';

export { createWavWriter, type WavWriter, type WavWriterOptions } from './wav-writer.js';

/** The audio of a whole file. */
export interface WavAudio {
  /** Samples per second of every channel. */
  readonly rate: number;
  /** One array per channel, in the file's order, all of one length. */
  readonly channels: readonly Int16Array[];
  /** The mean of all channels; the very same array when there is only one. */
  readonly samples: Int16Array;
  readonly durationMs: number;
  /** Sentences about what was wrong with the file and could be read all the same: cut off, clipped … */
  readonly warnings: readonly string[];
}

/** Bigger files are refused before a byte of them is read: 46 minutes of 48 kHz, 16-bit stereo. */
export const MAX_WAV_BYTES = 512 * 1024 * 1024;

/** Samples decoded at once, so that a file needs little more memory than it has bytes. */
const BLOCK_SAMPLES = 16_384;

/**
 * Reads any WAV: 8, 16, 24, 32-bit PCM, 32 and 64-bit float, A-law, µ-law, plain or WAVE_FORMAT_EXTENSIBLE, RIFF, RIFX,
 * RF64 and BW64, any rate from 1 to 768 kHz, up to 64 channels.
 * Throws VoicebridgeError: file-missing, file-unreadable, wav-unreadable.
 */
export async function readWav(path: string): Promise<WavAudio> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (stats.isDirectory()) {
    throw new VoicebridgeError('file-unreadable', { path, reason: 'it is a folder', hint: 'name a WAV file in it' });
  }
  if (!stats.isFile()) {
    throw new VoicebridgeError('file-unreadable', { path, reason: 'it is not a regular file', hint: HINT });
  }
  if (stats.size > MAX_WAV_BYTES) {
    throw new VoicebridgeError('wav-unreadable', {
      path,
      reason: `it has ${stats.size} bytes and at most ${MAX_WAV_BYTES} are read`,
    });
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  return parseWav(bytes, path);
}

/** As `readWav` for bytes in memory; `name` stands for the file in the sentence. Throws VoicebridgeError wav-unreadable. */
export function parseWav(bytes: Uint8Array, name: string): WavAudio {
  let layout: WavLayout;
  try {
    layout = readWavHeader(bytes);
  } catch (error) {
    if (!(error instanceof WavHeaderError)) throw error;
    throw new VoicebridgeError('wav-unreadable', { path: name, reason: error.message });
  }
  const data = bytes.subarray(layout.dataOffset, layout.dataOffset + layout.dataBytes);
  const { channels, samples, clipped } = decode(data, layout);
  const warnings =
    clipped === 0 ? layout.warnings : [...layout.warnings, `${clipped} samples are louder than full scale and clipped`];
  return { rate: layout.rate, channels, samples, durationMs: (samples.length * 1000) / layout.rate, warnings };
}

/** The file as a telephone hears it: mono, 8 kHz, whatever it was. Throws as `readWav` does. */
export async function readCallerAudio(path: string): Promise<Int16Array> {
  const { samples, rate } = await readWav(path);
  return resampleWhole(samples, rate, 8000);
}

const HINT = 'check the path, or try the call that comes with voicebridge: voicebridge simulate samples/caller.wav';

function unreadable(path: string, error: unknown): VoicebridgeError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new VoicebridgeError('file-missing', { path, hint: HINT });
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : message;
  return new VoicebridgeError('file-unreadable', { path, reason, hint: HINT }, { cause: error });
}

function decode(data: Uint8Array, layout: WavLayout): { channels: Int16Array[]; samples: Int16Array; clipped: number } {
  const sampleBytes = layout.containerBits / 8;
  const frames = data.length / sampleBytes / layout.channels;
  const channels = Array.from({ length: layout.channels }, () => new Int16Array(frames));
  const samples = layout.channels === 1 ? channels[0]! : new Int16Array(frames);
  const unpack = unpackerOf(layout);
  const blockFrames = Math.max(1, Math.floor(BLOCK_SAMPLES / layout.channels));
  const blockBytes = blockFrames * layout.channels * sampleBytes;
  let clipped = 0;
  let frame = 0;
  for (let at = 0; at < data.length; at += blockBytes) {
    const values = unpack(data.subarray(at, at + blockBytes));
    for (let i = 0; i < values.length; frame++) {
      let sum = 0;
      for (let channel = 0; channel < layout.channels; channel++, i++) {
        // A sample that is not a number is as silent as a reader can make it.
        const value = values[i]! || 0;
        if (value > 32_768 || value < -32_768) clipped++;
        const fitting = Math.max(-32_768, Math.min(32_767, value));
        channels[channel]![frame] = Math.round(fitting);
        sum += fitting;
      }
      if (layout.channels > 1) samples[frame] = Math.round(sum / layout.channels);
    }
  }
  return { channels, samples, clipped };
}

/** Interleaved samples of a block on the scale of 16 bits, not yet rounded or clipped. */
type Unpack = (block: Uint8Array) => Int16Array | Float64Array;

function unpackerOf(layout: WavLayout): Unpack {
  if (layout.encoding === 'PCMU') return (block) => decodeMulaw(block);
  if (layout.encoding === 'PCMA') return (block) => decodeAlaw(block);
  // What nearly every file holds is worth a way round wavefile, which takes 60-150 ns a sample.
  if (layout.containerBits === 16 && !layout.bigEndian) return decodeL16;
  const scale = layout.encoding === 'FLOAT' ? 32_768 : 2 ** (16 - layout.containerBits);
  // 8-bit samples are the only unsigned ones.
  const offset = layout.encoding === 'PCM' && layout.containerBits === 8 ? -128 : 0;
  return (block) => {
    const values = new wavefile.WaveFile(plainWav(block, layout)).getSamples(true) as unknown as Float64Array;
    for (let i = 0; i < values.length; i++) values[i] = (values[i]! + offset) * scale;
    return values;
  };
}

/**
 * `block` under the plainest header there is. wavefile unpacks samples of every size, kind and byte order rightly (held
 * against literal bytes in the tests) as long as the header leaves it nothing to misunderstand.
 */
function plainWav(block: Uint8Array, { encoding, containerBits, bigEndian, rate }: WavLayout): Uint8Array {
  const file = new Uint8Array(44 + block.length);
  const view = new DataView(file.buffer);
  file.set(Buffer.from(bigEndian ? 'RIFX' : 'RIFF'), 0);
  view.setUint32(4, 36 + block.length, !bigEndian);
  file.set(Buffer.from('WAVEfmt '), 8);
  view.setUint32(16, 16, !bigEndian);
  view.setUint16(20, encoding === 'FLOAT' ? 3 : 1, !bigEndian);
  view.setUint16(22, 1, !bigEndian);
  view.setUint32(24, rate, !bigEndian);
  view.setUint32(28, (rate * containerBits) / 8, !bigEndian);
  view.setUint16(32, containerBits / 8, !bigEndian);
  view.setUint16(34, containerBits, !bigEndian);
  file.set(Buffer.from('data'), 36);
  view.setUint32(40, block.length, !bigEndian);
  file.set(block, 44);
  return file;
}
