import { describe, expect, it } from 'vitest';
import { L16_24K, PCMU_8K } from '../../src/audio/format.js';
import { encodeL16 } from '../../src/audio/l16.js';
import { tone } from '../../src/audio/tone.js';
import { createTranscoder } from '../../src/audio/transcode.js';
import { locateModelAudio } from '../../src/measure/model-audio.js';
import { inPhoneFormat } from '../../src/measure/phone-format.js';
import { findTruncations } from '../../src/measure/truncation.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';

const wide = encodeL16(tone({ hz: 300, ms: 400, dbov: -20, rate: 24_000 }));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function session(sessionId: string, output: string): ModelTraceEvent[] {
  const delta = { type: 'delta', sessionId, responseId: 'r', itemId: `item ${sessionId}`, contentIndex: 0 } as const;
  return [
    { type: 'configured', atMs: 0, sessionId, input: output, output },
    { ...delta, atMs: 1, audio: base64(wide.subarray(0, 9_601)) },
    { ...delta, atMs: 2, audio: base64(wide.subarray(9_601)) },
  ];
}

describe('the trace of a model that speaks linear audio at 24 kHz', () => {
  it('holds what a relay with our resampler sends to the phone, byte for byte, each session for itself', async () => {
    const relay = await createTranscoder(L16_24K, PCMU_8K);
    const received = relay.bytes(wide);
    relay.free();
    const trace = await inPhoneFormat([...session('a', 'audio/pcm'), ...session('b', 'audio/pcm')]);
    for (const sessionId of ['a', 'b']) {
      const own = trace.filter((event) => event.sessionId === sessionId);
      const audio = locateModelAudio(own, received)!;
      expect(audio.deltas.map(({ pieces, foundBytes }) => [pieces[0]?.streamOffset, foundBytes])).toEqual([
        [0, 1600],
        [1600, 1600],
      ]);
      expect(audio.behindMs).toBe(5);
    }
  });

  it('counts what was heard of an item without the delay of the filter', async () => {
    const relay = await createTranscoder(L16_24K, PCMU_8K);
    const received = relay.bytes(wide);
    relay.free();
    const truncate = { type: 'truncate', atMs: 300, sessionId: 'a', itemId: 'item a', audioEndMs: 195 } as const;
    const trace = [...(await inPhoneFormat(session('a', 'audio/pcm'))), truncate];
    const heard = [{ streamOffset: 0, bytes: 1600, playedAtMs: 10 }];
    const clear = { type: 'clear', atMs: 210, droppedBytes: 1600 } as const;
    const { items } = findTruncations(locateModelAudio(trace, received)!, trace, heard, [clear]);
    expect(items).toEqual([
      { itemId: 'item a', totalMs: 400, playedMs: 195, toldMs: 195, errorMs: 0, verdict: 'told' },
    ]);
  });

  it('is left as it is when it is µ-law already', async () => {
    const trace = session('a', 'audio/pcmu');
    expect(await inPhoneFormat(trace)).toEqual(trace);
  });
});
