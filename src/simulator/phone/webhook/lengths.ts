import type { TwimlElement } from './xml.js';

/** A voice says about 160 words a minute. */
const WORD_MS = 375;
/** A half second each: Twilio's length of a `w`; a tone is shorter. */
const DIGIT_MS = { w: 500, W: 1000, tone: 200 } as const;
/** `loop="0"` is "until the call is over". */
const ENDLESS = 1000;

/** How long `<Say>` speaks: in silence of the same length. */
export function sayMs({ text, attributes }: TwimlElement): number {
  const words = text.split(/\s+/).filter((word) => word !== '').length;
  return words * WORD_MS * loops(attributes.loop);
}

/** `<Pause>`: one second when left out. */
export function pauseMs({ attributes }: TwimlElement): number {
  return 1000 * wholeNumber(attributes.length, 1);
}

export function loops(loop: string | undefined): number {
  const times = wholeNumber(loop, 1);
  return times === 0 ? ENDLESS : times;
}

/** `<Play digits="ww12">` */
export function digitsMs(digits: string): number {
  return [...digits].reduce((ms, key) => ms + (key === 'w' || key === 'W' ? DIGIT_MS[key] : DIGIT_MS.tone), 0);
}

/** Of a WAV or an MP3; undefined for anything else. */
export function audioMs(audio: Buffer): number | undefined {
  return audio.toString('latin1', 0, 4) === 'RIFF' ? wavMs(audio) : mp3Ms(audio);
}

function wavMs(audio: Buffer): number | undefined {
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= audio.length; ) {
    const name = audio.toString('latin1', at, at + 4);
    const bytes = Math.min(audio.readUInt32LE(at + 4), audio.length - at - 8);
    if (name === 'fmt ' && bytes >= 16) bytesPerSecond = audio.readUInt32LE(at + 16);
    if (name === 'data') return bytesPerSecond > 0 ? (1000 * bytes) / bytesPerSecond : undefined;
    at += 8 + bytes + (bytes % 2);
  }
  return undefined;
}

const KBITS = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** By the bit rate of its first frame: exact for a constant one. */
function mp3Ms(audio: Buffer): number | undefined {
  let at = 0;
  if (audio.toString('latin1', 0, 3) === 'ID3' && audio.length > 10) {
    // The size of the tag has seven bits in each byte.
    at = 10 + audio.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
  }
  for (; at + 4 <= audio.length; at++) {
    const [first, second, third] = [audio[at]!, audio[at + 1]!, audio[at + 2]!];
    // Eleven bits of synchronisation, then MPEG 1 or 2 (2.5), layer III.
    if (first !== 0xff || (second & 0xe0) !== 0xe0 || (second & 0x06) !== 0x02) continue;
    const kbits = KBITS[(second & 0x18) === 0x18 ? 1 : 2][third >> 4];
    if (kbits) return (audio.length - at) * (8 / kbits);
  }
  return undefined;
}

export function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}
