/** RFC 3551 names: PCMU is G.711 µ-law, PCMA is G.711 A-law, L16 is linear 16 bit, here little-endian as the models use it. */
export type Encoding = 'PCMU' | 'PCMA' | 'L16';

/** One channel of audio as it travels on a wire. */
export interface AudioFormat {
  readonly encoding: Encoding;
  /** Samples per second. */
  readonly rate: number;
}

export const PCMU_8K: AudioFormat = { encoding: 'PCMU', rate: 8000 };
export const PCMA_8K: AudioFormat = { encoding: 'PCMA', rate: 8000 };
export const L16_8K: AudioFormat = { encoding: 'L16', rate: 8000 };
export const L16_16K: AudioFormat = { encoding: 'L16', rate: 16_000 };
export const L16_24K: AudioFormat = { encoding: 'L16', rate: 24_000 };
export const L16_48K: AudioFormat = { encoding: 'L16', rate: 48_000 };

/** Whole bytes of one millisecond: 8 for PCMU at 8 kHz, 48 for L16 at 24 kHz. */
export function bytesPerMs(format: AudioFormat): number {
  return (format.rate / 1000) * (format.encoding === 'L16' ? 2 : 1);
}

export function sameFormat(a: AudioFormat, b: AudioFormat): boolean {
  return a.encoding === b.encoding && a.rate === b.rate;
}
