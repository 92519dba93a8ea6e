import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSIONS = { naudiodon: '2.3.6', decibri: '5.7.0' } as const;
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/voicebridge-sound', import.meta.url));

/**
 * A folder in which just this library is installed. They are no dependencies of ours, so that `npm ci` compiles nothing
 * and takes no 25 MB; naudiodon needs Python, make and a C++ compiler, and takes ten seconds the first time.
 */
export async function soundLibrary(name: keyof typeof VERSIONS): Promise<string> {
  const folder = join(CACHE, `${name}-${VERSIONS[name]}-node-${process.versions.modules}`);
  const done = join(folder, 'installed');
  if (existsSync(done)) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--no-package-lock', `${name}@${VERSIONS[name]}`];
  await promisify(execFile)('npm', args, { cwd: folder });
  await writeFile(done, '');
  return folder;
}
