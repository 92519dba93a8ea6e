import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { decodeMulaw } from '../../audio/g711.js';
import { createWavWriter, type WavWriter } from '../../audio/wav.js';
import { VoicebridgeError } from '../../errors.js';
import type { PhoneEvent } from './events.js';
import type { CallMemory } from './record.js';

const RATE = 8000;
/** Lines waiting for a disk that does not take them: hours of a call. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** The folder of a call's files, made before the call so that a place that cannot be written is known in time. */
export interface CallFolder {
  readonly path: string;
  /** Takes the folder away again, if it was made for this call and is still empty. */
  undo(): Promise<void>;
}

/** Rejects with VoicebridgeError file-unwritable. */
export async function makeFolder(path: string): Promise<CallFolder> {
  const full = resolve(path);
  const first = await mkdir(full, { recursive: true }).catch((error: unknown) => {
    throw unwritable(full, error);
  });
  const undo = async (): Promise<void> => {
    if (first === undefined) return;
    for (let made = full; made.length >= first.length; made = dirname(made)) {
      const gone = await rmdir(made).then(
        () => true,
        () => false,
      );
      if (!gone) return;
    }
  };
  return { path: full, undo };
}

/**
 * `call.wav` (left the caller, right what the caller heard, on one clock) and `events.jsonl` (one event a line), both
 * written half a second behind the call, so that a process that is killed leaves them readable.
 */
export class CallFiles {
  readonly paths: { readonly directory: string; readonly wav: string; readonly events: string };
  readonly #wav: WavWriter;
  readonly #log: WriteStream;
  #lines: string[] = [];
  #samples = 0;
  #failure: VoicebridgeError | undefined;

  private constructor(directory: string, wav: WavWriter, log: WriteStream) {
    this.paths = { directory, wav: wav.path, events: String(log.path) };
    this.#wav = wav;
    this.#log = log;
    log.on('error', (error) => this.#fail(unwritable(this.paths.events, error)));
  }

  /** Rejects with VoicebridgeError file-unwritable. */
  static async create(directory: string): Promise<CallFiles> {
    const log = await openLog(join(directory, 'events.jsonl'));
    let files: CallFiles | undefined;
    const onError = (error: VoicebridgeError): void => {
      if (files) files.#fail(error);
    };
    const options = { rate: RATE, channels: 2, encoding: 'L16', onError } as const;
    const wav = await createWavWriter(join(directory, 'call.wav'), options).catch((error: unknown) => {
      log.destroy();
      throw error;
    });
    files = new CallFiles(directory, wav, log);
    return files;
  }

  event(event: PhoneEvent): void {
    this.#lines.push(JSON.stringify(event));
  }

  /** Hands over the events so far, and the audio of both lanes up to but not including sample number `samples`. */
  flush(memory: CallMemory, samples: number): void {
    if (samples > this.#samples) {
      this.#wav.write(interleaved(memory, this.#samples, samples));
      this.#samples = samples;
    }
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    if (this.#log.writableLength > MAX_WAITING_BYTES)
      this.#fail(unwritable(this.paths.events, new Error('the disk is too slow')));
    if (!this.#failure) this.#log.write(text);
  }

  /** Rejects with VoicebridgeError file-unwritable when anything could not be written. */
  async close(): Promise<void> {
    await Promise.all([this.#wav.close(), ended(this.#log)]);
    if (this.#failure) throw this.#failure;
  }

  #fail(error: VoicebridgeError): void {
    this.#failure ??= error;
  }
}

function interleaved(memory: CallMemory, from: number, to: number): Int16Array {
  const samples = new Int16Array(2 * (to - from));
  const lanes = [memory.callerLane, memory.heardLane];
  for (const [channel, lane] of lanes.entries()) {
    // A lane that is shorter than asked for is silent there: µ-law's silence is 0.
    const linear = decodeMulaw(lane.subarray(from, to));
    for (let i = 0; i < linear.length; i++) samples[2 * i + channel] = linear[i]!;
  }
  return samples;
}

function openLog(path: string): Promise<WriteStream> {
  return new Promise((resolve, reject) => {
    const log = createWriteStream(path);
    const onError = (error: Error): void => reject(unwritable(path, error));
    log.once('error', onError);
    log.once('open', () => {
      log.off('error', onError);
      resolve(log);
    });
  });
}

function ended(log: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (log.closed) return resolve();
    log.once('close', resolve);
    log.end();
  });
}

function unwritable(path: string, error: unknown): VoicebridgeError {
  const reason = error instanceof Error ? error.message : String(error);
  return new VoicebridgeError('file-unwritable', { path, reason }, { cause: error });
}
