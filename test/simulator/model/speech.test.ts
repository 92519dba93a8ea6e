import { expect, it } from 'vitest';
import { L16_24K, PCMA_8K, PCMU_8K } from '../../../src/audio/format.js';
import { decodeAlaw, decodeMulaw } from '../../../src/audio/g711.js';
import { rmsDbov } from '../../../src/audio/level.js';
import { Speech } from '../../../src/simulator/model/speech.js';
import { line } from './client.js';

const LINE = line('One two three.', 500);
const QUIET = { ...LINE, pcmu: new Uint8Array(4000).fill(0xff), l16: new Int16Array(12_000) };

function whole(speech: Speech): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = speech.make(333); piece.length > 0; piece = speech.make(333)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function samplesOf(bytes: Buffer): Int16Array {
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

it('says the line in each format at its full length', () => {
  expect(whole(new Speech(LINE, PCMU_8K, 1)).length).toBe(4000);
  expect(whole(new Speech(LINE, PCMA_8K, 1)).length).toBe(4000);
  expect(whole(new Speech(LINE, L16_24K, 1)).length).toBe(24_000);
  expect(new Speech(LINE, L16_24K, 1).totalMs).toBe(500);
});

it('stays true to the line within the noise and one step of the code', () => {
  const clean = decodeMulaw(LINE.pcmu);
  for (const [format, decode] of [
    [PCMU_8K, decodeMulaw],
    [PCMA_8K, decodeAlaw],
  ] as const) {
    const said = decode(whole(new Speech(LINE, format, 1)));
    for (const [at, sample] of said.entries()) expect(Math.abs(sample - clean[at]!)).toBeLessThan(28 + 128);
  }
  const said = samplesOf(whole(new Speech(LINE, L16_24K, 1)));
  for (const [at, sample] of said.entries()) expect(Math.abs(sample - LINE.l16[at]!)).toBeLessThanOrEqual(28);
});

it('adds inaudible noise that makes every utterance its own, also in its pauses', () => {
  const noise = samplesOf(whole(new Speech(QUIET, L16_24K, 1)));
  expect(rmsDbov(noise)).toBeGreaterThan(-67);
  expect(rmsDbov(noise)).toBeLessThan(-65);
  const first = whole(new Speech(QUIET, PCMU_8K, 1));
  expect(first.equals(whole(new Speech(QUIET, PCMU_8K, 1)))).toBe(true);
  const second = whole(new Speech(QUIET, PCMU_8K, 2));
  const differing = first.filter((byte, at) => byte !== second[at]).length;
  expect(differing).toBeGreaterThan(2000);
});

it('is the same however it is cut', () => {
  const cut = whole(new Speech(LINE, L16_24K, 5));
  expect(new Speech(LINE, L16_24K, 5).make(24_000).equals(cut)).toBe(true);
});

it('ends where a limit says', () => {
  expect(whole(new Speech(LINE, PCMU_8K, 1, 100)).length).toBe(800);
  expect(whole(new Speech(LINE, PCMU_8K, 1, 9000)).length).toBe(4000);
});
