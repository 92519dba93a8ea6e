import { type Command, Option } from 'commander';
import { DEFAULTS } from '../options.js';
import { registerCompare } from './bench/compare.js';
import { type BenchFlags, collect, positiveNumber, readNetwork, readTime, wholeNumber } from './bench/flags.js';
import type { World } from './world.js';

/** `voicebridge bench`: makes calls and measures them. */
export function register(program: Command, world: World): void {
  const { runs, suiteRuns, calls } = DEFAULTS.bench;
  const bench = program
    .command('bench')
    .summary('measure a bridge: turns, interruptions, truncations, added delay')
    .description(
      'Calls a bridge again and again and prints what it measured. Without --url it measures the relay of this package,\n' +
        'in a process of its own, between the simulated phone and the simulated model.',
    )
    .argument(
      '[calls...]',
      'folders with a call.yaml, call.yaml files or WAVs; without any, a suite of under two minutes',
    )
    .option('--url <url>', 'the stream of a server, ws://… or wss://…, instead of our own relay')
    .option(
      '--start <command>',
      'start that server: it is given the simulated model by OPENAI_REALTIME_URL and the like',
    )
    .option('--env <NAME=value>', '… and by this; {model}, {modelHttp}, {port} are filled in; repeatable', collect, [])
    .option(
      '--model-port <number>',
      'the simulated model on this port, for a server that runs already',
      wholeNumber('--model-port', 1, 65_535),
    )
    .option(
      '--sweep',
      'interrupt an answer at 10 … 90 %, in its last 100 ms, after its last byte, in the greeting, after a stall',
      false,
    )
    .option(
      '--runs <number>',
      `runs of every call (${runs}; ${suiteRuns} of the suite)`,
      wholeNumber('--runs', 1, 10_000),
    )
    .option('--calls <number>', 'calls at the same time', wholeNumber('--calls', 1, 500), calls)
    .option('--ramp <time>', '… which come in one after the other within so long: 10s', readTime('--ramp'))
    .option('--threads <number>', '… made by so many threads of their own', wholeNumber('--threads', 1, 64))
    .option('--pid <number>', 'the process of that server: what it uses per call', wholeNumber('--pid', 1, 2 ** 22))
    .option('--find-limit', 'how many calls at the same time keep the budgets (at most --calls)', false)
    .option('--budget <expr|file>', "what must hold, 'bargein.stop_ms p95 < 300'; repeatable", collect, [])
    .option('--baseline <file>', 'hold what is measured against an earlier report: 1 when something got worse')
    .option('--matters <ms>', '… where a smaller difference is none (5 when left out)', positiveNumber('--matters'))
    .option('--force', '… even if it was measured in another way', false)
    .option('--json [file]', 'the report as JSON: to a file, or to stdout instead of the table')
    .option('--junit <file>', "the report as JUnit's XML: a case for every budget and every scenario")
    .option('--markdown <file>', 'the report as Markdown; in a GitHub workflow it is the summary of the step anyway')
    .option(
      '--html <file>',
      'the report as one page: distributions, a timeline of every call, with --out a way into each',
    )
    .option('--mrl <file>', 'the turns as mrl-report/1 of draft-nygate-ippm-mrl')
    .option('--seed <number>', 'what is drawn repeats with it', wholeNumber('--seed', 0, 2 ** 31), DEFAULTS.phone.seed)
    .option('--network <ms,ms,ms>', 'delay to the server, delay to the phone, jitter of either', readNetwork)
    .addOption(
      new Option('--dialect <name>', 'whose model stands behind our own relay (openai when left out)').choices([
        'openai',
        'azure',
        'xai',
      ]),
    )
    .addOption(
      new Option(
        '--audio <format>',
        'in which format they talk: µ-law, or linear at 24 kHz (pcmu when left out)',
      ).choices(['pcmu', 'pcm']),
    )
    .option('--out <folder>', 'keep recording and event log of every call')
    .option('--calibrate', 'measure an agent whose delays are known, to see how far the numbers are off', false)
    .addHelpText(
      'after',
      `
Examples:
  $ voicebridge bench                                           our relay, a suite of under two minutes
  $ voicebridge bench --sweep --runs 10 --budget 'truncation.abs_error_ms p95 <= 3'
  $ voicebridge bench --sweep --dialect xai --audio pcm         as with xAI's model, resampled to and from 24 kHz
  $ voicebridge bench --url 'ws://127.0.0.1:{port}/media-stream' --start 'python relay.py'      yours, between both ends
  $ voicebridge bench --url wss://example.com/stream --budget 'bargein.stop_ms p95 < 300' --json report.json
  $ voicebridge bench --calls 100 --ramp 5s                     a hundred calls at the same time
  $ voicebridge bench --runs 10 --baseline main.json            did it get slower?`,
    )
    .action(async (paths: string[], flags: BenchFlags) => {
      if (flags.calibrate) return (await import('./bench/calibrate.js')).runCalibration(paths, flags, world);
      if (flags.findLimit) return (await import('./bench/load.js')).runFindLimit(paths, flags, world);
      return (await import('./bench/run.js')).runBenchCommand(paths, flags, world);
    });
  registerCompare(bench, world);
}
