import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { encodeL16 } from '../../../src/audio/l16.js';
import { openDecibri } from '../../../src/simulator/device/decibri.js';

/** decibri whose speakers take a piece when the test says so. */
function library() {
  const state = { microphones: [] as EventEmitter[], speakers: [] as Speaker[], unplugged: false };
  class Microphone extends EventEmitter {
    constructor(readonly_: object) {
      super();
      if (state.unplugged) throw new Error('no microphone found');
      Object.assign(this, readonly_);
      state.microphones.push(this);
    }
  }
  class Speaker {
    static devices = () => [
      { isDefault: false, defaultSampleRate: 96_000 },
      { isDefault: true, defaultSampleRate: 48_000 },
    ];
    written: number[] = [];
    stopped = false;
    take: () => void = () => {};
    break: (error: Error) => void = () => {};
    options: { sampleRate: number };
    constructor(options: { sampleRate: number }) {
      this.options = options;
      if (state.unplugged) throw new Error('no speaker found');
      state.speakers.push(this);
    }
    writeAsync(chunk: Buffer): Promise<void> {
      this.written.push(chunk.length / 2);
      return new Promise((resolve, reject) => {
        this.take = resolve;
        this.break = reject;
      });
    }
    stop() {
      this.stopped = true;
      this.break(new Error('stream stopped'));
    }
  }
  return { state, Microphone, Speaker };
}

async function open() {
  const decibri = library();
  const captured: number[][] = [];
  const failures: string[] = [];
  const device = await openDecibri(decibri, {
    onCapture: (samples) => captured.push([...samples]),
    pull: (samples) => new Int16Array(samples),
    onFailure: (reason) => failures.push(reason),
  });
  return { device, captured, failures, ...decibri.state, state: decibri.state };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('decibri', () => {
  it("records at 8 kHz, and plays at the card's own rate in pieces of 2 ms", async () => {
    const { microphones, speakers, captured } = await open();
    microphones[0]!.emit('data', Buffer.from(encodeL16(Int16Array.of(5, -5))));
    expect(captured).toEqual([[5, -5]]);
    expect(microphones[0]).toMatchObject({ sampleRate: 8_000, channels: 1, framesPerBuffer: 160 });
    expect(speakers[0]!.options.sampleRate).toBe(48_000);
    for (let i = 0; i < 3; i++) {
      speakers[0]!.take();
      await turn();
    }
    expect(speakers[0]!.written).toEqual([96, 96, 96, 96]);
  });

  it('is silenced by another speaker that takes its place', async () => {
    const { device, speakers, failures } = await open();
    device.flush();
    await turn();
    expect(speakers.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(speakers[1]!.written).toEqual([96]);
    expect(speakers[0]!.written).toEqual([96]);
    expect(failures).toEqual([]);
  });

  it('goes on with another microphone after a lost moment, and fails when that has nothing to say', async () => {
    const { microphones, failures } = await open();
    microphones[0]!.emit('data', Buffer.alloc(320));
    microphones[0]!.emit('error', new Error('Buffer underrun/overrun occurred'));
    expect(microphones).toHaveLength(2);
    expect(failures).toEqual([]);
    microphones[1]!.emit('error', new Error('device failed'));
    expect(failures).toEqual(['device failed']);
  });

  it('fails with the first reason when there is no other microphone', async () => {
    const { microphones, failures, state } = await open();
    microphones[0]!.emit('data', Buffer.alloc(320));
    state.unplugged = true;
    microphones[0]!.emit('error', new Error('device failed'));
    expect(failures).toEqual(['device failed']);
  });

  it('fails when a speaker breaks before it has taken anything', async () => {
    const { speakers, failures } = await open();
    speakers[0]!.break(new Error('device failed'));
    await turn();
    expect(failures).toEqual(['device failed']);
  });
});
