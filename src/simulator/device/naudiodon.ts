import type { Readable, Writable } from 'node:stream';
import { decodeL16, encodeL16 } from '../../audio/l16.js';
import { createResampler, type Resampler } from '../../audio/resample.js';
import { type Backend, type BackendHandlers, PHONE_RATE, reasonOf } from './backend.js';

/** What is used of naudiodon 2.3 (PortAudio). The spelling of `highwaterMark` is its own. */
interface Naudiodon {
  readonly AudioIO: new (options: { inOptions: StreamOptions } | { outOptions: StreamOptions }) => AudioStream;
}
type AudioStream = Readable & Writable & { start(): void };
interface StreamOptions {
  readonly deviceId: number;
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly sampleFormat: number;
  readonly closeOnError: boolean;
  readonly maxQueue: number;
  readonly highwaterMark: number;
}

const DEFAULT_DEVICE = -1;
/** What a sound card may be able to do, in the order in which it is asked. */
const RATES = [PHONE_RATE, 48_000, 44_100] as const;
/** The speaker is fed in pieces of 10 ms: with one of them queued a flush is heard 43 ms later, with 20 ms and two 70. */
const PIECE_MS = 10;

/**
 * naudiodon. Two streams, because one for both directions gives nothing. Its speaker takes a piece whenever it has room,
 * and waits, with PortAudio's own thread, while there is none: so there is always one, if only of silence.
 */
export const openNaudiodon: Backend = async (library, handlers) => {
  const naudiodon = library as Naudiodon;
  const [speaker, speakerRate] = openAt((rate) => new naudiodon.AudioIO({ outOptions: options(rate, 1, 1) }));
  const [microphone, microphoneRate] = openAt(
    (rate) => new naudiodon.AudioIO({ inOptions: options(rate, 20, (rate / 50) * 2) }),
  );
  for (const stream of [speaker, microphone]) {
    stream.on('error', (error: unknown) => handlers.onFailure(reasonOf(error)));
    stream.on('close', () => handlers.onFailure('the sound device was closed'));
  }
  const down = await createResampler(microphoneRate, PHONE_RATE);
  microphone.on('data', (bytes: Buffer) => handlers.onCapture(down.process(decodeL16(bytes))));
  feed(speaker, handlers, await createResampler(PHONE_RATE, speakerRate));
  speaker.start();
  microphone.start();
  // What is queued in the library is 10 ms and cannot be taken back.
  return { flush: () => {} };
};

function options(sampleRate: number, maxQueue: number, highwaterMark: number): StreamOptions {
  return {
    deviceId: DEFAULT_DEVICE,
    sampleRate,
    channelCount: 1,
    sampleFormat: 16,
    // An underflow is no reason to stop.
    closeOnError: false,
    maxQueue,
    highwaterMark,
  };
}

function openAt(open: (rate: number) => AudioStream): [AudioStream, number] {
  let refusal: unknown;
  for (const rate of RATES) {
    try {
      return [open(rate), rate];
    } catch (error) {
      // The last rate is the most usual: what it is refused for is the reason.
      refusal = error;
    }
  }
  throw refusal;
}

function feed(speaker: AudioStream, handlers: BackendHandlers, up: Resampler): void {
  const next = (): void => {
    const piece = up.process(handlers.pull(PIECE_MS * (PHONE_RATE / 1000)));
    speaker.write(Buffer.from(encodeL16(piece).buffer), (error) => {
      if (!error) next();
    });
  };
  next();
}
