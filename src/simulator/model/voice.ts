import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { encodeMulaw } from '../../audio/g711.js';
import { resampleWhole } from '../../audio/resample.js';
import { readWav } from '../../audio/wav.js';
import { VoicebridgeError } from '../../errors.js';
import { SAMPLES_DIRECTORY } from '../../samples.js';
import { labelsOf } from '../phone/labels.js';
import { timeWords, type WordTiming } from './words.js';

/** One thing the agent can say, in both formats a realtime model speaks. Both last equally long, to the sample. */
export interface Line {
  readonly text: string;
  /** What a script may call it: the name of its file without the ending. */
  readonly name?: string;
  /** Where each word lies; without it, words are taken to fill the line evenly. */
  readonly words?: readonly WordTiming[];
  /** µ-law, 8 kHz. */
  readonly pcmu: Uint8Array;
  /** Linear 16 bit, 24 kHz. */
  readonly l16: Int16Array;
}

/** Everything the agent can say. */
export interface Voice {
  readonly greeting: Line;
  /** Answers in their order; at least one. */
  readonly lines: readonly Line[];
  /** The answer to a caller who spoke over the agent. Without it, the next line is. */
  readonly interrupted?: Line;
}

const FILE_NAME = 'agent.yaml';
const PACKAGED = join(SAMPLES_DIRECTORY, 'agent', FILE_NAME);
const KEYS = ['greeting', 'lines', 'interrupted'];
const LINE_KEYS = ['wav', 'text'];
const HINT = 'compare it with samples/agent/agent.yaml';

/**
 * Reads a voice: an `agent.yaml`, or the folder that holds one; without a path the voice that comes with the package.
 * The WAVs, whose paths are relative to the `agent.yaml`, may have any rate and channel count.
 *
 * @throws VoicebridgeError `file-missing`, `file-unreadable`, `wav-unreadable`, or `script-invalid` with the line
 */
export async function loadVoice(path: string = PACKAGED): Promise<Voice> {
  const file = (await isFolder(path)) ? join(path, FILE_NAME) : path;
  const script = parseVoice(await readText(file), file);
  const speak = (line: ScriptLine) => loadLine(line, resolve(dirname(file), line.wav));
  const [greeting, interrupted, lines] = await Promise.all([
    speak(script.greeting),
    script.interrupted && speak(script.interrupted),
    Promise.all(script.lines.map(speak)),
  ]);
  return { greeting, lines, ...(interrupted && { interrupted }) };
}

/** Reads a sound file as a line that says `text`. Throws VoicebridgeError `wav-unreadable`. */
export async function loadLine({ text }: { readonly text: string }, path: string): Promise<Line> {
  const { samples, rate } = await readWav(path);
  if (samples.length === 0) throw new VoicebridgeError('wav-unreadable', { path, reason: 'it holds no sound' });
  const narrow = await resampleWhole(samples, rate, 8000);
  const spans = (await labelsOf(path, narrow)).map(({ startSample, endSample, text: said }) => ({
    startMs: startSample / 8,
    endMs: endSample / 8,
    ...(said !== undefined && { text: said }),
  }));
  const name = basename(path, extname(path));
  return { name, words: timeWords(text, spans), ...line(text, narrow, await resampleWhole(samples, rate, 24_000)) };
}

/** A line made of samples at 8 and at 24 kHz. */
export function line(text: string, narrow: Int16Array, wide: Int16Array): Line {
  // Rounding may leave the two a third of a sample apart: cut or pad to exactly three for one.
  const l16 = new Int16Array(narrow.length * 3);
  l16.set(wide.subarray(0, l16.length));
  return { text, pcmu: encodeMulaw(narrow), l16 };
}

/** How long a line is. */
export function lineMs({ pcmu }: Line): number {
  return pcmu.length / 8;
}

interface ScriptLine {
  readonly wav: string;
  readonly text: string;
}

interface VoiceScript {
  readonly greeting: ScriptLine;
  readonly lines: readonly ScriptLine[];
  readonly interrupted?: ScriptLine;
}

/** Checks the shape of an `agent.yaml`; `path` appears in messages only. */
function parseVoice(text: string, path: string): VoiceScript {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineOf = (offset: number | undefined) => Math.max(1, lineCounter.linePos(offset ?? 0).line);
  const fail = (reason: string, node?: Node | null): never => {
    throw invalid(path, lineOf(node?.range?.[0]), reason);
  };
  const [mistake] = document.errors;
  if (mistake) throw invalid(path, lineOf(mistake.pos[0]), mistake.message.split('\n')[0]!);

  const root = document.contents;
  if (!isMap(root)) return fail('a voice is a map with greeting and lines', root);
  known(root, KEYS);
  const lines = root.get('lines', true) as Node | undefined;
  if (!isSeq(lines) || lines.items.length === 0)
    return fail('lines must be a list with at least one {wav, text}', lines ?? root);
  const interrupted = root.get('interrupted', true) as Node | undefined;
  return {
    greeting: entry(root.get('greeting', true) as Node | undefined, 'greeting', root),
    lines: lines.items.map((item, index) => entry(item as Node, `lines, entry ${index + 1},`, lines)),
    ...(interrupted && { interrupted: entry(interrupted, 'interrupted', root) }),
  };

  function entry(node: Node | undefined, name: string, parent: Node): ScriptLine {
    if (!isMap(node)) return fail(`${name} must be {wav, text}`, node ?? parent);
    known(node, LINE_KEYS);
    return { wav: string(node, 'wav', name), text: string(node, 'text', name) };
  }

  function string(map: YAMLMap, key: string, name: string): string {
    const value = map.get(key, true) as Node | undefined;
    if (isScalar(value) && typeof value.value === 'string' && value.value.trim() !== '') return value.value.trim();
    return fail(`${name} needs ${key === 'wav' ? 'a wav, the path of a sound file' : 'a text, the words spoken'}`, map);
  }

  function known(map: YAMLMap, keys: readonly string[]): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      if (!keys.includes(name)) fail(`unknown key ${name}; known are ${keys.join(', ')}`, key as Node);
    }
  }
}

function invalid(path: string, line: number, reason: string): VoicebridgeError {
  return new VoicebridgeError('script-invalid', { path, line, reason, hint: HINT });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new VoicebridgeError(
        'file-missing',
        { path, hint: 'name a folder with an agent.yaml, or leave it out' },
        { cause },
      );
    throw new VoicebridgeError('file-unreadable', { path, reason: code ?? message, hint: HINT }, { cause });
  }
}
