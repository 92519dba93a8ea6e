import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVersion } from '../../src/version.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let packed: string;
/** An empty folder in which the tarball was installed, as `npm install voicebridge` would. */
let folder: string;
let tarball: string;

beforeAll(async () => {
  packed = await mkdtemp(join(tmpdir(), 'voicebridge-pack-'));
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-install-'));
  // The build was made before the suite; building again here would pull dist away from other tests.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', packed], {
    cwd: ROOT,
  });
  tarball = join(packed, (JSON.parse(stdout) as { filename: string }[])[0]!.filename);
  await run('npm', ['init', '-y'], { cwd: folder });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder });
}, 240_000);

afterAll(async () => {
  await rm(packed, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

/** The folder's own program, in an environment without the settings of this run. */
function npx(...args: string[]) {
  const { PATH, HOME } = process.env;
  return run('npx', ['--no-install', 'voicebridge', ...args], {
    cwd: folder,
    env: { PATH, HOME },
    maxBuffer: 10_000_000,
  });
}

describe('the installed package', () => {
  it('holds what it needs to run and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const names = stdout
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''));
    for (const name of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'bin/voicebridge.js',
      'dist/index.js',
    ]) {
      expect(names).toContain(name);
    }
    expect(names).toContain('dist/index.d.ts');
    expect(names).toContain('samples/caller.wav');
    const tops = new Set(names.map((name) => name.split('/')[0]));
    expect([...tops].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'package.json',
      'samples',
      'schemas',
    ]);
    // The samples are there to be read, sources and all.
    const ours = names.filter((name) => !name.startsWith('samples/'));
    expect(ours.filter((name) => /\.test\.|(?<!\.d)\.ts$/.test(name))).toEqual([]);
  });

  it('is small', async () => {
    expect((await stat(tarball)).size).toBeLessThan(3_000_000);
  });

  it('says its version', async () => {
    expect((await npx('--version')).stdout).toBe(`${readVersion()}\n`);
  });

  it('can be imported, with types beside it', async () => {
    const script =
      "const v = await import('voicebridge'); console.log(typeof v.dial, typeof v.startRelay, typeof v.serveModel)";
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
    expect(stdout).toBe('function function function\n');
  });

  it('finds the packaged sample in a folder without one, and makes a whole call', async () => {
    const { stdout, stderr } = await npx('simulate', 'samples/caller.wav', '--json');
    expect(stderr).toContain('playing the packaged samples/caller.wav: there is none in this folder\n');
    const call = JSON.parse(stdout);
    expect(call).toMatchObject({ schema: 'voicebridge-call/1', caller: 'samples/caller.wav', exitCode: 0, lint: [] });
    expect(call.turns.length).toBeGreaterThanOrEqual(3);
    expect(call.interruptions).toMatchObject([{ outcome: 'stopped' }]);
    const files = ['call.html', 'call.wav', 'events.jsonl', 'summary.json'];
    expect((await readdir(call.files.directory)).sort()).toEqual(files);
  });
});
