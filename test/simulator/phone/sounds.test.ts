import { describe, expect, it } from 'vitest';
import { peakDbov, rmsDbov } from '../../../src/audio/level.js';
import { findSpeech } from '../../../src/measure/voice.js';
import { VoiceActivity } from '../../../src/simulator/model/voice-activity.js';
import { BUILT_IN_SOUNDS, builtInSound } from '../../../src/simulator/phone/sounds.js';

const all = [...BUILT_IN_SOUNDS.backchannel, ...BUILT_IN_SOUNDS.cough];

describe.each(all)('the built-in sound %s', (name) => {
  it('is short, at the level of a listener, not clipped, and always the same', () => {
    const samples = builtInSound(name);
    expect(samples.length / 8).toBeGreaterThan(350);
    expect(samples.length / 8).toBeLessThan(600);
    expect(rmsDbov(samples)).toBeCloseTo(name === 'cough' ? -22 : -24, 1);
    expect(peakDbov(samples)).toBeLessThan(-3);
    expect(builtInSound(name)).toEqual(samples);
  });

  it('is heard by a detector that knows energy and not words', () => {
    const call = new Int16Array(16_000);
    call.set(builtInSound(name), 8000);
    expect(findSpeech(call, 8000).length).toBeGreaterThan(0);
    const detector = new VoiceActivity({ rate: 8000, silenceDurationMs: 500 });
    expect(detector.push(call).map(({ type }) => type)).toContain('speech-started');
  });
});
