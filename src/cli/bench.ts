import type { Command } from 'commander';
import { VoicebridgeError } from '../errors.js';
import type { Budget } from '../measure/budget.js';
import type { Report } from '../measure/report-json.js';
import { DEFAULTS } from '../options.js';
import type { Terminal } from './terminal.js';
import type { World } from './world.js';

interface BenchFlags {
  readonly url?: string;
  readonly sweep: boolean;
  readonly runs: number;
  readonly calls: number;
  readonly seed: number;
  readonly budget: readonly string[];
  readonly json?: string | true;
  readonly network?: { readonly toServerMs: number; readonly toPhoneMs: number; readonly jitterMs: number };
  readonly out?: string;
  readonly calibrate: boolean;
}

/** `voicebridge bench`: makes calls and measures them. */
export function register(program: Command, world: World): void {
  const { runs, calls } = DEFAULTS.bench;
  program
    .command('bench')
    .summary('measure a bridge: turns, interruptions, truncations, added delay')
    .description(
      'Calls a bridge again and again and prints what it measured. Without --url it measures the relay of this package,\n' +
        'in a process of its own, between the simulated phone and the simulated model.',
    )
    .argument('[calls...]', 'folders with a call.yaml, call.yaml files or WAVs; without any, the packaged samples')
    .option('--url <url>', 'the stream of a server, ws://… or wss://…, instead of our own relay')
    .option(
      '--sweep',
      'interrupt an answer at 10 … 90 %, in its last 100 ms, after its last byte, in the greeting, after a stall',
      false,
    )
    .option('--runs <number>', 'runs of every call', wholeNumber('--runs', 1, 10_000), runs)
    .option('--calls <number>', 'calls at the same time', wholeNumber('--calls', 1, 500), calls)
    .option('--budget <expr|file>', "what must hold, 'bargein.stop_ms p95 < 300'; repeatable", collect, [])
    .option('--json [file]', 'the report as JSON: to a file, or to stdout instead of the table')
    .option('--seed <number>', 'what is drawn repeats with it', wholeNumber('--seed', 0, 2 ** 31), DEFAULTS.phone.seed)
    .option('--network <ms,ms,ms>', 'delay to the server, delay to the phone, jitter of either', readNetwork)
    .option('--out <folder>', 'keep recording and event log of every call')
    .option('--calibrate', 'measure an agent whose delays are known, to see how far the numbers are off', false)
    .addHelpText(
      'after',
      `
Examples:
  $ voicebridge bench                                           our relay, the packaged samples
  $ voicebridge bench --sweep --runs 10 --budget 'truncation.abs_error_ms p95 <= 3'
  $ voicebridge bench --url wss://example.com/stream --budget 'bargein.stop_ms p95 < 300' --json report.json`,
    )
    .action((paths: string[], flags: BenchFlags) =>
      flags.calibrate ? runCalibration(paths, flags, world) : runBenchCommand(paths, flags, world),
    );
}

async function runBenchCommand(paths: readonly string[], flags: BenchFlags, world: World): Promise<void> {
  checkUrl(flags.url);
  const { readBudgets } = await import('../measure/budget.js');
  const budgets = (await Promise.all(flags.budget.map((text) => readBudgets(text, world.cwd)))).flat();
  const [{ runBench }, { loadScenario, packagedScenarios }, { buildReport }, { findDoubts }, { openTerminal }] =
    await Promise.all([
      import('../measure/bench.js'),
      import('../measure/scenario.js'),
      import('../measure/report.js'),
      import('../measure/doubts.js'),
      import('./terminal.js'),
    ]);
  const { resolve } = await import('node:path');
  const terminal = openTerminal(world);
  const scenarios =
    paths.length > 0
      ? await Promise.all(paths.map((path) => findCall(path, world).then(loadScenario)))
      : flags.sweep
        ? []
        : await packagedScenarios();
  const progress = await openProgress(terminal);
  const abort = new AbortController();
  const stopListening = abortOnSignal(abort, world);
  const result = await runBench({
    scenarios,
    sweep: flags.sweep,
    runs: flags.runs,
    calls: flags.calls,
    seed: flags.seed,
    signal: abort.signal,
    onProgress: ({ scenario, run, runs, repeatedBecause }) =>
      progress.show(`${scenario} ${run}/${runs}${repeatedBecause === undefined ? '' : `, again: ${repeatedBecause}`}`),
    ...(flags.url !== undefined && { url: flags.url }),
    ...(flags.network && { network: flags.network }),
    ...(flags.out !== undefined && { outDir: resolve(world.cwd, flags.out) }),
  })
    .catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    })
    .finally(() => {
      progress.close();
      stopListening();
    });
  if (!result) {
    terminal.say('stopped before the end: no verdict');
    return world.setExitCode(4);
  }
  const { readVersion } = await import('./version.js');
  const report = buildReport(result, budgets, {
    version: readVersion(),
    seed: flags.seed,
    ...(flags.network && { network: flags.network }),
  });
  const doubts = findDoubts({
    ...result,
    runs: flags.runs,
    calls: flags.calls,
    kind: result.endpoint.kind,
    withNetwork: flags.network !== undefined,
    notes: result.calls.flatMap(({ notes }) => notes ?? []),
  });
  await print(report, doubts, flags, world);
  world.setExitCode(exitCodeOf(report, budgets));
}

/** The first Ctrl-C hangs up, the second ends the process. */
function abortOnSignal(abort: AbortController, world: World): () => void {
  const onSignal = (): void => {
    if (abort.signal.aborted) world.exitNow(130);
    abort.abort();
  };
  const stops = (['SIGINT', 'SIGTERM'] as const).map((name) => world.onSignal(name, onSignal));
  return () => {
    for (const stop of stops) stop();
  };
}

