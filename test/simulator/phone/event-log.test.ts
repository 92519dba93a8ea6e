import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventLog } from '../../../src/simulator/phone/event-log.js';
import type { PhoneEvent } from '../../../src/simulator/phone/events.js';

const frame = (n: number): PhoneEvent => ({ type: 'frame', atMs: 20.25 * n, dueMs: 20 * n, chunk: n, bytes: 160 });
const stop = (n: number): PhoneEvent => ({ type: 'stop', atMs: n });

it('gives back every event as it was, in order, frames among the others', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (kinds) => {
      const events = kinds.map((isFrame, n) => (isFrame ? frame(n) : stop(n)));
      const log = new EventLog();
      for (const event of events) log.push(event);
      expect(log.length).toBe(events.length);
      expect(log.list()).toEqual(events);
    }),
  );
});

it('makes the list once, and anew when something was added', () => {
  const log = new EventLog();
  log.pushFrame(1, 2, 3);
  const list = log.list();
  expect(log.list()).toBe(list);
  log.push(stop(4));
  expect(log.list().map(({ type }) => type)).toEqual(['frame', 'stop']);
});
