import { type AudioFormat, bytesPerMs } from '../../audio/format.js';
import { decodeMulaw, encodeAlaw, encodeMulaw } from '../../audio/g711.js';
import { Random } from './random.js';
import type { Line } from './voice.js';

/** Half the width of the added noise: uniform in ±28 of 32 768 is -66 dBov. */
const NOISE_PEAK = 28;

/**
 * A line as the model says it, made piece by piece in the format of the session. Inaudible noise of its own makes each
 * utterance unlike every other, even in its pauses, so that a piece of a recording tells which item it came from.
 */
export class Speech {
  readonly text: string;
  readonly totalBytes: number;
  readonly #line: Line;
  readonly #format: AudioFormat;
  readonly #noise: Random;
  #madeSamples = 0;

  /** `limitMs` cuts the line short, as a limit on output tokens does. */
  constructor(line: Line, format: AudioFormat, noiseSeed: number, limitMs = Number.POSITIVE_INFINITY) {
    this.text = line.text;
    this.#line = line;
    this.#format = format;
    this.#noise = new Random(noiseSeed);
    const samples = format.encoding === 'L16' ? line.l16.length : line.pcmu.length;
    this.totalBytes =
      Math.min(samples, Math.floor((limitMs * format.rate) / 1000)) * (format.encoding === 'L16' ? 2 : 1);
  }

  get totalMs(): number {
    return this.totalBytes / bytesPerMs(this.#format);
  }

  /** The next `bytes` of it, or what is left. */
  make(bytes: number): Buffer {
    const sampleBytes = this.#format.encoding === 'L16' ? 2 : 1;
    const left = this.totalBytes / sampleBytes - this.#madeSamples;
    const count = Math.min(left, Math.ceil(bytes / sampleBytes));
    const from = this.#madeSamples;
    this.#madeSamples += count;
    if (this.#format.encoding === 'L16') {
      const samples = this.#noisy(this.#line.l16.subarray(from, from + count));
      return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    }
    const samples = this.#noisy(decodeMulaw(this.#line.pcmu.subarray(from, from + count)));
    const encoded = this.#format.encoding === 'PCMA' ? encodeAlaw(samples) : encodeMulaw(samples);
    return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  }

  #noisy(clean: Int16Array): Int16Array {
    const noisy = new Int16Array(clean.length);
    for (let index = 0; index < clean.length; index++) {
      const sum = clean[index]! + this.#noise.integer(-NOISE_PEAK, NOISE_PEAK);
      noisy[index] = Math.max(-32_768, Math.min(32_767, sum));
    }
    return noisy;
  }
}
