import { type AudioFormat, bytesPerMs } from '../../audio/format.js';
import { decodeAlaw, decodeMulaw } from '../../audio/g711.js';
import type { Resampler } from '../../audio/resample.js';
import { REFUSALS } from './api-error.js';

/** Without detected speech only so much audio is kept: nobody will commit more of it. */
const KEPT_MS = 30_000;

/** The input audio buffer: what was appended since the last commit, and how much audio there ever was. */
export class InputBuffer {
  #format: AudioFormat;
  #chunks: { readonly bytes: Uint8Array; readonly startMs: number; readonly endMs: number }[] = [];
  #appendedMs = 0;
  readonly #resampler: Resampler;

  /** `resampler` goes from 24 to 8 kHz; it belongs to this buffer alone. */
  constructor(format: AudioFormat, resampler: Resampler) {
    this.#format = format;
    this.#resampler = resampler;
  }

  get format(): AudioFormat {
    return this.#format;
  }

  /** All audio of the session so far, committed, cleared and dropped audio included. */
  get appendedMs(): number {
    return this.#appendedMs;
  }

  /** Audio that a commit would take. */
  get bufferedMs(): number {
    const first = this.#chunks[0];
    return first ? this.#appendedMs - first.startMs : 0;
  }

  /** How much later a sound stands in the decoded samples than in the audio appended. */
  get delayMs(): number {
    return this.#format.encoding === 'L16' ? this.#resampler.delayMs : 0;
  }

  /** What came in another format is of no use any more. */
  setFormat(format: AudioFormat): void {
    if (format === this.#format) return;
    this.#format = format;
    this.#resampler.flush();
    this.clear();
  }

  /** Returns the audio as 8 kHz samples. Throws ApiError for what is no base64, or half a sample. */
  append(base64: string): Int16Array {
    const bytes = Buffer.from(base64, 'base64');
    const isWhole = this.#format.encoding !== 'L16' || bytes.length % 2 === 0;
    if (!isBase64(base64) || !isWhole) throw REFUSALS.audio(this.#describe());
    const startMs = this.#appendedMs;
    this.#appendedMs += bytes.length / bytesPerMs(this.#format);
    if (bytes.length > 0) this.#chunks.push({ bytes, startMs, endMs: this.#appendedMs });
    return this.#decode(bytes);
  }

  /** Takes everything from `fromMs` on (in audio appended) and empties the buffer. */
  take(fromMs = 0): Uint8Array[] {
    const taken = this.#chunks.filter((chunk) => chunk.endMs > fromMs).map((chunk) => chunk.bytes);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#chunks = [];
  }

  /** Drops what is too old to matter. */
  forget(): void {
    while (this.#chunks[0] && this.#chunks[0].endMs < this.#appendedMs - KEPT_MS) this.#chunks.shift();
  }

  #decode(bytes: Buffer): Int16Array {
    if (this.#format.encoding === 'PCMU') return decodeMulaw(bytes);
    if (this.#format.encoding === 'PCMA') return decodeAlaw(bytes);
    const samples = new Int16Array(bytes.length / 2);
    for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2);
    return this.#resampler.process(samples);
  }

  #describe(): string {
    return { PCMU: 'G.711 µ-law at 8kHz', PCMA: 'G.711 A-law at 8kHz', L16: 'mono PCM16 at 24kHz' }[
      this.#format.encoding
    ];
  }
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
