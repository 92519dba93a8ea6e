import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseWav, readWav } from '../../src/audio/wav.js';
import { createWavWriter, startWavWriter, type WavFile, type WavWriterOptions } from '../../src/audio/wav-writer.js';
import type { VoicebridgeError } from '../../src/errors.js';
import { sine } from './spectrum.js';
import { bytes } from './wav-bytes.js';

const STEREO: WavWriterOptions = { rate: 8000, channels: 2, encoding: 'L16' };
const MULAW: WavWriterOptions = { rate: 8000, channels: 1, encoding: 'PCMU' };

/** A file in memory that remembers every write, and can be told to fail. */
class MemoryFile implements WavFile {
  readonly writes: { position: number; bytes: Uint8Array }[] = [];
  failAt = Number.POSITIVE_INFINITY;
  closed = 0;
  /** At most this many bytes are taken by one write, as a nearly full disk does. */
  takesBytes = Number.POSITIVE_INFINITY;
  held: Promise<void> | undefined;

  async write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }> {
    await this.held;
    if (this.writes.length >= this.failAt) throw new Error('ENOSPC: no space left on device');
    const bytesWritten = Math.min(length, this.takesBytes);
    this.writes.push({ position, bytes: Uint8Array.from(buffer.subarray(offset, offset + bytesWritten)) });
    return { bytesWritten };
  }

  async close(): Promise<void> {
    this.closed++;
  }

  /** What is on the disk when the process dies after so many writes. */
  after(writes = this.writes.length): Uint8Array {
    const done = this.writes.slice(0, writes);
    const file = new Uint8Array(Math.max(0, ...done.map((write) => write.position + write.bytes.length)));
    for (const write of done) file.set(write.bytes, write.position);
    return file;
  }
}

