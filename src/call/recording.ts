import { encodeMulaw } from '../audio/g711.js';
import { readCallerAudio } from '../audio/wav.js';
import type { Recording } from './plan.js';

/** A WAV of any rate as the agent plays it. Throws what `readWav` throws. @param text what is said in it, for the model */
export async function loadRecording(path: string, text: string): Promise<Recording> {
  return { payload: Buffer.from(encodeMulaw(await readCallerAudio(path))).toString('base64'), text };
}
