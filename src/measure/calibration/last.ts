import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { type Calibration, type QuotedCalibration, quote } from './result.js';

/** The last calibration that this user made, and where it is kept. */
export interface CalibrationFile {
  readonly path: string;
}

/** `$XDG_CACHE_HOME/voicebridge/calibration.json`, or `~/.cache/…` when that is not set. */
export function calibrationFile(env: Readonly<Record<string, string | undefined>> = process.env): CalibrationFile {
  const cache = env.XDG_CACHE_HOME;
  const folder = cache?.startsWith('/') ? cache : join(env.HOME ?? homedir(), '.cache');
  return { path: join(folder, 'voicebridge', 'calibration.json') };
}

/** What a calibration holds for: processor, number of its cores, operating system and Node's major version. */
export function hostClass(): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown processor';
  return `${all.length} × ${model}, ${platform()} ${arch()}, Node ${process.versions.node.split('.')[0]}`;
}

/** @throws what the file system throws */
export async function keepCalibration(calibration: Calibration, { path }: CalibrationFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(calibration, null, 2)}\n`);
}

/** The calibration to quote, or why there is none. */
export type LastCalibration = QuotedCalibration | { readonly missing: string };

/** The last calibration, when it was made by this version on a machine like this one. Never throws. */
export async function lastCalibration(version: string, { path }: CalibrationFile): Promise<LastCalibration> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return { missing: 'not calibrated here yet' };
  const known = parse(text);
  if (!known) return { missing: `${path} is no calibration of this version` };
  if (known.host !== hostClass()) return { missing: `the last calibration is of another machine (${known.host})` };
  if (known.tool.version !== version) return { missing: `the last calibration is of version ${known.tool.version}` };
  return quote(known);
}

function parse(text: string): Calibration | undefined {
  try {
    const document = JSON.parse(text) as Partial<Calibration> | null;
    const { schema, host, tool, metrics, agents, at } = document ?? {};
    const whole =
      schema === 'voicebridge-calibration/2' && host && tool?.version && metrics && Array.isArray(agents) && at;
    return whole ? (document as Calibration) : undefined;
  } catch {
    return undefined;
  }
}
