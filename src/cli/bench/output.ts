import { VoicebridgeError } from '../../errors.js';
import type { Report } from '../../measure/report-json.js';
import type { World } from '../world.js';
import type { BenchFlags } from './flags.js';

/** Each flag that names a file: how its text is made, from the report and where the file will lie. */
const FILES = {
  json: async (report: Report) => (await import('../../measure/report-json.js')).formatJson(report),
  junit: async (report: Report) => (await import('../../measure/report/junit.js')).formatJunit(report),
  markdown: async (report: Report) => (await import('../../measure/report/markdown.js')).formatMarkdown(report),
  html: async (report: Report, path: string) => (await import('../../measure/report/html.js')).formatHtml(report, path),
  mrl: async (report: Report) => (await import('../../measure/report/mrl.js')).formatMrl(report),
} as const;

type FileFlag = keyof typeof FILES;

/** Two reports into one file would leave one. @throws VoicebridgeError `options-contradict` */
export function checkOutputs(flags: BenchFlags): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(FILES) as FileFlag[]) {
    const path = flags[name];
    if (typeof path !== 'string') continue;
    const first = seen.get(path);
    if (first !== undefined) {
      throw new VoicebridgeError('options-contradict', { first, second: `--${name} ${path}`, command: 'bench' });
    }
    seen.set(path, `--${name} ${path}`);
  }
}

/**
 * stdout carries the table, or the one JSON document when `--json` has no file; every other report goes to its file. In
 * a GitHub workflow the step's summary and annotations are left as well.
 */
export async function writeReport(report: Report, flags: BenchFlags, world: World): Promise<void> {
  const { resolve } = await import('node:path');
  for (const name of Object.keys(FILES) as FileFlag[]) {
    const path = flags[name];
    if (typeof path === 'string')
      await writeResult(`--${name}`, path, await FILES[name](report, resolve(world.cwd, path)), world);
  }
  await leaveInWorkflow(report, flags, world);
  if (flags.json === true) {
    world.stdout.write(await FILES.json(report));
    for (const each of report.advice) world.stderr.write(`warning: ${each}\n`);
    return;
  }
  const [{ formatText }, { painterFor }] = await Promise.all([
    import('../../measure/report-text.js'),
    import('../terminal.js'),
  ]);
  const colour = painterFor(world.stdout, world.env);
  const paint = { good: colour.green, bad: colour.red, doubt: colour.yellow, dim: colour.dim };
  world.stdout.write(formatText(report, paint));
}

/** GitHub shows what is in the file `$GITHUB_STEP_SUMMARY`, and reads annotations off the log of the step. */
async function leaveInWorkflow(report: Report, flags: BenchFlags, world: World): Promise<void> {
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: inActions } = world.env;
  if (summary) {
    const { appendFile } = await import('node:fs/promises');
    const text = await FILES.markdown(report);
    // A summary that cannot be written is a warning: the measurement stands.
    await appendFile(summary, text).catch((error: NodeJS.ErrnoException) => {
      world.stderr.write(`warning: the step summary ${summary} cannot be written: ${error.code}\n`);
    });
  }
  if (inActions !== 'true') return;
  const { annotations } = await import('../../measure/report/annotations.js');
  // The runner reads stdout and stderr alike, and one JSON document must stay one.
  const out = flags.json === true ? world.stderr : world.stdout;
  for (const line of annotations(report)) out.write(`${line}\n`);
}

/** @throws VoicebridgeError `usage`, naming the flag */
export async function writeResult(flag: string, path: string, text: string | Buffer, world: World): Promise<void> {
  const [fs, { dirname, resolve }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const full = resolve(world.cwd, path);
  const written = fs.mkdir(dirname(full), { recursive: true }).then(() => fs.writeFile(full, text));
  await written.catch((error: NodeJS.ErrnoException) => {
    throw new VoicebridgeError('usage', {
      message: `${flag} ${path} cannot be written: ${error.code}`,
      command: 'bench',
    });
  });
}
