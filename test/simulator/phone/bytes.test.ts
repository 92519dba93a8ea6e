import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteQueue, GrowingBytes } from '../../../src/simulator/phone/bytes.js';
import { Fifo } from '../../../src/simulator/phone/fifo.js';

it('a byte queue gives back what went in, in order, like a plain array', () => {
  const act = fc.oneof(
    fc.record({ push: fc.uint8Array({ maxLength: 40_000 }) }),
    fc.record({ take: fc.nat(50_000) }),
    fc.record({ drop: fc.nat(50_000) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
      const queue = new ByteQueue();
      let plain: number[] = [];
      for (const each of acts) {
        if ('push' in each) {
          queue.push(each.push);
          plain = plain.concat([...each.push]);
        } else if ('take' in each) {
          const taken = queue.take(each.take);
          expect([...taken]).toEqual(plain.slice(0, taken.length));
          expect(taken.length > 0 || plain.length === 0 || each.take === 0).toBe(true);
          plain = plain.slice(taken.length);
        } else {
          queue.drop(each.drop);
          plain = plain.slice(each.drop);
        }
        expect(queue.length).toBe(plain.length);
      }
    }),
    { numRuns: 50 },
  );
});

it('growing bytes keep what was pushed and fill up with a value, like a plain array', () => {
  const act = fc.oneof(
    fc.record({ push: fc.uint8Array({ maxLength: 40_000 }) }),
    fc.record({ padTo: fc.nat(60_000) }),
    fc.record({ from: fc.nat(50_000), length: fc.nat(40_000) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 10 }), fc.nat(90_000), (acts, end) => {
      const bytes = new GrowingBytes();
      let plain = new Uint8Array(0);
      for (const each of acts) {
        if ('push' in each) {
          bytes.push(each.push);
          plain = Uint8Array.of(...plain, ...each.push);
        } else if ('padTo' in each) {
          bytes.padTo(each.padTo, 7);
          plain = Uint8Array.from({ length: Math.max(plain.length, each.padTo) }, (_, i) => plain[i] ?? 7);
        } else {
          const { from, length } = each;
          const part = bytes.subarray(from, from + length);
          expect(Buffer.compare(part, plain.subarray(from, from + length))).toBe(0);
        }
        expect(bytes.length).toBe(plain.length);
      }
      expect(Buffer.compare(bytes.slice(), plain)).toBe(0);
      expect(Buffer.compare(bytes.slice(end), plain.subarray(0, end))).toBe(0);
      const filled = Uint8Array.from({ length: end }, (_, i) => plain[i] ?? 9);
      expect(Buffer.compare(bytes.take(end, 9), filled)).toBe(0);
      expect(bytes.length).toBe(0);
    }),
    { numRuns: 50 },
  );
});

it('what was taken stays as it is when the memory is used again', () => {
  const first = new GrowingBytes();
  first.push(Uint8Array.of(1, 2, 3));
  const taken = first.take();
  const second = new GrowingBytes();
  second.push(Uint8Array.of(9, 9, 9));
  first.push(Uint8Array.of(4));
  expect([...taken]).toEqual([1, 2, 3]);
  expect([...second.slice()]).toEqual([9, 9, 9]);
  expect([...first.slice()]).toEqual([4]);
});

it('a fifo keeps order through ten thousand shifts', () => {
  const fifo = new Fifo<number>();
  const out: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    fifo.push(2 * i);
    fifo.push(2 * i + 1);
    expect(fifo.first).toBe(i);
    out.push(fifo.shift()!);
  }
  expect(fifo.length).toBe(10_000);
  expect(fifo.last).toBe(19_999);
  expect(out).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
});

it('an empty fifo has neither end', () => {
  const fifo = new Fifo<number>();
  fifo.push(1);
  fifo.shift();
  expect([fifo.first, fifo.last, fifo.shift(), fifo.length]).toEqual([undefined, undefined, undefined, 0]);
});
