import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { readVersion } from '../../src/version.js';
import { testWorld } from '../helpers/world.js';

async function run(...argv: string[]) {
  const world = testWorld({ argv });
  await main(world);
  return { out: world.out(), err: world.err(), exitCode: world.exitCode() ?? 0 };
}

describe('voicebridge', () => {
  it('prints its version', async () => {
    expect(await run('--version')).toEqual({ out: `${readVersion()}\n`, err: '', exitCode: 0 });
    expect(readVersion()).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('prints help on stdout when asked for it, with every command and an example', async () => {
    const { out, err, exitCode } = await run('--help');
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    for (const command of ['simulate', 'serve']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(out).toContain('$ voicebridge simulate samples/caller.wav');
  });

  it.each(['simulate', 'serve'])('%s --help has examples', async (command) => {
    const { out, exitCode } = await run(command, '--help');
    expect(out).toMatch(new RegExp(`^  \\$ .*voicebridge ${command}`, 'm'));
    expect(exitCode).toBe(0);
    expect(await run('help', command)).toEqual({ out, err: '', exitCode: 0 });
  });

  it.each(['', 'serve', 'init'])('%s --help fits a terminal of 80 columns', async (command) => {
    const world = testWorld({ argv: [...(command ? [command] : []), '--help'] });
    Object.assign(world.stdout, { columns: 80 });
    await main(world);
    expect(
      world
        .out()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
    expect(world.out()).toContain('Usage: voicebridge');
  });

  it('prints help on stderr and ends with 2 when told nothing', async () => {
    const { out, err, exitCode } = await run();
    expect(err).toContain('Usage: voicebridge');
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
  });

  it.each([
    [['simulat', 'x'], "unknown command 'simulat' (did you mean simulate?)", 'voicebridge --help'],
    [['--verison'], "unknown option '--verison' (did you mean --version?)", 'voicebridge --help'],
    [
      ['simulate'],
      "missing required argument 'caller': a WAV, a call.yaml, or --mic to speak",
      'voicebridge simulate --help',
    ],
    [['simulate', 'x', '--jsn'], "unknown option '--jsn' (did you mean --json?)", 'voicebridge simulate --help'],
    [['simulate', 'x', '--zzzzzz'], "unknown option '--zzzzzz'", 'voicebridge simulate --help'],
    [['simulate', 'x', '--url'], "option '--url <url>' argument missing", 'voicebridge simulate --help'],
    [
      ['simulate', 'x', 'y'],
      "too many arguments for 'simulate'. Expected 1 argument but got 2",
      'voicebridge simulate --help',
    ],
    [
      ['simulate', 'x', '--no-record', '--out', 'y'],
      '--no-record and --out cannot be used together',
      'leave one of them out: voicebridge simulate --help',
    ],
    [
      ['simulate', 'no/such.wav'],
      'there is no file no/such.wav',
      'give a WAV, a call.yaml or a folder with one; to try: voicebridge simulate samples/caller.wav',
    ],
  ])('%j: one sentence, one hint, exit code 2', async (argv, sentence, hint) => {
    expect(await run(...argv)).toEqual({ out: '', err: `error: ${sentence}\nhint: ${hint}\n`, exitCode: 2 });
  });

  it('prints an error document on stdout for a script that asked for JSON, and the sentence on stderr', async () => {
    const { out, err, exitCode } = await run('simulate', 'no/such.wav', '--json');
    expect(JSON.parse(out)).toEqual({
      schema: 'voicebridge-error/1',
      error: {
        code: 'file-missing',
        message: 'there is no file no/such.wav',
        hint: 'give a WAV, a call.yaml or a folder with one; to try: voicebridge simulate samples/caller.wav',
        exitCode: 2,
      },
    });
    expect(err).toContain('error: there is no file no/such.wav\n');
    expect(exitCode).toBe(2);
  });

  it('prints the document also when the command line itself is wrong', async () => {
    const { out } = await run('simulate', '--json', '--bogus-option', 'x');
    expect(JSON.parse(out).error.code).toBe('usage');
    expect((await run('simulate', '--bogus-option', '--', '--json')).out).toBe('');
  });
});
