import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesise } from '../../../src/simulator/phone/synthesiser.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-synthesiser-'));
  // Whatever lies above it, a script without an extension is CommonJS.
  await writeFile(join(folder, 'package.json'), '{}');
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder with a program of this name in it. */
async function programs(name: string, script: string): Promise<string> {
  const path = join(folder, `${name}-${script.length}`);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, name), `#!${process.execPath}\n${script}`);
  await chmod(join(path, name), 0o755);
  return path;
}

/** Writes a WAV of 16 kHz with one sample for each letter of the text it was given. */
const SPEAKS = `
const { readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const after = (flag) => args[args.indexOf(flag) + 1];
const samples = readFileSync(after('-f'), 'utf8').trim().length * 160;
const wav = Buffer.alloc(44 + samples * 2);
wav.write('RIFF', 0); wav.writeUInt32LE(36 + samples * 2, 4); wav.write('WAVEfmt ', 8); wav.writeUInt32LE(16, 16);
wav.writeUInt16LE(1, 20); wav.writeUInt16LE(1, 22); wav.writeUInt32LE(16000, 24); wav.writeUInt32LE(32000, 28);
wav.writeUInt16LE(2, 32); wav.writeUInt16LE(16, 34); wav.write('data', 36); wav.writeUInt32LE(samples * 2, 40);
for (let i = 0; i < samples; i++) wav.writeInt16LE(5000, 44 + 2 * i);
writeFileSync(after(args.includes('-w') ? '-w' : '-o'), wav);
`;

it('speaks with what is installed, whatever the sentence holds', async () => {
  const path = await programs('espeak-ng', SPEAKS);
  const samples = await synthesise('-x "$(rm)" `é`', [join(folder, 'nothing'), path].join(delimiter));
  expect(samples?.length).toBe(14 * 80);
});

it('takes flite when there is nothing better', async () => {
  const flite = await programs('flite', SPEAKS);
  expect((await synthesise('hello', flite))?.length).toBe(5 * 80);
});

it('says that nothing is installed, and fails when what is installed does', async () => {
  expect(await synthesise('hello', join(folder, 'nothing'))).toBeUndefined();
  const broken = await programs('flite', 'process.exit(3)');
  await expect(synthesise('hello', broken)).rejects.toThrow('Command failed');
});
