import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { encodeL16 } from '../../../src/audio/l16.js';
import { openNaudiodon } from '../../../src/simulator/device/naudiodon.js';

type Options = Record<
  string,
  { sampleRate: number; channelCount: number; highwaterMark: number; closeOnError: boolean }
>;
type Stream = EventEmitter & { options: Options; started: boolean; written: Buffer[]; drained: (() => void)[] };

/** naudiodon with a card that can do these rates only. */
function library(...rates: number[]) {
  const streams: Stream[] = [];
  class AudioIO extends EventEmitter {
    started = false;
    written: Buffer[] = [];
    drained: (() => void)[] = [];
    options: Options;
    constructor(options: Options) {
      super();
      const rate = Object.values(options)[0]!.sampleRate;
      if (!rates.includes(rate)) throw new Error(`Format not supported: Invalid sample rate ${rate}`);
      this.options = options;
      streams.push(this);
    }
    start() {
      this.started = true;
    }
    write(chunk: Buffer, callback: () => void) {
      this.written.push(chunk);
      this.drained.push(callback);
    }
  }
  return { streams, AudioIO };
}

async function open(...rates: number[]) {
  const { streams, AudioIO } = library(...rates);
  const captured: number[][] = [];
  const failures: string[] = [];
  let next = 0;
  const device = await openNaudiodon(
    { AudioIO },
    {
      onCapture: (samples) => captured.push([...samples]),
      pull: (samples) => Int16Array.from({ length: samples }, () => next++),
      onFailure: (reason) => failures.push(reason),
    },
  );
  const [speaker, microphone] = streams as [Stream, Stream];
  return { device, speaker, microphone, captured, failures };
}

describe('naudiodon', () => {
  it('is opened once for each direction, at 8 kHz, in pieces of 20 ms, and goes on after an underflow', async () => {
    const { speaker, microphone } = await open(8_000, 48_000);
    expect(speaker.options.outOptions).toMatchObject({ sampleRate: 8_000, channelCount: 1, closeOnError: false });
    expect(microphone.options.inOptions).toMatchObject({ sampleRate: 8_000, highwaterMark: 320, closeOnError: false });
    expect([speaker.started, microphone.started]).toEqual([true, true]);
  });

  it('gives what it records and is fed 10 ms whenever it has room', async () => {
    const { speaker, microphone, captured } = await open(8_000);
    microphone.emit('data', Buffer.from(encodeL16(Int16Array.of(1, -2, 300))));
    expect(captured).toEqual([[1, -2, 300]]);
    expect(speaker.written.map(({ length }) => length)).toEqual([160]);
    speaker.drained[0]!();
    expect(speaker.written[1]!.readInt16LE(0)).toBe(80);
  });

  it('is converted to and from the rate the card has', async () => {
    const { speaker, microphone, captured } = await open(44_100);
    microphone.emit('data', Buffer.alloc(1_764));
    expect(captured[0]).toHaveLength(160);
    expect(speaker.written[0]!.length / 2).toBe(441);
  });

  it('says why no card can be opened', async () => {
    await expect(open()).rejects.toThrow('Format not supported: Invalid sample rate 44100');
  });

  it('tells of a stream that breaks', async () => {
    const { microphone, failures } = await open(8_000);
    microphone.emit('error', new Error('device unplugged.\n  at 0x00'));
    expect(failures).toEqual(['device unplugged']);
  });
});
