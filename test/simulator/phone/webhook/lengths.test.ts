import { expect, it } from 'vitest';
import { audioMs, digitsMs, pauseMs, sayMs } from '../../../../src/simulator/phone/webhook/lengths.js';
import { readXml } from '../../../../src/simulator/phone/webhook/xml.js';

it('speaks 160 words a minute, as often as it is told', () => {
  expect(sayMs(readXml('<Say>one two  three four</Say>'))).toBe(1500);
  expect(sayMs(readXml('<Say loop="2">one</Say>'))).toBe(750);
});

it('pauses for a second unless told', () => {
  expect(pauseMs(readXml('<Pause/>'))).toBe(1000);
  expect(pauseMs(readXml('<Pause length="40"/>'))).toBe(40_000);
});

it('waits where digits have a w', () => {
  expect(digitsMs('ww12')).toBe(1400);
});

it('knows how long a WAV is, with whatever stands before its sound', () => {
  const header = Buffer.from(
    'RIFF\0\0\0\0WAVELIST\x02\0\0\0abfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x80\x3e\0\0',
    'latin1',
  );
  expect(audioMs(Buffer.concat([header, Buffer.alloc(16_000)]))).toBe(2000);
});

it('knows how long an MP3 of constant rate is', () => {
  // MPEG 1 layer III, 128 kbit/s: 16 bytes a millisecond.
  const frames = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(15_996)]);
  expect(audioMs(frames)).toBe(1000);
  const tag = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 1, 0, ...Buffer.alloc(128, 0xff)]);
  expect(audioMs(Buffer.concat([tag, frames]))).toBe(1000);
});

it('does not take anything else for sound', () => {
  expect(audioMs(Buffer.from('<html>not found</html>'))).toBeUndefined();
});
