import { readFile } from 'node:fs/promises';
import { VoicebridgeError } from '../../errors.js';
import { type FileKind, YamlFile } from '../../yaml-file.js';
import { call } from './script/grammar.js';
import type { WrittenCall, WrittenStep } from './script/written.js';

export { parseDuration } from './duration.js';
export type { WrittenCall, WrittenStep } from './script/written.js';

/** Reads and checks a call.yaml. Throws VoicebridgeError file-unreadable, or script-invalid with the line. */
export async function readCallFile(path: string): Promise<WrittenCall> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoicebridgeError('file-unreadable', { path, reason, hint: 'check its permissions' }, { cause: error });
  });
  return parseCallFile(text, path);
}

const KIND: FileKind = {
  error: 'script-invalid',
  hint: 'samples/interrupt/call.yaml shows how a call is written; schemas/call.schema.json knows every step',
};

/** `path` is for the messages. Throws VoicebridgeError script-invalid. */
export function parseCallFile(text: string, path: string): WrittenCall {
  const file = new YamlFile(text, path, KIND);
  const whole = { name: 'a call', place: file.root, value: file.root };
  if (!call.fits(whole)) file.fail(file.root, 'a call is a list of "steps"');
  const written = call.read(whole, file);
  const lost = afterTheEnd(written.steps);
  if (lost) file.failAt(lost.line, lost.reason);
  return written;
}

/** A step that can never be performed: behind a hang-up, or behind a drop without a reconnect. */
function afterTheEnd(steps: readonly WrittenStep[]): { line: number; reason: string } | undefined {
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (step.type === 'hangup' && next)
      return { line: next.line, reason: 'nothing can follow a hangup: the call is over' };
    if (step.type === 'drop' && next && next.type !== 'reconnect')
      return { line: next.line, reason: 'only a reconnect can follow a drop: write "- reconnect: true" first' };
    const inside = step.type === 'if' ? (afterTheEnd(step.yes) ?? afterTheEnd(step.no)) : undefined;
    if (inside) return inside;
  }
  return undefined;
}
