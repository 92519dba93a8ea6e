import { describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/g711.js';
import { rmsDbov } from '../../src/audio/level.js';
import { SIGN_OFF_MS, signOffPayload } from '../../src/call/sign-off.js';

describe('the sign-off', () => {
  it('is as long as it says, audible, and does not clip', () => {
    const audio = Buffer.from(signOffPayload(), 'base64');
    expect(audio.length).toBe(SIGN_OFF_MS * 8);
    const samples = decodeMulaw(audio);
    expect(rmsDbov(samples)).toBeGreaterThan(-30);
    expect(samples.every((sample) => Math.abs(sample) < 16_000)).toBe(true);
  });

  it('is made once', () => {
    expect(signOffPayload()).toBe(signOffPayload());
  });
});
