import type { Readable } from 'node:stream';
import { decodeL16, encodeL16 } from '../../audio/l16.js';
import { createResampler } from '../../audio/resample.js';
import { type Backend, PHONE_RATE, reasonOf } from './backend.js';

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

/** Samples pulled at once: 5 ms. */
const PULL_SAMPLES = 40;
/** The library queues 32 pieces, whatever their size: pieces of 1 ms make that 32 ms, those of 20 ms 640. */
const PIECES_PER_SECOND = 1000;
const USUAL_RATE = 48_000;

/**
 * decibri. Its microphone converts to 8 kHz itself. Its speaker is opened at the card's own rate, because its buffer is a
 * fixed number of samples: at 8 kHz it would be six times as long, a quarter of a second. Measured with PulseAudio: a
 * sound is audible 80 ms after it was given, and silenced within 5 ms by stopping the speaker and opening another.
 */
export const openDecibri: Backend = async (library, handlers) => {
  const decibri = library as Decibri;
  const rate = decibri.Speaker.devices().find(({ isDefault }) => isDefault)?.defaultSampleRate || USUAL_RATE;
  const open = (): Speaker => new decibri.Speaker({ sampleRate: rate, channels: 1 });
  const microphone = new decibri.Microphone({ sampleRate: PHONE_RATE, channels: 1, framesPerBuffer: PHONE_RATE / 50 });
  microphone.on('error', (error: unknown) => handlers.onFailure(reasonOf(error)));
  microphone.on('end', () => handlers.onFailure('the microphone was closed'));
  let speaker = open();
  const up = await createResampler(PHONE_RATE, rate);
  microphone.on('data', (bytes: Buffer) => handlers.onCapture(decodeL16(bytes)));

  const pieceSamples = Math.floor(rate / PIECES_PER_SECOND);
  const feed = async (fed: Speaker): Promise<void> => {
    while (fed === speaker) {
      const samples = up.process(handlers.pull(PULL_SAMPLES));
      for (let at = 0; at < samples.length && fed === speaker; at += pieceSamples) {
        await fed.writeAsync(Buffer.from(encodeL16(samples.subarray(at, at + pieceSamples)).buffer));
      }
    }
  };
  const start = (): void => {
    const fed = speaker;
    feed(fed).catch((error: unknown) => {
      // The write that a stopped speaker was waiting for fails too.
      if (fed === speaker) handlers.onFailure(reasonOf(error));
    });
  };
  start();
  return {
    flush() {
      const silenced = speaker;
      speaker = open();
      silenced.stop();
      up.flush();
      start();
    },
  };
};
