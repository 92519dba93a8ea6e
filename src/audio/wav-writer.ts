import { open } from 'node:fs/promises';
import { VoicebridgeError } from '../errors.js';
import { encodeMulaw } from './g711.js';
import { encodeL16 } from './l16.js';

export interface WavWriterOptions {
  readonly rate: number;
  readonly channels: number;
  /** L16: 16-bit linear. PCMU: µ-law, half the size. */
  readonly encoding: 'L16' | 'PCMU';
  /**
   * Called at most once, when the disk is full, too slow, or anything else keeps the audio from being written. From then
   * on nothing is written and `close` resolves. Without it, the error comes as the rejection of `close`.
   */
  readonly onError?: (error: VoicebridgeError) => void;
}

/**
 * Writes a WAV while the call goes on. `write` only copies into memory; half a second of audio is written at a time, and
 * after every write the sizes in the header are renewed. They never claim more than is in the file, so that a process
 * that is killed at any moment leaves a file every player plays up to the last half second.
 */
export interface WavWriter {
  readonly path: string;
  /** Samples of all channels in turn, or bytes that are encoded already. Never throws and never waits. Copied. */
  write(audio: Int16Array | Uint8Array): void;
  /** Writes what is left and closes the file. May be called more than once. */
  close(): Promise<void>;
}

/** What the writer needs of a file; `FileHandle` has it. */
export interface WavFile {
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  close(): Promise<void>;
}

const BATCH_MS = 500;
/** Audio waiting for a disk that does not take it: minutes of a call, then the disk counts as broken. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** The sizes in the header have 32 bits; room is left for the header itself and the pad byte. */
const MAX_DATA_BYTES = 0xffff_ffff - 64;
const PAD = Uint8Array.of(0);

/** Creates or empties the file and writes its header. Rejects with VoicebridgeError file-unwritable. */
export async function createWavWriter(path: string, options: WavWriterOptions): Promise<WavWriter> {
  try {
    return await startWavWriter(path, await open(path, 'w'), options);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** As `createWavWriter` on a file that is open already, which the writer closes. */
export async function startWavWriter(path: string, file: WavFile, options: WavWriterOptions): Promise<WavWriter> {
  const writer = new StreamingWavWriter(path, file, options);
  try {
    await writer.writeHeader();
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  return writer;
}

class StreamingWavWriter implements WavWriter {
  readonly path: string;
  readonly #file: WavFile;
  readonly #format: WavWriterOptions;
  readonly #headerBytes: number;
  readonly #batchBytes: number;
  /** Filled while the other batch is being written. */
  #waiting: Uint8Array;
  #waitingBytes = 0;
  #takenBytes = 0;
  /** Audio that is in the file. */
  #dataBytes = 0;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #failure: VoicebridgeError | undefined;

  constructor(path: string, file: WavFile, options: WavWriterOptions) {
    this.path = path;
    this.#file = file;
    this.#format = options;
    this.#headerBytes = header(options, 0).length;
    this.#batchBytes = Math.ceil((options.rate * frameBytes(options) * BATCH_MS) / 1000);
    this.#waiting = new Uint8Array(this.#batchBytes);
  }

  write(audio: Int16Array | Uint8Array): void {
    if (this.#failure !== undefined || this.#closing !== undefined) return;
    const bytes = audio instanceof Int16Array ? this.#encode(audio) : audio;
    const neededBytes = this.#waitingBytes + bytes.length;
    this.#takenBytes += bytes.length;
    if (neededBytes > MAX_WAITING_BYTES) return this.#fail(new Error('the disk is too slow'));
    if (this.#takenBytes > MAX_DATA_BYTES) return this.#fail(new Error('a WAV holds at most 4 GiB'));
    if (neededBytes > this.#waiting.length) {
      const bigger = new Uint8Array(Math.max(neededBytes, this.#waiting.length * 2));
      bigger.set(this.#waiting.subarray(0, this.#waitingBytes));
      this.#waiting = bigger;
    }
    this.#waiting.set(bytes, this.#waitingBytes);
    this.#waitingBytes = neededBytes;
    if (this.#waitingBytes >= this.#batchBytes) this.#writing ??= this.#writeBatches(this.#batchBytes);
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  /** Claims what is in the file by now. One write of at most 58 bytes: a process is not killed in the middle of it. */
  async writeHeader(): Promise<void> {
    await this.#writeAll(header(this.#format, this.#dataBytes - (this.#dataBytes % frameBytes(this.#format))), 0);
  }

  async #finish(): Promise<void> {
    await this.#writing;
    if (this.#failure === undefined) {
      await this.#writeBatches(1);
    }
    await this.#file.close().catch((error: unknown) => this.#fail(error));
    if (this.#failure !== undefined && this.#format.onError === undefined) throw this.#failure;
  }

  /** Never rejects: a failure ends the writing and is told once. */
  async #writeBatches(enoughBytes: number): Promise<void> {
    let spare: Uint8Array = new Uint8Array(this.#batchBytes);
    try {
      while (this.#waitingBytes >= enoughBytes) {
        const batch = this.#waiting;
        const bytes = this.#waitingBytes;
        this.#waiting = spare;
        this.#waitingBytes = 0;
        await this.#writeAll(batch.subarray(0, bytes), this.#headerBytes + this.#dataBytes);
        this.#dataBytes += bytes;
        // RIFF wants every chunk to end at an even place. The next batch overwrites the pad.
        if (this.#dataBytes % 2 === 1) await this.#writeAll(PAD, this.#headerBytes + this.#dataBytes);
        await this.writeHeader();
        spare = batch;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeAll(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      if (bytesWritten === 0) throw new Error('the disk takes no more');
      done += bytesWritten;
    }
  }

  #encode(samples: Int16Array): Uint8Array {
    return this.#format.encoding === 'L16' ? encodeL16(samples) : encodeMulaw(samples);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = unwritable(this.path, error);
    this.#waiting = new Uint8Array(0);
    this.#waitingBytes = 0;
    this.#format.onError?.(this.#failure);
  }
}

function frameBytes({ channels, encoding }: WavWriterOptions): number {
  return channels * (encoding === 'L16' ? 2 : 1);
}

/** 44 bytes for L16; 58 for PCMU, which as a compressed format must have an extension size and a fact chunk. */
function header(options: WavWriterOptions, dataBytes: number): Uint8Array {
  const { rate, channels, encoding } = options;
  const linear = encoding === 'L16';
  const bytes = Buffer.alloc(linear ? 44 : 58);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8 + dataBytes + (dataBytes % 2), 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(linear ? 16 : 18, 16);
  bytes.writeUInt16LE(linear ? 1 : 7, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * frameBytes(options), 28);
  bytes.writeUInt16LE(frameBytes(options), 32);
  bytes.writeUInt16LE(linear ? 16 : 8, 34);
  if (!linear) {
    bytes.write('fact', 38, 'latin1');
    bytes.writeUInt32LE(4, 42);
    bytes.writeUInt32LE(dataBytes / channels, 46);
  }
  bytes.write('data', bytes.length - 8, 'latin1');
  bytes.writeUInt32LE(dataBytes, bytes.length - 4);
  return bytes;
}

function unwritable(path: string, error: unknown): VoicebridgeError {
  if (error instanceof VoicebridgeError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new VoicebridgeError('file-unwritable', { path, reason }, { cause: error });
}
