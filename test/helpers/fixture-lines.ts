import { readFileSync } from 'node:fs';

/** The lines of a fixture in test/fixtures without the first one, which names the source. */
export function fixtureLines(name: string): string[] {
  const [source, ...lines] = readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  if (!source?.startsWith('# Source:')) throw new Error(`${name} does not name its source on line 1`);
  return lines;
}
