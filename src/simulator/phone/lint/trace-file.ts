import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VoicebridgeError } from '../../../errors.js';
import type { PhoneEvent } from '../events.js';
import type { TraceLine } from './trace.js';

/** What a file holds: the event log of a call of ours, or the messages of anybody's. */
export type TraceFile =
  | { readonly kind: 'events'; readonly path: string; readonly events: readonly PhoneEvent[] }
  | { readonly kind: 'messages'; readonly path: string; readonly lines: readonly TraceLine[] };

const EVENTS_FILE = 'events.jsonl';
const HINT =
  'a line is {"atMs":0,"from":"server","text":"…"}, or the file is the events.jsonl of a call: voicebridge lint --help';

/**
 * Reads a trace, an event log, or the folder of a call. A last line that was cut off, as in the log of a call that was
 * killed, is left out. Throws VoicebridgeError: file-missing, file-unreadable, script-invalid (with the line).
 */
export async function readTrace(path: string): Promise<TraceFile> {
  const info = await stat(path).catch(() => undefined);
  const file = info?.isDirectory() ? join(path, EVENTS_FILE) : path;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new VoicebridgeError('file-missing', { path: file, hint: HINT });
    throw new VoicebridgeError('file-unreadable', { path: file, reason: error.message, hint: HINT });
  });
  return parseTrace(file, text);
}

/** @param path for the error message */
export function parseTrace(path: string, text: string): TraceFile {
  const rows = parseRows(path, text);
  if (rows.length === 0) throw invalid(path, 1, 'the file is empty');
  const isLog = rows.every(({ value }) => typeof value.type === 'string' && isTime(value.atMs));
  if (isLog) return { kind: 'events', path, events: rows.map(({ value }) => value as unknown as PhoneEvent) };
  return { kind: 'messages', path, lines: rows.map(({ value, line }) => traceLine(path, value, line)) };
}

interface Row {
  readonly line: number;
  readonly value: Record<string, unknown>;
}

function parseRows(path: string, text: string): Row[] {
  const lines = text.split('\n');
  const rows: Row[] = [];
  for (const [index, source] of lines.entries()) {
    if (source.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(source);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalid(path, index + 1, 'this is not a JSON object');
      rows.push({ line: index + 1, value: value as Record<string, unknown> });
    } catch (error) {
      if (error instanceof VoicebridgeError) throw error;
      const cutOff = index === lines.length - 1 && rows.length > 0;
      if (!cutOff) throw invalid(path, index + 1, 'this is not JSON');
    }
  }
  return rows;
}

function traceLine(path: string, value: Record<string, unknown>, line: number): TraceLine {
  const { atMs, from, text, binaryBytes, close } = value;
  if (!isTime(atMs)) throw invalid(path, line, 'atMs is not a number of milliseconds');
  if (from !== 'server' && from !== 'phone') throw invalid(path, line, 'from is neither "server" nor "phone"');
  if (typeof text === 'string') return { atMs, from, text };
  if (isTime(binaryBytes)) return { atMs, from, binaryBytes };
  if (isTime(close)) return { atMs, from, close };
  throw invalid(path, line, 'there is no text: what was sent, as one JSON string');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function invalid(path: string, line: number, reason: string): VoicebridgeError {
  return new VoicebridgeError('script-invalid', { path, line, reason, hint: HINT });
}
