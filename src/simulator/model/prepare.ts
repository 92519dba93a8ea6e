import { dirname, resolve } from 'node:path';
import { Lines } from './lines.js';
import { loadModelScript, type ModelScript, parseModelScript } from './script/file.js';
import { loadVoice, type Voice } from './voice.js';

/** Reads what a model needs before it can serve: its script, its voice, and everything the script says. */
export async function prepareScript(
  given: ModelScript | string | undefined,
  givenVoice: Voice | undefined,
): Promise<{ script: ModelScript; lines: Lines }> {
  const script = typeof given === 'string' ? await loadModelScript(given) : (given ?? parseModelScript(''));
  const voicePath = script.voice === undefined ? undefined : resolve(dirname(script.path), script.voice);
  const voice = givenVoice ?? (await loadVoice(voicePath));
  return { script, lines: await Lines.of(voice, script) };
}
