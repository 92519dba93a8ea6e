import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import type { CallRecord } from '../../src/simulator/phone/events.js';

/** How much of an item of the model was not heard, and how much was heard again. */
export interface ItemAtEar {
  readonly itemId: string;
  readonly audioMs: number;
  readonly missingMs: number;
  readonly repeatedMs: number;
}

/** 5 ms: the model's audio is like no other, even in its pauses. */
const WINDOW_BYTES = 40;

/** Every item of the model, against what the caller heard. The trace has to be in the phone's format. */
export function itemsAtEar(record: CallRecord, trace: readonly ModelTraceEvent[]): ItemAtEar[] {
  const heard = heardInOrder(record);
  const items = new Map<string, Buffer[]>();
  for (const event of trace) {
    if (event.type !== 'delta') continue;
    items.set(event.itemId, [...(items.get(event.itemId) ?? []), Buffer.from(event.audio, 'base64')]);
  }
  return [...items].map(([itemId, deltas]) => {
    const audio = Buffer.concat(deltas);
    let missingMs = 0;
    let repeatedMs = 0;
    for (let at = 0; at + WINDOW_BYTES <= audio.length; at += WINDOW_BYTES) {
      const window = audio.subarray(at, at + WINDOW_BYTES);
      let found = 0;
      for (let i = heard.indexOf(window); i >= 0; i = heard.indexOf(window, i + 1)) found += 1;
      if (found === 0) missingMs += WINDOW_BYTES / 8;
      repeatedMs += (Math.max(0, found - 1) * WINDOW_BYTES) / 8;
    }
    return { itemId, audioMs: audio.length / 8, missingMs, repeatedMs };
  });
}

function heardInOrder({ heard, received }: CallRecord): Buffer {
  return Buffer.concat(
    heard.map(({ streamOffset, bytes }) => Buffer.from(received.subarray(streamOffset, streamOffset + bytes))),
  );
}
