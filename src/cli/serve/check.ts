import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '../../clock.js';
import type { Finding, WrittenConfig } from '../../config/read.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { World } from '../world.js';
import type { ConfigFile } from './flags.js';

type KeyOf = typeof import('../../config/models.js').keyOf;

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
  const { keyOf } = await import('../../config/models.js');
  const names = variablesOf(written, keyOf);
  const beside = await mistakesBeside(written, file, names);
  const unset = names.filter((name) => !world.env[name]);
  return { ...document, ok: beside.length === 0, mistakes: beside, warnings: written.warnings, unset };
}

/** What shows only when the files are read that the configuration names. */
async function mistakesBeside(written: WrittenConfig, file: ConfigFile, names: readonly string[]): Promise<Finding[]> {
  const { openConfig } = await import('../../config/open.js');
  const notCalled = (): never => {
    throw new Error('no model is called by a check');
  };
  const env = Object.fromEntries(names.map((name) => [name, 'set']));
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

/** Every variable of the environment that this configuration reads. */
function variablesOf({ config }: WrittenConfig, keyOf: KeyOf): string[] {
  const { models = {}, lookup, agents } = config;
  const names = Object.values(models).flatMap((model) => {
    const { variable, needed } = keyOf(model);
    return needed && variable !== undefined ? [variable] : [];
  });
  const tools = Object.values(agents).flatMap(({ tools = [] }) => tools);
  for (const tool of tools) if (tool.type === 'http' && tool.secretEnv) names.push(tool.secretEnv);
  if (lookup?.secretEnv) names.push(lookup.secretEnv);
  return [...new Set(names)];
}
