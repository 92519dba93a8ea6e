import { resolve } from 'node:path';
import { encodeMulaw } from '../audio/g711.js';
import { readCallerAudio } from '../audio/wav.js';
import type { Recording } from '../call/plan.js';

/** A WAV of any kind as the carrier plays it. Throws as `readWav` does. */
export async function readRecording(folder: string, file: string, text: string): Promise<Recording> {
  const samples = await readCallerAudio(resolve(folder, file));
  return { payload: Buffer.from(encodeMulaw(samples)).toString('base64'), text };
}
