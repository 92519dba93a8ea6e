import { Command, CommanderError } from 'commander';
import { VoicebridgeError } from '../errors.js';
import { readVersion } from '../version.js';
import * as account from './account.js';
import * as bench from './bench.js';
import { reportFailure } from './failure.js';
import * as init from './init.js';
import * as lint from './lint.js';
import * as model from './model.js';
import * as serve from './serve.js';
import * as simulate from './simulate.js';
import { processWorld, type World } from './world.js';

/** In the order a newcomer meets them. A command loads what it needs when it runs: `--help` answers at once. */
const COMMANDS = [simulate, lint, bench, init, serve, model, account];

/** Runs one command line. Never throws: whatever goes wrong becomes a sentence, a hint and an exit code. */
export async function main(world: World = processWorld()): Promise<void> {
  const program = describeProgram(world);
  try {
    await program.parseAsync(world.argv, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) return world.setExitCode(thrown.exitCode);
    world.setExitCode(await reportFailure(thrown, world, wantsJson(program, world.argv)));
  }
}

function describeProgram(world: World): Command {
  const program = new Command('voicebridge')
    .description(
      'Everything between a phone number and a realtime voice model, and both ends of it on your own machine.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      // What a person typed wrong is reported like every other error: see usageErrorOf.
      outputError: () => {},
      getOutHelpWidth: () => world.stdout.columns ?? 100,
      getErrHelpWidth: () => world.stderr.columns ?? 100,
    })
    .addHelpText('after', PROGRAM_EXAMPLES);
  for (const command of COMMANDS) command.register(program, world);
  speakPlainly(program);
  return program;
}

const PROGRAM_EXAMPLES = `
Exit codes:
  0 good · 1 a budget was exceeded or the call had errors · 2 usage
  3 cannot connect or the protocol broke · 4 the measurement is not reliable

Example, a whole call on this machine, without a key, a phone or a cloud:
  $ voicebridge simulate samples/caller.wav`;

/** Turns what commander throws into our errors, with the command whose help would have told. */
function speakPlainly(command: Command): void {
  command.exitOverride((error) => {
    throw usageErrorOf(error, command);
  });
  for (const child of command.commands) speakPlainly(child as Command);
}

function usageErrorOf(error: CommanderError, command: Command): Error {
  if (error.exitCode === 0) return error;
  // `voicebridge` alone: the help has been printed, the exit code still says that nothing was done.
  if (error.code === 'commander.help') return new CommanderError(2, error.code, error.message);
  const path = command.parent ? command.name() : '';
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (one of )?(.*)\?\)$/, ' (did you mean $2?)')
    .replace(/\.$/, '')
    .replace(/^./, (letter) => letter.toLowerCase());
  return new VoicebridgeError('usage', { message, command: path }, { cause: error });
}

/**
 * Whether the script at the other end of stdout waits for a JSON document, also when the command line could not be read.
 * `--json FILE` does not mean that.
 */
function wantsJson(program: Command, argv: readonly string[]): boolean {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const at = words.indexOf('--json');
  if (at < 0) return false;
  const command = program.commands.find((each) => each.name() === words[0]);
  const takesFile = command?.options.find((option) => option.long === '--json')?.isBoolean() === false;
  const next = words[at + 1];
  return !takesFile || next === undefined || next.startsWith('-');
}