/** Lets the writer's promises run on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

describe('a WAV writer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'voicebridge-writer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('writes the bytes of a plain linear WAV', async () => {
    const path = join(folder, 'linear.wav');
    const writer = await createWavWriter(path, STEREO);
    writer.write(Int16Array.of(1, -2));
    await writer.close();
    expect(await readFile(path)).toEqual(
      bytes(
        '52494646 28000000 57415645 666d7420 10000000 0100 0200 401f0000 007d0000 0400 1000 64617461 04000000 0100 feff',
      ),
    );
  });

  it('writes the bytes of a µ-law WAV, with fact chunk and pad byte', async () => {
    const path = join(folder, 'mulaw.wav');
    const writer = await createWavWriter(path, MULAW);
    writer.write(Uint8Array.of(0xff, 0x80, 0x00));
    await writer.close();
    expect(await readFile(path)).toEqual(
      bytes(
        `52494646 36000000 57415645 666d7420 12000000 0700 0100 401f0000 401f0000 0100 0800 0000
         66616374 04000000 03000000 64617461 03000000 ff8000 00`.replaceAll('\n', ''),
      ),
    );
  });

  it('encodes samples that are written to a µ-law file', async () => {
    const path = join(folder, 'encoded.wav');
    const writer = await createWavWriter(path, MULAW);
    writer.write(Int16Array.of(0, 32_124));
    await writer.close();
    expect([...(await readWav(path)).samples]).toEqual([0, 32_124]);
  });

  it('gives back what was written in frames', async () => {
    const path = join(folder, 'long.wav');
    const samples = sine(440, 8000, 40_000);
    const writer = await createWavWriter(path, { ...STEREO, channels: 1 });
    for (let at = 0; at < samples.length; at += 160) {
      writer.write(samples.subarray(at, at + 160));
      if (at % 8000 === 0) await settle();
    }
    await writer.close();
    const { samples: read, warnings } = await readWav(path);
    expect(warnings).toEqual([]);
    expect(Buffer.from(read.buffer).equals(Buffer.from(samples.buffer))).toBe(true);
  });

  it('copies: what was handed over may be used again', async () => {
    const file = new MemoryFile();
    const writer = await startWavWriter('a.wav', file, MULAW);
    const frame = Uint8Array.of(1, 2);
    writer.write(frame);
    frame.fill(9);
    await writer.close();
    expect([...file.after().subarray(58)]).toEqual([1, 2]);
  });

  it('writes half a second at a time, not a frame', async () => {
    const file = new MemoryFile();
    const writer = await startWavWriter('a.wav', file, MULAW);
    for (let frame = 0; frame < 50; frame++) {
      writer.write(new Uint8Array(160));
      await settle();
    }
    // The header at the start, then twice audio and header.
    expect(file.writes.map((write) => write.bytes.length)).toEqual([58, 4000, 58, 4000, 58]);
    await writer.close();
    expect(file.writes).toHaveLength(5);
  });

  it.each([STEREO, MULAW])('leaves a playable file after every single write it does', async (options) => {
    const file = new MemoryFile();
    file.takesBytes = 3001;
    const writer = await startWavWriter('a.wav', file, options);
    const written: number[] = [];
    for (let i = 0; i < 40; i++) {
      const frame = sine(440, 8000, options.channels * (333 + i));
      written.push(...frame);
      writer.write(frame);
      await settle();
    }
    await writer.close();
    expect(file.writes.length).toBeGreaterThan(10);
    let claimedBytes = 0;
    for (let writes = 1; writes <= file.writes.length; writes++) {
      const disk = Buffer.from(file.after(writes));
      const headerBytes = options.encoding === 'L16' ? 44 : 58;
      const dataBytes = disk.readUInt32LE(headerBytes - 4);
      expect(dataBytes).toBeGreaterThanOrEqual(claimedBytes);
      claimedBytes = dataBytes;
      expect(headerBytes + dataBytes + (dataBytes % 2)).toBeLessThanOrEqual(disk.length);
      expect(disk.readUInt32LE(4) + 8).toBe(headerBytes + dataBytes + (dataBytes % 2));
      if (dataBytes > 0) expect(parseWav(disk, 'a.wav').warnings).toEqual([]);
    }
    expect(parseWav(file.after(), 'a.wav').durationMs).toBe(written.length / options.channels / 8);
  });

  it('reports a full disk once, keeps what was written and never throws into the call', async () => {
    const file = new MemoryFile();
    const errors: VoicebridgeError[] = [];
    const writer = await startWavWriter('call.wav', file, { ...MULAW, onError: (error) => errors.push(error) });
    writer.write(new Uint8Array(4000).fill(0x80));
    await settle();
    file.failAt = file.writes.length;
    for (let i = 0; i < 10; i++) {
      writer.write(new Uint8Array(4000));
      await settle();
    }
    await writer.close();
    expect(errors.map((error) => [error.code, error.message])).toEqual([
      ['file-unwritable', 'call.wav cannot be written: ENOSPC: no space left on device'],
    ]);
    expect(file.closed).toBe(1);
    expect(parseWav(file.after(), 'call.wav')).toMatchObject({ durationMs: 500, warnings: [] });
  });

  it('reports a full disk by the rejection of close when nobody listens', async () => {
    const file = new MemoryFile();
    const writer = await startWavWriter('call.wav', file, MULAW);
    file.failAt = 1;
    writer.write(new Uint8Array(160));
    await expect(writer.close()).rejects.toMatchObject({ code: 'file-unwritable' });
    expect(file.closed).toBe(1);
  });

  it('gives up on a disk that takes nothing for too long instead of eating all memory', async () => {
    const file = new MemoryFile();
    const errors: VoicebridgeError[] = [];
    const writer = await startWavWriter('call.wav', file, { ...MULAW, onError: (error) => errors.push(error) });
    let release = (): void => {};
    file.held = new Promise((resolve) => {
      release = resolve;
    });
    const second = new Uint8Array(1_000_000);
    for (let i = 0; i < 40; i++) writer.write(second);
    expect(errors.map((error) => error.message)).toEqual(['call.wav cannot be written: the disk is too slow']);
    release();
    await writer.close();
    expect(parseWav(file.after(), 'call.wav').samples).toHaveLength(1_000_000);
  });

  it('may be closed twice and ignores audio after that', async () => {
    const file = new MemoryFile();
    const writer = await startWavWriter('a.wav', file, MULAW);
    writer.write(new Uint8Array(2));
    const closing = writer.close();
    writer.write(new Uint8Array(2));
    await Promise.all([closing, writer.close()]);
    expect(file.closed).toBe(1);
    expect(file.after()).toHaveLength(60);
  });

  it('cannot be made where no file can be', async () => {
    await expect(createWavWriter(join(folder, 'none', 'a.wav'), MULAW)).rejects.toMatchObject({
      code: 'file-unwritable',
      exit: 2,
    });
  });

  it.skipIf(process.platform !== 'linux')('cannot be made on a full disk', async () => {
    await expect(createWavWriter('/dev/full', MULAW)).rejects.toMatchObject({
      code: 'file-unwritable',
      message: '/dev/full cannot be written: ENOSPC: no space left on device, write',
    });
  });
});
