import { existsSync } from 'node:fs';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder `samples` of this package, wherever it was installed. */
export const SAMPLES_DIRECTORY = fileURLToPath(new URL('../samples', import.meta.url));

/**
 * Finds `samples/…` inside the package, so that the commands of the README work in any folder.
 * @param path as a person typed it
 * @returns the absolute path, or `undefined` when the path does not begin with `samples/` or the package has no such sample
 */
export function packagedSample(path: string): string | undefined {
  if (isAbsolute(path)) return undefined;
  const [first, ...rest] = normalize(path).split(sep);
  if (first !== 'samples' || rest.length === 0) return undefined;
  const inside = join(SAMPLES_DIRECTORY, ...rest);
  return existsSync(inside) ? inside : undefined;
}
