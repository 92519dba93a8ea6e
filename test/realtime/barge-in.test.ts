import { describe, expect, it } from 'vitest';
import { loadCaller } from '../../src/simulator/phone/script.js';
import { embeddedCall } from '../helpers/embedded-call.js';
import { itemsAtEar } from '../helpers/heard-items.js';

const listener = new URL('../../samples/listener', import.meta.url).pathname;

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
      const answers = itemsAtEar(call.record, call.trace);
      expect(answers).toHaveLength(2);
      for (const { missingMs, repeatedMs } of answers) {
        // The window of 5 ms that the interruption cuts is found nowhere in one piece.
        expect(missingMs).toBeLessThanOrEqual(call === even ? 10 : 60);
        expect(repeatedMs).toBeLessThanOrEqual(call === even ? 10 : 60);
      }
    }
    expect(immediate.trace.filter(({ type }) => type === 'truncate').length).toBeGreaterThan(0);
    expect(
      Math.max(...itemsAtEar(immediate.record, immediate.trace).map(({ missingMs }) => missingMs)),
    ).toBeGreaterThan(1000);
  });
});
