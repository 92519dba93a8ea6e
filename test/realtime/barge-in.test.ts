import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../src/simulator/phone/events.js';
import { loadCaller } from '../../src/simulator/phone/script.js';
import { type EmbeddedCall, embeddedCall } from '../helpers/embedded-call.js';

const listener = new URL('../../samples/listener', import.meta.url).pathname;

/** Milliseconds of each item of the model that were not heard, and that were heard again. */
function faults({
  record,
  trace,
}: EmbeddedCall): { itemId: string; audioMs: number; missingMs: number; repeatedMs: number }[] {
  const heard = heardInOrder(record);
  const items = new Map<string, Buffer[]>();
  for (const event of trace) {
    if (event.type !== 'delta') continue;
    items.set(event.itemId, [...(items.get(event.itemId) ?? []), Buffer.from(event.audio, 'base64')]);
  }
  return [...items].map(([itemId, deltas]) => {
    const audio = Buffer.concat(deltas);
    let missing = 0;
    let repeated = 0;
    // Windows of 5 ms: the model's audio is like no other, even in its pauses.
    for (let at = 0; at + 40 <= audio.length; at += 40) {
      const window = audio.subarray(at, at + 40);
      let found = 0;
      for (let i = heard.indexOf(window); i >= 0; i = heard.indexOf(window, i + 1)) found += 1;
      if (found === 0) missing += 5;
      repeated += Math.max(0, found - 1) * 5;
    }
    return { itemId, audioMs: audio.length / 8, missingMs: missing, repeatedMs: repeated };
  });
}

function heardInOrder({ heard, received }: CallRecord): Buffer {
  return Buffer.concat(
    heard.map(({ streamOffset, bytes }) => Buffer.from(received.subarray(streamOffset, streamOffset + bytes))),
  );
}

describe('a caller who says "mm-hm" while the agent speaks', () => {
  it('hears the whole answer when barge-in is reversible, and the model remembers it; otherwise neither', async () => {
    const caller = await loadCaller(listener);
    const network = { toServerMs: 40, toPhoneMs: 40, jitterMs: 20 };
    const [even, jittery, immediate] = await Promise.all([
      embeddedCall(caller, { bargeIn: { speech: 'reversible' } }),
      embeddedCall(caller, { bargeIn: { speech: 'reversible' }, phone: { network } }),
      embeddedCall(caller, { bargeIn: { speech: 'immediate' } }),
    ]);
    for (const call of [even, jittery]) {
      expect(call.record.events.filter(({ type }) => type === 'clear').length).toBeGreaterThan(0);
      expect(call.trace.filter(({ type }) => type === 'truncate')).toEqual([]);
      const answers = faults(call);
      expect(answers).toHaveLength(2);
      for (const { missingMs, repeatedMs } of answers) {
        // The window of 5 ms that the interruption cuts is found nowhere in one piece.
        expect(missingMs).toBeLessThanOrEqual(call === even ? 10 : 60);
        expect(repeatedMs).toBeLessThanOrEqual(call === even ? 10 : 60);
      }
    }
    expect(immediate.trace.filter(({ type }) => type === 'truncate').length).toBeGreaterThan(0);
    expect(Math.max(...faults(immediate).map(({ missingMs }) => missingMs))).toBeGreaterThan(1000);
  });
});
