import type { Command } from 'commander';
import { VoicebridgeError } from '../../errors.js';
import type { NamedReport } from '../../measure/comparison/compare-reports.js';
import type { Comparison } from '../../measure/comparison/comparison.js';
import type { Report } from '../../measure/report-json.js';
import type { Paint } from '../../measure/report-text.js';
import type { World } from '../world.js';
import { type BenchFlags, positiveNumber } from './flags.js';

export interface CompareFlags {
  readonly json?: string | true;
  readonly force: boolean;
  readonly matters?: number;
}

/** `voicebridge bench compare`: two reports, one verdict. */
export function registerCompare(bench: Command, world: World): void {
  bench
    .command('compare')
    .summary('hold a report against an earlier one')
    .description('Says for every metric of two reports whether it is the same, better, worse, or cannot be told.')
    .argument('<before>', 'what `bench --json before.json` wrote')
    .argument('<after>', 'the same of another build')
    .option('--matters <ms>', 'a smaller difference is none (5 when left out)', positiveNumber('--matters'))
    .option('--force', 'compare even what cannot be compared', false)
    .addHelpText(
      'after',
      `
Examples:
  $ voicebridge bench compare main.json branch.json
  $ voicebridge bench compare main.json branch.json --matters 20 --json`,
    )
    .action(async (before: string, after: string, _own: unknown, command: Command) => {
      // --json is an option of bench itself, which takes it wherever it stands.
      const flags = command.optsWithGlobals<CompareFlags>();
      const { readReport } = await import('../../measure/comparison/read-report.js');
      const [one, other] = await Promise.all([readReport(before, world.cwd), readReport(after, world.cwd)]);
      const { compareChecked } = await import('../../measure/comparison/compare-checked.js');
      const comparison = compareChecked(one, other, {
        force: flags.force,
        ...(flags.matters !== undefined && { mattersMs: flags.matters }),
      });
      await printComparison(comparison, flags, world);
      world.setExitCode(exitCodeOf(comparison));
    });
}

/** 1 when something got worse, 4 when nothing can be told, else 0. */
export function exitCodeOf({ outcome }: Comparison): 0 | 1 | 4 {
  if (outcome === 'worse') return 1;
  return outcome === 'cannot-tell' ? 4 : 0;
}

/** Before the first call: a baseline that cannot be read would waste them all. */
export async function readBaseline({ baseline }: BenchFlags, world: World): Promise<NamedReport | undefined> {
  if (baseline === undefined) return undefined;
  return (await import('../../measure/comparison/read-report.js')).readReport(baseline, world.cwd);
}

/** Prints the comparison below the report (beside it, when stdout is one JSON document) and returns its exit code. */
export async function compareWithBaseline(
  baseline: NamedReport,
  report: Report,
  flags: BenchFlags,
  world: World,
): Promise<0 | 1 | 4> {
  const [{ compareChecked }, { formatComparison }] = await Promise.all([
    import('../../measure/comparison/compare-checked.js'),
    import('../../measure/comparison/comparison-text.js'),
  ]);
  const now = { name: 'this run', report };
  const comparison = compareChecked(baseline, now, {
    force: flags.force,
    ...(flags.matters !== undefined && { mattersMs: flags.matters }),
  });
  if (flags.json === true) world.stderr.write(formatComparison(comparison));
  else world.stdout.write(`\n${formatComparison(comparison, await paintOf(world))}`);
  return exitCodeOf(comparison);
}

async function printComparison(comparison: Comparison, flags: CompareFlags, world: World): Promise<void> {
  const json = `${JSON.stringify(comparison, null, 2)}\n`;
  if (flags.json === true) return void world.stdout.write(json);
  const { formatComparison } = await import('../../measure/comparison/comparison-text.js');
  if (flags.json !== undefined) {
    const [{ writeFile }, { resolve }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
    await writeFile(resolve(world.cwd, flags.json), json).catch((error: NodeJS.ErrnoException) => {
      throw new VoicebridgeError('file-unwritable', {
        path: flags.json as string,
        reason: error.code ?? error.message,
      });
    });
  }
  world.stdout.write(formatComparison(comparison, await paintOf(world)));
}

async function paintOf(world: World): Promise<Paint> {
  const { painterFor } = await import('../terminal.js');
  const colour = painterFor(world.stdout, world.env);
  return { good: colour.green, bad: colour.red, doubt: colour.yellow, dim: colour.dim };
}
