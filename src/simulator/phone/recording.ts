import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { encodeMulaw } from '../../audio/g711.js';
import { readWav } from '../../audio/wav.js';
import { VoicebridgeError } from '../../errors.js';
import { SOUND_KINDS } from './labels.js';
import { planReplay } from './replay-plan.js';
import type { CallerScript } from './script/steps.js';

const RATE = 8_000;
export const SUMMARY_FILE = 'summary.json';
export const WAV_FILE = 'call.wav';
/** Of what `summary.json` holds, and `simulate --json` prints. */
export const CALL_SCHEMA = 'voicebridge-call/1';

const time = z.number().nonnegative();
const summary = z.looseObject({
  schema: z.literal(CALL_SCHEMA),
  call: z.looseObject({ durationMs: time, endReason: z.string() }),
  speech: z.array(
    z.object({ startMs: time, endMs: time, interrupts: z.boolean().default(false), text: z.string().optional() }),
  ),
  sounds: z.array(z.object({ startMs: time, endMs: time, kind: z.enum(SOUND_KINDS) })).default([]),
  digits: z.array(z.object({ atMs: time, digit: z.string().regex(/^[0-9*#A-D]$/) })).default([]),
  clears: z.array(z.object({ atMs: time, droppedMs: z.number() })).default([]),
});

/** A recorded call: its caller as a script, and everything the call said of itself, for comparing. */
export interface Recording {
  readonly directory: string;
  readonly script: CallerScript;
  readonly summary: Readonly<Record<string, unknown>>;
}

/**
 * Reads a folder that a call has left behind: `call.wav` and `summary.json`. Throws VoicebridgeError: file-missing,
 * file-unreadable, wav-unreadable, recording-invalid.
 */
export async function loadRecording(directory: string): Promise<Recording> {
  const full = resolve(directory);
  const wav = join(full, WAV_FILE);
  if (!(await stat(wav).catch(() => undefined))?.isFile()) throw missing(directory, WAV_FILE);
  const read = await readSummary(directory);
  const { channels, rate } = await readWav(wav);
  const [caller, heard] = channels;
  if (rate !== RATE || !caller || !heard) throw invalid(wav, 'this is not a stereo recording at 8000 Hz');
  const { speech, sounds, digits, clears, call } = read;
  const steps = planReplay({
    callerLane: encodeMulaw(caller),
    heardLane: encodeMulaw(heard),
    speech: speech.map(({ text, ...each }) => ({ ...each, ...(text !== undefined && { text }) })),
    sounds,
    digits,
    clears: clears.filter(({ droppedMs }) => droppedMs > 0),
    ...(call.endReason === 'hangup' && { hungUpMs: call.durationMs }),
  });
  return { directory: full, script: { name: `replay of ${basename(full)}`, path: wav, steps }, summary: read };
}

async function readSummary(directory: string): Promise<z.infer<typeof summary>> {
  const path = join(directory, SUMMARY_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw missing(directory, SUMMARY_FILE);
    const hint = 'check its permissions';
    throw new VoicebridgeError('file-unreadable', { path, reason: error.message, hint }, { cause: error });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : 'this is not JSON');
  }
  const parsed = summary.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: place, message } = parsed.error.issues[0]!;
  throw invalid(path, `${place.join('.') || 'the document'}: ${message}`);
}

function missing(directory: string, file: string): VoicebridgeError {
  const hint = 'give the folder of a call that ended: the one that simulate names, with call.wav and summary.json';
  return new VoicebridgeError('file-missing', { path: join(directory, file), hint });
}

function invalid(path: string, reason: string): VoicebridgeError {
  return new VoicebridgeError('recording-invalid', { path, reason });
}
