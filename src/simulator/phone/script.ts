import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import { roomOf } from './background.js';
import { Clips, wavClip } from './clips.js';
import type { LiveSource } from './live-caller.js';
import type { Background, CallerScript, Step } from './script/steps.js';
import type { WrittenBackground, WrittenStep } from './script/written.js';
import { readCallFile } from './script-file.js';

export type { Background, CallerScript, Clip, EchoPath, InterruptAt, Step } from './script/steps.js';

/** What can be put on the phone. */
export type CallerSource = CallerScript | LiveSource;

const CALL_FILE = 'call.yaml';

/**
 * Reads a WAV (the caller's side of a whole call), a call.yaml, or a folder with one. Throws VoicebridgeError:
 * file-missing, file-unreadable, wav-unreadable, script-invalid (with the line).
 */
export async function loadCaller(path: string): Promise<CallerScript> {
  const full = resolve(path);
  const found = await stat(full).catch(() => undefined);
  if (!found) throw missing(path, 'give a WAV, a call.yaml or a folder with one: samples/interrupt');
  if (found.isDirectory()) {
    const file = join(full, CALL_FILE);
    const hint = `a call is a folder with a ${CALL_FILE}: see samples/interrupt`;
    if (!(await stat(file).catch(() => undefined))?.isFile()) throw missing(join(path, CALL_FILE), hint);
    return loadCallFile(file);
  }
  return /\.ya?ml$/i.test(full) ? loadCallFile(full) : loadWav(full);
}

async function loadWav(path: string): Promise<CallerScript> {
  const clip = await wavClip(path);
  const name = clip.name.replace(/\.[^.]*$/, '');
  return { name, path, steps: [{ type: 'say', clip }] };
}

async function loadCallFile(path: string): Promise<CallerScript> {
  const { name = basename(dirname(path)), steps: written, noise, model, ...rest } = await readCallFile(path);
  const clips = new Clips(path);
  const steps = await toSteps(written, clips);
  const background = noise && (await toBackground(noise, clips));
  const modelScript = model && resolve(dirname(path), model);
  return { name, path, ...rest, steps, ...(background && { background }), ...(modelScript && { modelScript }) };
}

async function toSteps(written: readonly WrittenStep[], clips: Clips): Promise<Step[]> {
  const steps: Step[] = [];
  for (const step of written) steps.push(await toStep(step, clips));
  return steps;
}

async function toStep(step: WrittenStep, clips: Clips): Promise<Step> {
  const { type, timeoutMs = DEFAULTS.phone.waitTimeoutMs, line } = step;
  switch (type) {
    case 'say':
      return { type, clip: await clips.of(step.sounds) };
    case 'interrupt':
      return { type, clip: await clips.of(step.sounds), when: step.when, timeoutMs };
    case 'aside': {
      const clip = await clips.of(step.sounds, step.kind);
      return { type, clip, timeoutMs, ...(step.when && { when: step.when }) };
    }
    case 'wait':
      return { type, until: step.until, timeoutMs };
    case 'expect':
      return { type, that: step.that, line };
    case 'if':
      return { type, that: step.that, yes: await toSteps(step.yes, clips), no: await toSteps(step.no, clips) };
    default: {
      const { line: _, timeoutMs: __, ...plain } = step;
      return plain;
    }
  }
}

async function toBackground({ kind, dbov, file, line }: WrittenBackground, clips: Clips): Promise<Background> {
  const background = { kind, dbov, ...(file !== undefined && { samples: await clips.samples(file, line) }) };
  // Babble takes a tenth of a second to make, once: before the call, not while its first frames are due.
  roomOf(background, 0);
  return background;
}

function missing(path: string, hint: string): VoicebridgeError {
  return new VoicebridgeError('file-missing', { path, hint });
}
