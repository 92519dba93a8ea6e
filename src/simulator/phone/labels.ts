import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VoicebridgeError } from '../../errors.js';
import { findSpeech } from '../../measure/voice.js';

const RATE = 8000;
const SCHEMA = 'voicebridge-labels/1';

/** What a caller may be heard with that is not meant for the agent. */
export const SOUND_KINDS = ['backchannel', 'cough', 'noise'] as const;
export type SoundKind = (typeof SOUND_KINDS)[number];

/** A stretch of speech in a clip, at 8 kHz: `startSample` is the first sample of it, `endSample` the one after the last. */
export interface LabelledSpeech {
  readonly startSample: number;
  readonly endSample: number;
  readonly text?: string;
  readonly interrupts?: boolean;
  /** It is no speech: an agent that stops for it stops for nothing. */
  readonly sound?: SoundKind;
}

/**
 * Where speech lies in a WAV, from `<name>.labels.json` or `labels.json` beside it, else found in the samples.
 * Throws VoicebridgeError script-invalid or file-unreadable for labels that are there but not right.
 */
export async function labelsOf(wavPath: string, samples: Int16Array): Promise<readonly LabelledSpeech[]> {
  const name = basename(wavPath);
  const own = join(dirname(wavPath), `${name.replace(/\.[^.]*$/, '')}.labels.json`);
  for (const path of [own, join(dirname(wavPath), 'labels.json')]) {
    const speech = existsSync(path) ? await readLabels(path, name, samples.length) : undefined;
    if (speech) return speech;
  }
  return findSpeech(samples, RATE);
}

/** The labels of one WAV; undefined when the file has none for it. */
async function readLabels(path: string, name: string, length: number): Promise<LabelledSpeech[] | undefined> {
  const labels = await readJson(path);
  if (!isObject(labels) || labels.schema !== SCHEMA || labels.rate !== RATE || !isObject(labels.files))
    throw invalid(path, `this is not a "${SCHEMA}" with "rate": ${RATE} and "files"`);
  const file = Object.hasOwn(labels.files, name) ? labels.files[name] : undefined;
  if (file === undefined) return undefined;
  if (!isObject(file) || !Array.isArray(file.speech)) throw invalid(path, `"${name}" has no list "speech"`);
  let endOfLast = 0;
  return file.speech.map((entry: unknown, index) => {
    const where = `entry ${index + 1} of "${name}"`;
    if (!isObject(entry)) throw invalid(path, `${where} is not an object`);
    const { startSample, endSample, text, interrupts, sound } = entry;
    if (!isSample(startSample) || !isSample(endSample) || startSample < endOfLast || endSample <= startSample)
      throw invalid(path, `${where} needs startSample and endSample as whole numbers in ascending order`);
    if (endSample > length) throw invalid(path, `${where} ends at sample ${endSample}, the file has ${length}`);
    if (sound !== undefined && !isSoundKind(sound))
      throw invalid(
        path,
        `${where} has the sound "${String(sound).slice(0, 40)}": there are ${SOUND_KINDS.join(', ')}`,
      );
    endOfLast = endSample;
    return {
      startSample,
      endSample,
      ...(typeof text === 'string' && { text }),
      ...(interrupts === true && { interrupts }),
      ...(sound !== undefined && { sound }),
    };
  });
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoicebridgeError('file-unreadable', { path, reason, hint: 'check its permissions' }, { cause: error });
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : 'this is not JSON');
  }
}

function invalid(path: string, reason: string): VoicebridgeError {
  const hint = 'correct the labels, or delete the file: speech is then found in the audio';
  return new VoicebridgeError('script-invalid', { path, line: 1, reason, hint });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSoundKind(value: unknown): value is SoundKind {
  return SOUND_KINDS.some((kind) => kind === value);
}

function isSample(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
