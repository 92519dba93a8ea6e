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

it('growing bytes keep what was pushed and fill up with a value', () => {
  const bytes = new GrowingBytes(4);
  bytes.push(Uint8Array.of(1, 2, 3));
  bytes.padTo(6, 0xff);
  bytes.padTo(2, 0);
  bytes.push(Uint8Array.of(4));
  expect([...bytes.slice()]).toEqual([1, 2, 3, 0xff, 0xff, 0xff, 4]);
  expect([...bytes.slice(2)]).toEqual([1, 2]);
  expect([...bytes.subarray(5, 100)]).toEqual([0xff, 4]);
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
