import { encodeMulaw } from '../audio/g711.js';
import { tone } from '../audio/tone.js';

const RATE = 8000;
const HZ = 440;
const DBOV = -30;
const TONE_MS = 120;
/** From one beginning to the next, and the rest after the second: what sounds like somebody at work, not like an alarm. */
const PERIOD_MS = 320;
/** A sine that begins and ends at once is heard as a click. */
const FADE_SAMPLES = 160;

export const FILLER_TONE_MS = 1000;

let payload: string | undefined;

/**
 * Two soft tones and a pause, µ-law 8 kHz, base64, `FILLER_TONE_MS` long: played again and again while a tool takes its
 * time. Made once.
 */
export function fillerTonePayload(): string {
  payload ??= Buffer.from(encodeMulaw(fillerTone())).toString('base64');
  return payload;
}

function fillerTone(): Int16Array {
  const samples = new Int16Array((FILLER_TONE_MS * RATE) / 1000);
  const note = tone({ hz: HZ, ms: TONE_MS, dbov: DBOV, rate: RATE }).map((value, i, all) => {
    const fromEdge = Math.min(i, all.length - 1 - i);
    return fromEdge < FADE_SAMPLES ? value * 0.5 * (1 - Math.cos((Math.PI * fromEdge) / FADE_SAMPLES)) : value;
  });
  samples.set(note);
  samples.set(note, (PERIOD_MS * RATE) / 1000);
  return samples;
}
