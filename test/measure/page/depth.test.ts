import { describe, expect, it } from 'vitest';
import { bufferDepth } from '../../../src/measure/page/depth.js';
import type { PhoneEvent } from '../../../src/simulator/phone/events.js';

const media = (atMs: number, bufferedMs: number): PhoneEvent => ({
  type: 'media',
  atMs,
  bytes: 160,
  streamOffset: 0,
  bufferedMs,
});
const clear = (atMs: number): PhoneEvent => ({ type: 'clear', atMs, droppedBytes: 800 });

function points(events: readonly PhoneEvent[], endedAtMs: number): [number, number][] {
  const { atMs, waitingMs } = bufferDepth(events, 1000, endedAtMs);
  return atMs.map((at, index) => [at, waitingMs[index]!]);
}

describe('the depth of the buffer', () => {
  it('jumps up with a message and runs down in real time until it is empty', () => {
    expect(points([media(1100, 300)], 2000)).toEqual([
      [0, 0],
      [100, 0],
      [100, 300],
      [400, 0],
      [1000, 0],
    ]);
  });

  it('is emptied by a clear', () => {
    expect(points([media(1100, 300), clear(1200)], 1500)).toEqual([
      [0, 0],
      [100, 0],
      [100, 300],
      [200, 200],
      [200, 0],
      [500, 0],
    ]);
  });

  it('takes messages that come together as one step', () => {
    expect(points([media(1100, 20), media(1101, 39), media(1102, 58)], 1130)).toEqual([
      [0, 0],
      [100, 0],
      [100, 60],
      [130, 30],
    ]);
  });

  it('is flat when nothing comes', () => {
    expect(points([], 1500)).toEqual([
      [0, 0],
      [500, 0],
    ]);
  });

  it('stays small for a server that sends a message every 20 ms for five minutes', () => {
    const events = Array.from({ length: 15_000 }, (_, n) => media(1000 + n * 20, 60));
    expect(bufferDepth(events, 1000, 301_000).atMs.length).toBeLessThan(16_000);
  });
});