/** stdout carries the table, or the one JSON document when `--json` has no file. */
async function print(report: Report, doubts: readonly string[], flags: BenchFlags, world: World): Promise<void> {
  const [{ formatJson }, { formatText }, { painterFor }] = await Promise.all([
    import('../measure/report-json.js'),
    import('../measure/report-text.js'),
    import('./terminal.js'),
  ]);
  if (flags.json === true) {
    world.stdout.write(formatJson(report));
    for (const doubt of doubts) world.stderr.write(`warning: ${doubt}\n`);
    return;
  }
  if (flags.json !== undefined) await writeFile(flags.json, formatJson(report), world);
  const colour = painterFor(world.stdout, world.env);
  const paint = { good: colour.green, bad: colour.red, doubt: colour.yellow, dim: colour.dim };
  world.stdout.write(formatText(report, paint, doubts));
}

async function writeFile(path: string, text: string, world: World): Promise<void> {
  const [fs, { resolve }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  await fs.writeFile(resolve(world.cwd, path), text).catch((error: NodeJS.ErrnoException) => {
    throw new VoicebridgeError('usage', {
      message: `--json ${path} cannot be written: ${error.code}`,
      command: 'bench',
    });
  });
}

/**
 * 3 when calls broke, 4 when the machine or missing samples leave no verdict, 1 when a budget was exceeded or the
 * carrier would have objected, else 0.
 */
export function exitCodeOf(report: Report, budgets: readonly Budget[]): number {
  if (report.calls.some(({ failed }) => failed !== undefined)) return 3;
  if (!report.reliable) return 4;
  const hard = report.budgets.filter(({ level }) => level === 'error');
  if (hard.some(({ ok, unknown }) => !ok && !unknown)) return 1;
  // Whoever names a lint budget decides for themselves what the findings are worth.
  const ownLintBudget = budgets.some(({ metric }) => metric.startsWith('lint.'));
  if (!ownLintBudget && report.lint.some(({ level }) => level === 'error')) return 1;
  return hard.some(({ unknown }) => unknown) ? 4 : 0;
}

async function runCalibration(paths: readonly string[], flags: BenchFlags, world: World): Promise<void> {
  for (const [first, given] of [
    ['--url', flags.url !== undefined],
    ['--sweep', flags.sweep],
    [`a call (${paths[0]})`, paths.length > 0],
  ] as const) {
    if (given) throw new VoicebridgeError('options-contradict', { first, second: '--calibrate', command: 'bench' });
  }
  const [{ calibrate, formatCalibration }, { openTerminal }] = await Promise.all([
    import('../measure/calibrate.js'),
    import('./terminal.js'),
  ]);
  const progress = await openProgress(openTerminal(world));
  const calibration = await calibrate({
    runs: flags.runs,
    seed: flags.seed,
    onProgress: (text) => progress.show(text),
  }).finally(() => progress.close());
  world.stdout.write(
    flags.json === true ? `${JSON.stringify(calibration, null, 2)}\n` : formatCalibration(calibration),
  );
  if (typeof flags.json === 'string') await writeFile(flags.json, `${JSON.stringify(calibration, null, 2)}\n`, world);
  world.setExitCode(calibration.ok ? 0 : 4);
}

interface ShownProgress {
  show(text: string): void;
  close(): void;
}

/** One spinner line on a terminal, a line per run elsewhere. */
async function openProgress(terminal: Terminal): Promise<ShownProgress> {
  if (!terminal.live) return { show: (text) => terminal.say(text), close: () => {} };
  let closed = false;
  let spinner = await terminal.waiting('starting');
  let turn = Promise.resolve();
  return {
    show(text) {
      turn = turn.then(async () => {
        spinner.stop();
        spinner = await terminal.waiting(text);
        if (closed) spinner.stop();
      });
    },
    close() {
      closed = true;
      spinner.stop();
    },
  };
}

function checkUrl(url: string | undefined): void {
  if (url === undefined || (/^wss?:\/\//.test(url) && URL.canParse(url))) return;
  throw new VoicebridgeError('usage', { message: `--url ${url} is not a ws:// or wss:// address`, command: 'bench' });
}

async function findCall(path: string, world: World): Promise<string> {
  const [{ existsSync }, { resolve }, { packagedSample }] = await Promise.all([
    import('node:fs'),
    import('node:path'),
    import('../samples.js'),
  ]);
  const here = resolve(world.cwd, path);
  if (existsSync(here)) return here;
  const packaged = packagedSample(path);
  if (packaged !== undefined) return packaged;
  const hint = 'give a folder with a call.yaml or a WAV; to try: voicebridge bench samples/interrupt';
  throw new VoicebridgeError('file-missing', { path, hint });
}

function wholeNumber(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    const message = `${flag} ${text} is not a whole number from ${least} to ${most}`;
    throw new VoicebridgeError('usage', { message, command: 'bench' });
  };
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

const MAX_NETWORK_MS = 5_000;

function readNetwork(text: string): { toServerMs: number; toPhoneMs: number; jitterMs: number } {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [toServerMs, toPhoneMs, jitterMs] = numbers;
  const sane = numbers.length === 3 && numbers.every((ms) => ms >= 0 && ms <= MAX_NETWORK_MS);
  if (sane) return { toServerMs: toServerMs!, toPhoneMs: toPhoneMs!, jitterMs: jitterMs! };
  const message = `--network ${text} is not three times in milliseconds, like 40,40,20`;
  throw new VoicebridgeError('usage', { message, command: 'bench' });
}
