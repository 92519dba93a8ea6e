import type { PhoneEvent } from '../../src/simulator/phone/events.js';
import { CallLint } from '../../src/simulator/phone/lint/call-lint.js';
import type { LintRule } from '../../src/simulator/phone/lint.js';

/** Every rule that a call of these events breaks. `audio` is what its media messages carried, in order. */
export function judged(events: readonly PhoneEvent[], audio?: Uint8Array): LintRule[] {
  const rules: LintRule[] = [];
  const lint = new CallLint((rule) => void rules.push(rule));
  for (const event of events) {
    if (event.type === 'media' && audio) {
      const { streamOffset, bytes, atMs } = event;
      lint.audio(audio.subarray(streamOffset, streamOffset + bytes), streamOffset, atMs);
    }
    lint.event(event);
  }
  return rules;
}

/** Frames of the caller, one every 20 ms. */
export function frames(fromMs: number, toMs: number): PhoneEvent[] {
  const events: PhoneEvent[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += 20)
    events.push({ type: 'frame', atMs, dueMs: atMs, chunk: events.length + 1, bytes: 160 });
  return events;
}

export const speaks = (atMs: number, interrupts = false): PhoneEvent => ({
  type: 'caller-speech-start',
  atMs,
  step: 0,
  interrupts,
});
export const stops = (atMs: number): PhoneEvent => ({ type: 'caller-speech-end', atMs, step: 0 });
