import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.js';
import { ShortQueue } from '../../../src/simulator/device/short-queue.js';

const SILENCE = 0xff;
const OPTIONS = { primeBytes: 320, maxBytes: 1_280, windowBytes: 8_000 };

const counted = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (from + i) % 250);
function read(queue: ShortQueue, bytes: number): number[] {
  const out = new Uint8Array(bytes);
  queue.read(out);
  return [...out];
}

/** Runs both clocks for so long; `ppm`: how much faster the filling clock is. Returns what was seen after the first second. */
function run(ppm: number, seconds: number, jitterMs: number) {
  const queue = new ShortQueue(OPTIONS);
  const random = seededRandom(1);
  const out = new Uint8Array(160);
  let longest = 0;
  let filled = 0;
  const fillMs = 20 / (1 + ppm / 1e6);
  for (let frame = 0; frame < seconds * 50; frame++) {
    const nowMs = frame * 20;
    while (filled * fillMs + random() * jitterMs <= nowMs) {
      queue.write(new Uint8Array(160));
      filled++;
    }
    queue.read(out);
    if (frame > 50) longest = Math.max(longest, queue.length);
  }
  return { longestMs: longest / 8, underflows: queue.underflows, droppedMs: queue.droppedBytes / 8 };
}

describe('a short queue', () => {
  it('gives silence until it is primed, then what was put in, in order', () => {
    const queue = new ShortQueue(OPTIONS);
    queue.write(counted(0, 300));
    expect(read(queue, 160)).toEqual(Array(160).fill(SILENCE));
    queue.write(counted(300, 100));
    expect(read(queue, 160)).toEqual([...counted(0, 160)]);
    expect(read(queue, 160)).toEqual([...counted(160, 160)]);
    expect(queue.underflows).toBe(0);
  });

  it('fills up with silence when it runs dry, counts that once, and primes again', () => {
    const queue = new ShortQueue(OPTIONS);
    queue.write(counted(0, 330));
    read(queue, 160);
    read(queue, 160);
    expect(read(queue, 160)).toEqual([...counted(320, 10), ...Array(150).fill(SILENCE)]);
    queue.write(counted(0, 200));
    expect(read(queue, 160)).toEqual(Array(160).fill(SILENCE));
    expect(queue.underflows).toBe(1);
    queue.write(counted(200, 200));
    expect(read(queue, 160)).toEqual([...counted(0, 160)]);
  });

  it('throws the oldest away when more comes than it holds', () => {
    const queue = new ShortQueue(OPTIONS);
    queue.write(counted(0, 1_000));
    queue.write(counted(1_000, 600));
    expect(queue.length).toBe(1_280);
    expect(queue.droppedBytes).toBe(320);
    expect(read(queue, 160)).toEqual([...counted(320, 160)]);
    queue.write(counted(0, 5_000));
    expect(read(queue, 160)).toEqual([...counted(3_720, 160)]);
  });

  it('is empty at once when cleared, and primes again', () => {
    const queue = new ShortQueue(OPTIONS);
    queue.write(counted(0, 640));
    read(queue, 160);
    queue.clear();
    expect(queue.length).toBe(0);
    queue.write(counted(0, 160));
    expect(read(queue, 160)).toEqual(Array(160).fill(SILENCE));
    expect(queue.underflows).toBe(0);
  });

  it('gives what a plain list would give, however it is filled and read', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 90 })), { maxLength: 60 }), (steps) => {
        const queue = new ShortQueue({ primeBytes: 1, maxBytes: 200, windowBytes: 1e9 });
        let list: number[] = [];
        let next = 0;
        for (const [write, bytes] of steps) {
          if (write) {
            queue.write(counted(next, bytes));
            list = [...list, ...counted(next, bytes)].slice(-200);
            next += bytes;
          } else {
            const expected = list.splice(0, bytes);
            expect(read(queue, bytes)).toEqual([...expected, ...Array(bytes - expected.length).fill(SILENCE)]);
          }
          expect(queue.length).toBe(list.length);
        }
      }),
    );
  });
});

describe('a short queue between two clocks for an hour', () => {
  it('drops nothing and never runs dry when they agree', () => {
    const { longestMs, underflows, droppedMs } = run(0, 3_600, 15);
    expect(longestMs).toBeLessThanOrEqual(60);
    expect({ underflows, droppedMs }).toEqual({ underflows: 0, droppedMs: 0 });
  });

  it('stays short when the filling clock is faster, by dropping just the surplus', () => {
    // 200 millionths are 720 ms in an hour.
    const { longestMs, underflows, droppedMs } = run(200, 3_600, 15);
    expect(longestMs).toBeLessThanOrEqual(80);
    expect(underflows).toBe(0);
    expect(droppedMs).toBeGreaterThan(600);
    expect(droppedMs).toBeLessThan(760);
  });

  it('has a gap now and then, and grows no longer by it, when the filling clock is slower', () => {
    const { longestMs, underflows, droppedMs } = run(-200, 3_600, 15);
    expect(longestMs).toBeLessThanOrEqual(60);
    expect(underflows).toBeGreaterThan(5);
    expect(underflows).toBeLessThan(60);
    expect(droppedMs).toBe(0);
  });
});
