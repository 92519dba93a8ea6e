import { readFile } from 'node:fs/promises';
import { VoicebridgeError } from '../errors.js';
import { type FileKind, YamlFile } from '../yaml-file.js';
import { contradictions, doubts } from './checks.js';
import { type Mistake, mistakesOf } from './mistakes.js';
import { unfitValues } from './secrets.js';
import { type ConfigShape, configShape } from './shape.js';

/** A sentence about a line of a file. */
export interface Finding {
  /** Counts from 1. */
  readonly line: number;
  readonly sentence: string;
}

/** A configuration without mistakes. */
export interface WrittenConfig {
  /** As it was given, for messages; files that it names stand beside it. */
  readonly path: string;
  readonly config: ConfigShape;
  /** What works and was probably not meant. */
  readonly warnings: readonly Finding[];
  /** Refuses the whole file for something that shows only later, at the place of its cause. */
  fail(path: readonly PropertyKey[], sentence: string, hint?: string): never;
  /** The same as a finding. */
  at(path: readonly PropertyKey[], sentence: string): Finding;
}

const KIND: FileKind = {
  error: 'config-invalid',
  hint: 'samples/voicebridge.yaml shows how it is written; voicebridge serve --check tells every mistake at once',
  merge: true,
};

/** Reads and checks a voicebridge.yaml. Throws VoicebridgeError file-missing, file-unreadable, or config-invalid. */
export async function readConfigFile(path: string, shownAs = path): Promise<WrittenConfig> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw new VoicebridgeError(
        'file-missing',
        { path: shownAs, hint: 'voicebridge init writes one' },
        { cause: error },
      );
    }
    const reason = error.code === 'EISDIR' ? 'it is a folder' : error.message;
    throw new VoicebridgeError(
      'file-unreadable',
      { path: shownAs, reason, hint: 'check its permissions' },
      { cause: error },
    );
  });
  return parseConfig(text, shownAs);
}

/** `path` is for the messages. Throws VoicebridgeError config-invalid for the first mistake of the file. */
export function parseConfig(text: string, path: string): WrittenConfig {
  const { file, config, mistakes } = examine(text, path);
  const [first] = mistakes;
  if (first) file.failAt(first.line, first.sentence);
  return {
    path,
    config: config!,
    warnings: placed(doubts(config!), file),
    fail: (path, sentence, hint) => file.failAt(file.lineAt(path), sentence, hint),
    at: (path, sentence) => ({ line: file.lineAt(path), sentence }),
  };
}

/** Every mistake, in the order of the file. Throws VoicebridgeError config-invalid for what is no YAML at all. */
export function mistakesIn(text: string, path: string): readonly Finding[] {
  return examine(text, path).mistakes;
}

function examine(text: string, path: string): { file: YamlFile; config?: ConfigShape; mistakes: readonly Finding[] } {
  const file = new YamlFile(text, path, KIND);
  const written = file.toValue();
  const unfit = unfitValues(written);
  if (unfit.length > 0) return { file, mistakes: placed(unfit, file) };
  const parsed = configShape.safeParse(written);
  if (!parsed.success) return { file, mistakes: placed(mistakesOf(parsed.error.issues, written), file) };
  return { file, config: parsed.data, mistakes: placed(contradictions(parsed.data), file) };
}

function placed(mistakes: readonly Mistake[], file: YamlFile): Finding[] {
  const found = mistakes.map(({ path, sentence }) => ({ line: file.lineAt(path), sentence }));
  return found.sort((a, b) => a.line - b.line);
}
