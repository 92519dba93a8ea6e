import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ANSWERS } from '../../src/cli/init/answers.js';
import { writeConfig } from '../../src/cli/init/write.js';
import { main } from '../../src/cli/main.js';
import { type TestWorld, testWorld } from '../helpers/world.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-init-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function init(...argv: string[]): Promise<TestWorld> {
  const world = testWorld({ argv: ['init', ...argv], cwd: folder });
  await main(world);
  return world;
}

describe('voicebridge init', () => {
  it('writes a file without asking where nobody can answer, and says what comes next', async () => {
    const world = await init();
    expect(await readFile(join(folder, 'voicebridge.yaml'), 'utf8')).toBe(writeConfig(DEFAULT_ANSWERS));
    expect(world.err()).toBe('wrote voicebridge.yaml\nnext: voicebridge serve\n');
    expect([world.out(), world.exitCode() ?? 0]).toEqual(['', 0]);
  });

  it('writes over nothing, unless told to', async () => {
    await writeFile(join(folder, 'voicebridge.yaml'), 'mine');
    const world = await init('--yes');
    expect(world.err()).toContain('error: voicebridge.yaml is there already\n');
    expect(world.exitCode()).toBe(2);
    expect(await readFile(join(folder, 'voicebridge.yaml'), 'utf8')).toBe('mine');
    expect((await init('--yes', '--force')).exitCode() ?? 0).toBe(0);
    expect(await readFile(join(folder, 'voicebridge.yaml'), 'utf8')).toBe(writeConfig(DEFAULT_ANSWERS));
  });

  it('prints one document when asked', async () => {
    const world = await init('my shop.yaml', '--json');
    expect(JSON.parse(world.out())).toEqual({
      schema: 'voicebridge-init/1',
      path: join(folder, 'my shop.yaml'),
      agent: 'reception',
      provider: 'sim',
      next: "voicebridge serve --config 'my shop.yaml'",
    });
  });

  it('says why it cannot write', async () => {
    const world = await init('gone/voicebridge.yaml');
    expect(world.err()).toContain('error: gone/voicebridge.yaml cannot be written: ENOENT');
    expect(world.exitCode()).toBe(2);
  });
});
