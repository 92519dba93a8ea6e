import { describe, expect, it } from 'vitest';
import { Backlog } from '../../src/call/backlog.js';

const frame = (number: number): string => Buffer.alloc(160, number).toString('base64');

function drained(backlog: Backlog): string[] {
  const payloads: string[] = [];
  backlog.drain((payload) => payloads.push(payload));
  return payloads;
}

describe('the backlog', () => {
  it('hands everything over in order and is empty afterwards', () => {
    const backlog = new Backlog(80_000);
    for (let number = 0; number < 15; number++) backlog.push(frame(number));
    expect(drained(backlog)).toEqual(Array.from({ length: 15 }, (_, number) => frame(number)));
    expect(drained(backlog)).toEqual([]);
    expect(backlog.dropped).toBe(0);
  });

  it('lets the oldest go when it is full, and counts them', () => {
    const backlog = new Backlog(320);
    for (let number = 0; number < 5; number++) backlog.push(frame(number));
    expect(drained(backlog)).toEqual([frame(3), frame(4)]);
    expect(backlog.dropped).toBe(3);
  });

  it('starts afresh after it was drained', () => {
    const backlog = new Backlog(320);
    for (let number = 0; number < 2; number++) backlog.push(frame(number));
    drained(backlog);
    for (let number = 2; number < 4; number++) backlog.push(frame(number));
    expect(drained(backlog)).toEqual([frame(2), frame(3)]);
  });
});
