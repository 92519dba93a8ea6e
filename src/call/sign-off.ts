import { encodeMulaw } from '../audio/g711.js';
import { tone } from '../audio/tone.js';

const TONES_HZ = [660, 550, 440];
const TONE_MS = 160;
const GAP_MS = 60;

export const SIGN_OFF_MS = TONES_HZ.length * (TONE_MS + GAP_MS);

let payload: string | undefined;

/** Three falling tones, µ-law 8 kHz, base64: what a caller hears before a call that cannot go on is ended. Made once. */
export function signOffPayload(): string {
  payload ??= Buffer.concat(
    TONES_HZ.flatMap((hz) => [
      encodeMulaw(tone({ hz, ms: TONE_MS, dbov: -22, rate: 8000 })),
      Buffer.alloc(GAP_MS * 8, 0xff),
    ]),
  ).toString('base64');
  return payload;
}
