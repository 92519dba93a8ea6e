import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { VoicebridgeError } from '../errors.js';
import { DEFAULTS } from '../options.js';
import { asTyped } from './as-typed.js';
import { type Answers, DEFAULT_ANSWERS } from './init/answers.js';
import type { World } from './world.js';

interface InitFlags {
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

/** `voicebridge init`: a first voicebridge.yaml. */
export function register(program: Command, world: World): void {
  const { file } = DEFAULTS.config;
  program
    .command('init')
    .summary('write a commented voicebridge.yaml')
    .description('Asks a few questions on a terminal and writes a commented configuration for voicebridge serve.')
    .argument('[file]', 'where to', file)
    .option('-y, --yes', 'ask nothing: one agent, the embedded simulated model', false)
    .option('--force', 'write over a file that is there', false)
    .option('--json', 'print what was written as a JSON document on stdout', false)
    .addHelpText(
      'after',
      `
Examples:
  $ voicebridge init                 asks, on a terminal
  $ voicebridge init --yes shop.yaml && voicebridge serve --config shop.yaml`,
    )
    .action((path: string, flags: InitFlags) => runInit(path, flags, world));
}

async function runInit(shown: string, flags: InitFlags, world: World): Promise<void> {
  const path = resolve(world.cwd, shown);
  // Before anything is asked: answers should not be given in vain.
  if (!flags.force) await refuseToOverwrite(path, shown);
  const answers = await answersOf(flags, world);
  if (!answers) return;
  const { writeConfig } = await import('./init/write.js');
  await write(path, shown, writeConfig(answers), flags.force);
  const next = asTyped(nextCommand(answers, shown), world.env);
  world.stderr.write(`wrote ${shown}\nnext: ${next}\n`);
  if (flags.json) {
    const { agent, provider } = answers;
    world.stdout.write(`${JSON.stringify({ schema: 'voicebridge-init/1', path, agent, provider, next }, null, 2)}\n`);
  }
}

/** Undefined when the person has left. */
async function answersOf(flags: InitFlags, world: World): Promise<Answers | undefined> {
  const atTerminal = (world.stdin as { isTTY?: boolean }).isTTY === true && world.stderr.isTTY === true;
  if (flags.yes || !atTerminal) return DEFAULT_ANSWERS;
  const { ask } = await import('./init/ask.js');
  try {
    return await ask(world);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error;
    world.stderr.write('nothing was written\n');
    world.setExitCode(130);
    return undefined;
  }
}

async function refuseToOverwrite(path: string, shown: string): Promise<void> {
  const { stat } = await import('node:fs/promises');
  if (await stat(path).catch(() => undefined)) throw fileExists(shown);
}

async function write(path: string, shown: string, text: string, force: boolean): Promise<void> {
  try {
    // `wx`: a file that has come meanwhile is not written over either.
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw fileExists(shown);
    throw new VoicebridgeError('file-unwritable', { path: shown, reason: message }, { cause: error });
  }
}

function fileExists(path: string): VoicebridgeError {
  return new VoicebridgeError('file-exists', { path });
}

function nextCommand({ provider }: Answers, shown: string): string {
  const named = shown === DEFAULTS.config.file ? '' : ` --config ${/\s/.test(shown) ? `'${shown}'` : shown}`;
  const keys: Partial<Record<Answers['provider'], string>> = {
    openai: 'OPENAI_API_KEY=… ',
    azure: 'AZURE_OPENAI_API_KEY=… ',
    xai: 'XAI_API_KEY=… ',
  };
  return `${keys[provider] ?? ''}voicebridge serve${named}`;
}
