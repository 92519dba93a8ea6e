import { decodeAdpcm } from './adpcm.js';

export const RATE = 8000;

/**
 * A lane as `packLane` in `src/measure/page/sound.ts` packs it.
 *
 * @param {string} base64
 * @param {number} samples
 * @returns {Promise<Int16Array>}
 */
export async function unpackLane(base64, samples) {
  const packed = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return decodeAdpcm(new Uint8Array(await new Response(stream).arrayBuffer()), samples);
}

/**
 * A stereo WAV of the lanes, for the browser's own player.
 *
 * @param {Int16Array[]} lanes
 * @param {boolean[]} audible
 */
export function wavOf(lanes, audible) {
  const length = lanes[0].length;
  const buffer = new ArrayBuffer(44 + length * 4);
  const view = new DataView(buffer);
  const text = (at, letters) => {
    for (let i = 0; i < letters.length; i++) view.setUint8(at + i, letters.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + length * 4, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, length * 4, true);
  const samples = new Int16Array(buffer, 44);
  for (const [channel, lane] of lanes.entries()) {
    if (!audible[channel]) continue;
    for (let i = 0; i < length; i++) samples[2 * i + channel] = lane[i];
  }
  return new Blob([buffer], { type: 'audio/wav' });
}

const CELL = 64;

/** The lowest and highest sample of any stretch, fast enough to draw with on every frame. */
export class Peaks {
  /** @param {Int16Array} samples */
  constructor(samples) {
    this.samples = samples;
    const cells = Math.ceil(samples.length / CELL);
    this.low = new Int16Array(cells);
    this.high = new Int16Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      const [low, high] = extremes(samples, samples, cell * CELL, Math.min(samples.length, (cell + 1) * CELL));
      this.low[cell] = low;
      this.high[cell] = high;
    }
  }

  /**
   * One column of a drawing: of the samples from `from` up to but not including `to`, whole cells where there are many.
   *
   * @param {number} from
   * @param {number} to
   */
  column(from, to) {
    const begin = Math.max(0, Math.floor(from));
    const end = Math.min(this.samples.length, Math.max(begin + 1, Math.ceil(to)));
    if (begin >= end) return [0, 0];
    if (to - from < 2 * CELL) return extremes(this.samples, this.samples, begin, end);
    return extremes(this.low, this.high, Math.floor(begin / CELL), Math.ceil(end / CELL));
  }
}

function extremes(lows, highs, from, to) {
  let low = lows[from];
  let high = highs[from];
  for (let i = from + 1; i < to; i++) {
    if (lows[i] < low) low = lows[i];
    if (highs[i] > high) high = highs[i];
  }
  return [low, high];
}
