import { basename, dirname, resolve } from 'node:path';
import { encodeMulaw } from '../../audio/g711.js';
import { noise, tone } from '../../audio/tone.js';
import { readCallerAudio } from '../../audio/wav.js';
import { VoicebridgeError } from '../../errors.js';
import { findSpeech } from '../../measure/voice.js';
import { type LabelledSpeech, labelsOf, type SoundKind } from './labels.js';
import type { Clip } from './script/steps.js';
import type { WrittenSound, WrittenSounds } from './script/written.js';
import { atLevel, builtInSound } from './sounds.js';
import { synthesise, WHAT_TO_INSTALL } from './synthesiser.js';

const RATE = 8000;
/** A synthesised sentence is as loud as the recorded ones of the samples. */
const SPEECH_DBOV = -20;

/** Makes the sounds of one call.yaml; each file is read and each sentence spoken once. */
export class Clips {
  readonly #script: string;
  readonly #made = new Map<string, Promise<Clip>>();

  /** @param script path of the call.yaml, from whose folder names of files count */
  constructor(script: string) {
    this.#script = script;
  }

  /** @param kind what all of it is, when it is not speech. Rejects with VoicebridgeError, mostly script-invalid with the line */
  async of(sounds: WrittenSounds, kind?: SoundKind): Promise<Clip> {
    const clips: Clip[] = [];
    for (const sound of sounds) clips.push(await this.#one(sound));
    const whole = clips.length === 1 ? clips[0]! : joined(clips);
    if (kind === undefined) return whole;
    return { ...whole, speech: whole.speech.map((each) => ({ ...each, sound: kind })) };
  }

  /** A file as linear samples. */
  async samples(file: string, line: number): Promise<Int16Array> {
    return readCallerAudio(this.#pathOf(file)).catch((error: unknown) => this.#missing(error, file, line));
  }

  #one(sound: WrittenSound): Promise<Clip> {
    const key = 'file' in sound ? this.#pathOf(sound.file) : JSON.stringify(sound);
    const making = this.#made.get(key) ?? this.#make(sound);
    this.#made.set(key, making);
    return making;
  }

  async #make(sound: WrittenSound): Promise<Clip> {
    if ('file' in sound)
      return wavClip(this.#pathOf(sound.file)).catch((error: unknown) => this.#missing(error, sound.file, sound.line));
    if ('text' in sound) return this.#sentence(sound.text, sound.line);
    if ('silenceMs' in sound) return clip('silence', new Int16Array(Math.round(sound.silenceMs * 8)), []);
    if ('tone' in sound) return wholeOf('tone', tone({ ...sound.tone, rate: RATE }));
    if ('noise' in sound) return wholeOf('noise', noise({ ...sound.noise, rate: RATE, seed: sound.line }), 'noise');
    return wholeOf(sound.sound, builtInSound(sound.sound));
  }

  async #sentence(text: string, line: number): Promise<Clip> {
    const spoken = await synthesise(text).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
      throw this.#invalid(line, `the sentence could not be spoken: ${reason}`, WHAT_TO_INSTALL);
    });
    if (!spoken)
      throw this.#invalid(line, 'a sentence needs a speech synthesiser, and none is installed here', WHAT_TO_INSTALL);
    const samples = atSpeechLevel(spoken);
    const [first, ...rest] = findSpeech(samples, RATE);
    if (!first) throw this.#invalid(line, `the synthesiser said nothing for "${text}"`, 'write words');
    return clip(text, samples, [{ ...first, text }, ...rest]);
  }

  #pathOf(file: string): string {
    return resolve(dirname(this.#script), file);
  }

  #missing(error: unknown, file: string, line: number): never {
    if (!(error instanceof VoicebridgeError) || error.code !== 'file-missing') throw error;
    const hint = `paths count from the folder of the ${basename(this.#script)}`;
    throw this.#invalid(line, `there is no file ${this.#pathOf(file)}`, hint, error);
  }

  #invalid(line: number, reason: string, hint: string, cause?: unknown): VoicebridgeError {
    return new VoicebridgeError('script-invalid', { path: this.#script, line, reason, hint }, { cause });
  }
}

/** A WAV with the labels beside it. Rejects with VoicebridgeError file-missing, file-unreadable, wav-unreadable, script-invalid. */
export async function wavClip(path: string): Promise<Clip> {
  const samples = await readCallerAudio(path);
  return clip(basename(path), samples, await labelsOf(path, samples));
}

function clip(name: string, samples: Int16Array, speech: readonly LabelledSpeech[]): Clip {
  return { name, audio: encodeMulaw(samples), speech };
}

/** All of it is one sound, from its first sample to its last. */
function wholeOf(name: string, samples: Int16Array, sound?: SoundKind): Clip {
  return clip(name, samples, [{ startSample: 0, endSample: samples.length, ...(sound && { sound }) }]);
}

function joined(clips: readonly Clip[]): Clip {
  const audio = new Uint8Array(clips.reduce((sum, each) => sum + each.audio.length, 0));
  const speech: LabelledSpeech[] = [];
  let at = 0;
  for (const each of clips) {
    audio.set(each.audio, at);
    for (const label of each.speech)
      speech.push({ ...label, startSample: label.startSample + at, endSample: label.endSample + at });
    at += each.audio.length;
  }
  return { name: clips.map(({ name }) => name).join(' + '), audio, speech };
}

/** The level is that of the speech alone: pauses would make a slow sentence louder. */
function atSpeechLevel(samples: Int16Array): Int16Array {
  const spoken = findSpeech(samples, RATE).flatMap(({ startSample, endSample }) => [
    ...samples.subarray(startSample, endSample),
  ]);
  if (spoken.length === 0) return samples;
  const scaled = atLevel(Int16Array.from(spoken), SPEECH_DBOV);
  const loudest = spoken.reduce((best, each, i) => (Math.abs(each) > Math.abs(spoken[best]!) ? i : best), 0);
  const gain = scaled[loudest]! / spoken[loudest]!;
  return Int16Array.from(samples, (each) => Math.max(-32_768, Math.min(32_767, Math.round(each * gain))));
}
