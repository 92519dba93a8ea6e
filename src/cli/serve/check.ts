import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '../../clock.js';
import type { Finding, WrittenConfig } from '../../config/read.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { World } from '../world.js';
import type { ConfigFile } from './flags.js';

/** What `serve --check --json` prints. */
interface CheckDocument {
  readonly schema: 'voicebridge-check/1';
  readonly path: string;
  readonly ok: boolean;
  readonly mistakes: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Variables of the environment that the file names and that are not set here. */
  readonly unset: readonly string[];
}

/**
 * Tells every mistake of the file at once, and what is doubtful, and starts nothing: no model is called, no tool is made
 * ready. Keys may be missing where it is checked.
 */
export async function check(file: ConfigFile | undefined, world: World, json: boolean): Promise<void> {
  if (!file) {
    throw new VoicebridgeError('file-missing', { path: DEFAULTS.config.file, hint: 'voicebridge init writes one' });
  }
  const found = await examine(file, world);
  const say = (kind: string, { line, sentence }: Finding): void =>
    void world.stderr.write(`${kind} ${file.shown}, line ${line}: ${sentence}\n`);
  for (const mistake of found.mistakes) say('error:', mistake);
  for (const warning of found.warnings) say('warning:', warning);
  for (const name of found.unset) world.stderr.write(`warning: ${name} is not set in this environment\n`);
  world.stderr.write(
    found.ok ? `${file.shown} has no mistakes\n` : `${file.shown} has ${found.mistakes.length} mistake(s)\n`,
  );
  if (json) world.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  if (!found.ok) world.setExitCode(2);
}

async function examine(file: ConfigFile, world: World): Promise<CheckDocument> {
  const { mistakesIn, readConfigFile } = await import('../../config/read.js');
  const document = { schema: 'voicebridge-check/1', path: file.path } as const;
  const mistakes = mistakesIn(await readFile(file.path, 'utf8').catch(() => ''), file.shown);
  if (mistakes.length > 0) {
    // A file that is not there or cannot be read says so itself.
    await readConfigFile(file.path, file.shown).catch((error) => {
      if (error.code !== 'config-invalid') throw error;
    });
    return { ...document, ok: false, mistakes, warnings: [], unset: [] };
  }
  const written = await readConfigFile(file.path, file.shown);
  const [{ variablesOf }, { checkTools }] = await Promise.all([
    import('../../config/environment.js'),
    import('./check-tools.js'),
  ]);
  const { needed, carrier } = variablesOf(written.config);
  const env = Object.fromEntries(needed.map((name) => [name, 'set']));
  const tools = await checkTools(written, { baseDir: dirname(file.path), env });
  const beside = inOrder([...tools.mistakes, ...(await mistakesBeside(written, file, env))]);
  const warnings = inOrder([...written.warnings, ...tools.warnings]);
  const unset = [...needed, ...carrier].filter((name) => !world.env[name]);
  return { ...document, ok: beside.length === 0, mistakes: beside, warnings, unset };
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => a.line - b.line);
}

/** What shows only when the files are read that the configuration names. */
async function mistakesBeside(
  written: WrittenConfig,
  file: ConfigFile,
  env: Readonly<Record<string, string>>,
): Promise<Finding[]> {
  const { openConfig } = await import('../../config/open.js');
  const notCalled = (): never => {
    throw new Error('no model is called by a check');
  };
  try {
    await openConfig(written, {
      env,
      folder: dirname(file.path),
      clock: systemClock,
      openModel: () => notCalled,
      buildTools: async () => ({ tools: [], close: async () => {} }),
    });
    return [];
  } catch (error) {
    if (!(error instanceof VoicebridgeError)) throw error;
    const [, line = '1', sentence = error.message] = /, line (\d+): (.*)$/s.exec(error.message) ?? [];
    return [{ line: Number(line), sentence }];
  }
}
