import { describe, expect, it } from 'vitest';
import { loadCaller } from '../../src/simulator/phone/script.js';
import { type EmbeddedCall, embeddedCall, interruptingAfter } from '../helpers/embedded-call.js';

const sample = (name: string): string => new URL(`../../samples/${name}`, import.meta.url).pathname;

/** Every truncation of the call, against what the phone really played. */
function errors({ measured }: EmbeddedCall): number[] {
  const { truncations } = measured;
  for (const { verdict } of truncations) expect(verdict).toBe('told');
  return truncations.map((one) => Math.abs(one.errorMs!));
}

function count(
  { measured }: EmbeddedCall,
  name: 'truncation.missing' | 'truncation.refused' | 'bargein.missed',
): number {
  return measured.measures.counts.get(name)?.count ?? 0;
}

describe('a relay between the simulated phone and the simulated model', () => {
  it('loses and reorders no frame of a caller who speaks while the model is still connecting', async () => {
    const caller = await loadCaller(sample('greeting/question.wav'));
    const call = await embeddedCall(caller, { model: { connectDelayMs: 300 } });
    const appended = Buffer.concat(
      call.trace.flatMap((event) => (event.type === 'append' ? [Buffer.from(event.audio, 'base64')] : [])),
    );
    const sent = Buffer.from(call.record.callerLane);
    // 300 ms of frames waited; all of them, and all that followed, arrived in order. The last ones may have been on
    // their way when the call ended.
    expect(call.trace.find((event) => event.type === 'configured')!.atMs - call.record.startedAtMs).toBeGreaterThan(
      295,
    );
    expect(appended.length).toBeGreaterThan(sent.length - 400);
    expect(appended.equals(sent.subarray(0, appended.length))).toBe(true);
  });

  it('tells the model to the millisecond what was heard when it stalled in the middle of the answer', async () => {
    // 800 ms of the answer, then nothing for 1.5 s: interrupted in the middle of the stall, and after it.
    for (const afterMs of [1500, 3100]) {
      const caller = await interruptingAfter(afterMs);
      const call = await embeddedCall(caller, {
        model: { faults: { stall: { response: 2, afterAudioMs: 800, forMs: 1500 } } },
      });
      expect(errors(call).length).toBeGreaterThan(0);
      for (const error of errors(call)) expect(error).toBeLessThanOrEqual(10);
      expect([count(call, 'truncation.missing'), count(call, 'truncation.refused')]).toEqual([0, 0]);
    }
  });

  it('plays nothing of a dead answer whose audio keeps coming after it was cancelled', async () => {
    const caller = await interruptingAfter(1200);
    const call = await embeddedCall(caller, { model: { faults: { lateDeltasMs: 600, speechStartedTwice: true } } });
    const [bargeIn] = call.measured.bargeIns;
    expect(bargeIn?.leakMs).toBe(0);
    expect(count(call, 'bargein.missed')).toBe(0);
    for (const error of errors(call)) expect(error).toBeLessThanOrEqual(10);
  });

  it('is right with 24 kHz linear audio, where every byte is resampled, within the delay of the filter', async () => {
    const caller = await interruptingAfter(1200);
    const call = await embeddedCall(caller, { audio: 'pcm' });
    const truncate = call.trace.find((event) => event.type === 'truncate')!;
    const clear = call.record.events.find((event) => event.type === 'clear')!;
    const heardBefore = call.record.heard.filter((span) => span.playedAtMs < clear.atMs).at(-1)!;
    expect(truncate.audioEndMs).toBeGreaterThan(heardBefore.bytes / 8 - 15);
    expect(truncate.audioEndMs).toBeLessThan(heardBefore.bytes / 8 + 5);
  });

  it('goes on in a new session when the model drops the connection in the middle of an answer', async () => {
    const caller = await loadCaller(sample('greeting'));
    const call = await embeddedCall(caller, { model: { faults: { drop: { response: 2, afterAudioMs: 600 } } } });
    expect(call.record.endReason).toBe('hangup');
    const sessions = new Set(call.trace.map(({ sessionId }) => sessionId));
    expect(sessions.size).toBe(2);
    // The answer that broke off is gone on with in the second session.
    const second = [...sessions][1];
    expect(call.trace.some((event) => event.type === 'delta' && event.sessionId === second)).toBe(true);
    expect(call.record.heard.reduce((sum, span) => sum + span.bytes, 0)).toBe(call.record.received.length);
  });
});
