import { readFileSync } from 'node:fs';

/** The version of this package. `package.json` is one folder up from here in the sources and in `dist` alike. */
export function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
