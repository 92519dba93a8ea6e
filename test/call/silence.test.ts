import { describe, expect, it } from 'vitest';
import { silentPayload } from '../../src/call/silence.js';

describe('silentPayload', () => {
  it.each([
    ['', ''],
    ['AA==', '/w=='],
    ['AAE=', '//8='],
    ['AAEC', '////'],
  ])('is as long as what it stands for: %j', (payload, silence) => {
    expect(silentPayload(payload)).toBe(silence);
  });

  it('is made once of a length, and goes on when there are many lengths', () => {
    const frame = Buffer.alloc(160, 1).toString('base64');
    expect(silentPayload(frame)).toBe(Buffer.alloc(160, 0xff).toString('base64'));
    for (let bytes = 1; bytes < 100; bytes++) {
      const payload = Buffer.alloc(bytes).toString('base64');
      expect(Buffer.from(silentPayload(payload), 'base64')).toEqual(Buffer.alloc(bytes, 0xff));
    }
  });
});
