import { expect, it } from 'vitest';
import { Turns } from '../../../src/simulator/model/turns.js';
import type { VoiceActivityEvent } from '../../../src/simulator/model/voice-activity.js';

/** Hands out what is prepared, one list for every push. */
function detector(...pushes: VoiceActivityEvent[][]) {
  return { push: () => pushes.shift() ?? [] };
}

const STARTED: VoiceActivityEvent = { type: 'speech-started', atSample: 8000, detectedAtSample: 8400 };
const STOPPED: VoiceActivityEvent = { type: 'speech-stopped', atSample: 16_000, detectedAtSample: 20_000 };
const SERVER_VAD = { type: 'server_vad', prefix_padding_ms: 300 } as const;
const AUDIO = new Int16Array(160);

it('begins a turn before the speech by the padding and ends it where the decision fell', () => {
  const turns = new Turns(detector([STARTED], [STOPPED]), SERVER_VAD, 0);
  expect(turns.push(AUDIO)).toEqual([{ type: 'started', audioStartMs: 700 }]);
  expect(turns.isSpeaking).toBe(true);
  expect(turns.push(AUDIO)).toEqual([{ type: 'stopped', audioEndMs: 2500 }]);
  expect(turns.isSpeaking).toBe(false);
});

it('counts from all audio ever appended', () => {
  const turns = new Turns(detector([STARTED, STOPPED]), SERVER_VAD, 10_000);
  expect(turns.push(AUDIO)).toEqual([
    { type: 'started', audioStartMs: 10_700 },
    { type: 'stopped', audioEndMs: 12_500 },
  ]);
});

it('never begins a turn inside the one before, nor before the first audio', () => {
  const again: VoiceActivityEvent = { type: 'speech-started', atSample: 20_080, detectedAtSample: 20_400 };
  const turns = new Turns(detector([STARTED, STOPPED], [again]), { type: 'server_vad', prefix_padding_ms: 5000 }, 0);
  expect(turns.push(AUDIO)[0]).toEqual({ type: 'started', audioStartMs: 0 });
  expect(turns.push(AUDIO)).toEqual([{ type: 'started', audioStartMs: 2500 }]);
});
