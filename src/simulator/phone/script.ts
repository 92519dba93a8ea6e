import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { encodeMulaw } from '../../audio/g711.js';
import { readCallerAudio } from '../../audio/wav.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { CarrierScript } from './dial-options.js';
import { type LabelledSpeech, labelsOf } from './labels.js';
import type { LiveSource } from './live-caller.js';
import { readCallFile, type WrittenStep } from './script-file.js';

/** Something the caller says: µ-law at 8 kHz, and where in it speech lies. */
export interface Clip {
  readonly name: string;
  readonly audio: Uint8Array;
  readonly speech: readonly LabelledSpeech[];
}

/** When to speak over the agent. */
export type InterruptAt =
  /** So long after its answer became audible. */
  | { readonly afterMs: number }
  /** When this share (0 to 1) of the answer received so far has been played. */
  | { readonly share: number }
  /** When no more than this is left to play and nothing more is arriving. */
  | { readonly leftMs: number };

export type Step =
  | { readonly type: 'say'; readonly clip: Clip }
  | { readonly type: 'interrupt'; readonly clip: Clip; readonly when: InterruptAt; readonly timeoutMs: number }
  | { readonly type: 'wait'; readonly until: 'agent-starts' | 'agent-finishes'; readonly timeoutMs: number }
  | { readonly type: 'pause'; readonly ms: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'hangup' };

/** What a caller does, step by step, with all audio in memory. When it runs out the caller waits for the agent to finish and hangs up. */
export interface CallerScript extends CarrierScript {
  readonly name: string;
  readonly description?: string;
  readonly path: string;
  readonly steps: readonly Step[];
}

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
  const clip = await loadClip(path);
  const name = clip.name.replace(/\.[^.]*$/, '');
  return { name, path, steps: [{ type: 'say', clip }] };
}

async function loadCallFile(path: string): Promise<CallerScript> {
  const written = await readCallFile(path);
  const clips = new Map<string, Promise<Clip>>();
  const clip = (file: string, line: number): Promise<Clip> => {
    const wav = resolve(dirname(path), file);
    const loading = clips.get(wav) ?? loadClip(wav, path, line);
    clips.set(wav, loading);
    return loading;
  };
  const steps: Step[] = [];
  for (const step of written.steps) steps.push(await toStep(step, clip));
  const { name = basename(dirname(path)), description } = written;
  return { name, path, steps, ...(description !== undefined && { description }) };
}

async function toStep(step: WrittenStep, load: (file: string, line: number) => Promise<Clip>): Promise<Step> {
  const timeoutMs = step.timeoutMs ?? DEFAULTS.phone.waitTimeoutMs;
  switch (step.type) {
    case 'say':
      return { type: 'say', clip: await load(step.file, step.line) };
    case 'interrupt':
      return { type: 'interrupt', clip: await load(step.file, step.line), when: step.when, timeoutMs };
    case 'wait':
      return { type: 'wait', until: step.until, timeoutMs };
    case 'pause':
      return { type: 'pause', ms: step.ms };
    case 'digits':
      return { type: 'digits', digits: step.digits };
    case 'hangup':
      return { type: 'hangup' };
  }
}

/** `script` and `line` say where the WAV is named, when it is missing. */
async function loadClip(path: string, script?: string, line?: number): Promise<Clip> {
  const samples = await readCallerAudio(path).catch((error: unknown) => {
    if (script === undefined || !(error instanceof VoicebridgeError) || error.code !== 'file-missing') throw error;
    const reason = `there is no file ${path}`;
    const hint = `paths count from the folder of the ${basename(script)}`;
    throw new VoicebridgeError('script-invalid', { path: script, line: line ?? 1, reason, hint }, { cause: error });
  });
  return { name: basename(path), audio: encodeMulaw(samples), speech: await labelsOf(path, samples) };
}

function missing(path: string, hint: string): VoicebridgeError {
  return new VoicebridgeError('file-missing', { path, hint });
}
