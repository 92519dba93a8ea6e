import { type AudioFormat, type Encoding, sameFormat } from './format.js';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js';
import { encodeL16, L16Decoder } from './l16.js';
import { createResampler, type Resampler } from './resample.js';

/** Turns one stream of audio from one wire format into another, chunk by chunk. */
export interface Transcoder {
  readonly from: AudioFormat;
  readonly to: AudioFormat;
  /** Nothing is done: payloads travel as they are. */
  readonly identity: boolean;
  /** How much later a sound stands in the output than in the input. */
  readonly delayMs: number;
  /**
   * Base64 in, base64 out. The identity returns the very string it was given, neither decoded nor checked. Otherwise
   * half a sample at the end of a chunk waits for the next one. Called per frame.
   */
  base64(payload: string): string;
  /** As `base64` for raw bytes; the identity returns the very array it was given. */
  bytes(chunk: Uint8Array): Uint8Array;
  /** The last `delayMs` of the stream; afterwards a new stream begins. Half a sample that waits is dropped. */
  flush(): Uint8Array;
  /** Must be called when the stream has ended: the filter's memory is not garbage-collected. */
  free(): void;
}

/** Binds two formats once per call and direction, so that nothing has to be decided per frame. */
export async function createTranscoder(from: AudioFormat, to: AudioFormat): Promise<Transcoder> {
  if (sameFormat(from, to)) return identityTranscoder(from);
  return new Converter(from, to, await createResampler(from.rate, to.rate));
}

/** Passes everything on as it is. */
export function identityTranscoder(format: AudioFormat): Transcoder {
  return {
    from: format,
    to: format,
    identity: true,
    delayMs: 0,
    base64: (payload) => payload,
    bytes: (chunk) => chunk,
    flush: () => new Uint8Array(0),
    free: () => {},
  };
}

class Converter implements Transcoder {
  readonly identity = false;
  readonly from: AudioFormat;
  readonly to: AudioFormat;
  readonly delayMs: number;
  readonly #resampler: Resampler;
  readonly #l16 = new L16Decoder();

  constructor(from: AudioFormat, to: AudioFormat, resampler: Resampler) {
    this.from = from;
    this.to = to;
    this.delayMs = resampler.delayMs;
    this.#resampler = resampler;
  }

  base64(payload: string): string {
    const bytes = this.bytes(Buffer.from(payload, 'base64'));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  }

  bytes(chunk: Uint8Array): Uint8Array {
    return encode(this.to.encoding, this.#resampler.process(this.#decode(chunk)));
  }

  flush(): Uint8Array {
    this.#l16.reset();
    return encode(this.to.encoding, this.#resampler.flush());
  }

  free(): void {
    this.#resampler.free();
  }

  #decode(chunk: Uint8Array): Int16Array {
    switch (this.from.encoding) {
      case 'PCMU':
        return decodeMulaw(chunk);
      case 'PCMA':
        return decodeAlaw(chunk);
      case 'L16':
        return this.#l16.decode(chunk);
    }
  }
}

function encode(encoding: Encoding, samples: Int16Array): Uint8Array {
  switch (encoding) {
    case 'PCMU':
      return encodeMulaw(samples);
    case 'PCMA':
      return encodeAlaw(samples);
    case 'L16':
      return encodeL16(samples);
  }
}
