import type { Readable } from 'node:stream';
import { decodeL16, encodeL16 } from '../../audio/l16.js';
import { createResampler, type Resampler } from '../../audio/resample.js';
import { type Backend, type BackendHandlers, PHONE_RATE, reasonOf } from './backend.js';

/** What is used of decibri 5.7 (cpal). */
interface Decibri {
  readonly Microphone: new (options: { sampleRate: number; channels: number; framesPerBuffer: number }) => Readable;
  readonly Speaker: {
    new (options: { sampleRate: number; channels: number }): Speaker;
    devices(): readonly { readonly isDefault: boolean; readonly defaultSampleRate: number }[];
  };
}
interface Speaker {
  /** Resolves when there is room for it in the queue. */
  writeAsync(chunk: Buffer): Promise<void>;
  /** At once, with what is queued thrown away. */
  stop(): void;
}

/** Samples pulled at once: 6 ms. */
const PULL_SAMPLES = 48;
/** The library queues so many pieces, whatever their size: pieces of 2 ms make that 64 ms, those of 20 ms 640. */
const QUEUED_PIECES = 32;
const PIECES_PER_SECOND = 500;
const USUAL_RATE = 48_000;

/**
 * decibri. Its microphone converts to 8 kHz itself. Its speaker is opened at the card's own rate, because its buffer is a
 * fixed number of samples: at 8 kHz it would be six times as long, a quarter of a second. Measured with PulseAudio
 * on a busy machine: audible 160 to 240 ms after the server sent it, and silenced within 10 ms by stopping the speaker and
 * opening another.
 */
export const openDecibri: Backend = async (library, handlers) => {
  const decibri = library as Decibri;
  const rate = decibri.Speaker.devices().find(({ isDefault }) => isDefault)?.defaultSampleRate || USUAL_RATE;
  const up = await createResampler(PHONE_RATE, rate);
  record(decibri, handlers);
  const speaker = new Player(() => new decibri.Speaker({ sampleRate: rate, channels: 1 }), rate, up, handlers);
  return { flush: () => speaker.flush() };
};

/** A machine that was busy for a moment loses samples, which decibri ends the stream for: another one goes on. */
function record(decibri: Decibri, handlers: BackendHandlers): void {
  const microphone = new decibri.Microphone({ sampleRate: PHONE_RATE, channels: 1, framesPerBuffer: PHONE_RATE / 50 });
  let gave = false;
  microphone.on('data', (bytes: Buffer) => {
    gave = true;
    handlers.onCapture(decodeL16(bytes));
  });
  microphone.on('end', () => handlers.onFailure('the microphone was closed'));
  microphone.on('error', (error: unknown) => {
    if (gave) retry(() => record(decibri, handlers), error, handlers);
    else handlers.onFailure(reasonOf(error));
  });
}

/** Feeds one speaker after the other. */
class Player {
  readonly #open: () => Speaker;
  readonly #pieceSamples: number;
  readonly #up: Resampler;
  readonly #handlers: BackendHandlers;
  #speaker: Speaker;

  constructor(open: () => Speaker, rate: number, up: Resampler, handlers: BackendHandlers) {
    this.#open = open;
    this.#pieceSamples = Math.floor(rate / PIECES_PER_SECOND);
    this.#up = up;
    this.#handlers = handlers;
    this.#speaker = open();
    void this.#feed(this.#speaker);
  }

  /** Another speaker is opened first: the sound server keeps its rhythm, and what comes next sounds at once. */
  flush(): void {
    const silenced = this.#speaker;
    this.#next();
    silenced.stop();
  }

  #next(): void {
    this.#speaker = this.#open();
    this.#up.flush();
    void this.#feed(this.#speaker);
  }

  async #feed(speaker: Speaker): Promise<void> {
    let taken = 0;
    try {
      while (speaker === this.#speaker) {
        const samples = this.#up.process(this.#handlers.pull(PULL_SAMPLES));
        for (let at = 0; at < samples.length && speaker === this.#speaker; at += this.#pieceSamples) {
          await speaker.writeAsync(Buffer.from(encodeL16(samples.subarray(at, at + this.#pieceSamples)).buffer));
          taken++;
        }
      }
    } catch (error) {
      // The write that a stopped speaker was waiting for fails too.
      if (speaker !== this.#speaker) return;
      if (taken > QUEUED_PIECES) retry(() => this.#next(), error, this.#handlers);
      else this.#handlers.onFailure(reasonOf(error));
    }
  }
}

function retry(again: () => void, because: unknown, handlers: BackendHandlers): void {
  try {
    again();
  } catch {
    handlers.onFailure(reasonOf(because));
  }
}
