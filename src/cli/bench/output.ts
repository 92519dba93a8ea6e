import { VoicebridgeError } from '../../errors.js';
import type { Report } from '../../measure/report-json.js';
import type { World } from '../world.js';
import type { BenchFlags } from './flags.js';

/** stdout carries the table, or the one JSON document when `--json` has no file. */
export async function printReport(
  report: Report,
  doubts: readonly string[],
  flags: BenchFlags,
  world: World,
): Promise<void> {
  const [{ formatJson }, { formatText }, { painterFor }] = await Promise.all([
    import('../../measure/report-json.js'),
    import('../../measure/report-text.js'),
    import('../terminal.js'),
  ]);
  if (flags.json === true) {
    world.stdout.write(formatJson(report));
    for (const doubt of doubts) world.stderr.write(`warning: ${doubt}\n`);
    return;
  }
  if (flags.json !== undefined) await writeResult('--json', flags.json, formatJson(report), world);
  const colour = painterFor(world.stdout, world.env);
  const paint = { good: colour.green, bad: colour.red, doubt: colour.yellow, dim: colour.dim };
  world.stdout.write(formatText(report, paint, doubts));
}

/** @throws VoicebridgeError `usage`, naming the flag */
export async function writeResult(flag: string, path: string, text: string, world: World): Promise<void> {
  const [fs, { resolve }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  await fs.writeFile(resolve(world.cwd, path), text).catch((error: NodeJS.ErrnoException) => {
    throw new VoicebridgeError('usage', {
      message: `${flag} ${path} cannot be written: ${error.code}`,
      command: 'bench',
    });
  });
}
