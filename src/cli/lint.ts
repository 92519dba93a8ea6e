import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { JudgedTrace } from '../simulator/phone/lint/trace.js';
import type { LintFinding } from '../simulator/phone/lint.js';
import type { Painter } from './terminal.js';
import type { World } from './world.js';

interface LintFlags {
  readonly json?: boolean;
}

/** One rule that was broken, and how often. */
type Broken = LintFinding & { readonly count: number };

/** `voicebridge lint --json`. Times are milliseconds since the trace began. */
export interface LintDocument {
  readonly schema: 'voicebridge-lint/1';
  readonly file: string;
  readonly kind: 'events' | 'messages';
  readonly durationMs: number;
  /** Messages of the server. */
  readonly messages: number;
  readonly exitCode: 0 | 1;
  /** One for each rule that was broken, worst first: the first time, and how many there were. */
  readonly findings: readonly Broken[];
}

/** `voicebridge lint`: judges a recorded stream without a call. */
export function register(program: Command, world: World): void {
  program
    .command('lint')
    .summary('judge a recorded stream without a call')
    .description(
      "Says what Twilio would make of a server's messages, and what to send instead: from a trace of any stream, or from\n" +
        'what a call of `voicebridge simulate` has left behind.',
    )
    .argument('<trace>', 'a trace (.jsonl), an events.jsonl, or the folder of a call')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', HELP)
    .action((path: string, flags: LintFlags) => lint(path, flags, world));
}

const HELP = `
A trace has one line for each message, in JSON; times are milliseconds on any one clock:
  {"atMs":12.5,"from":"phone","text":"{\\"event\\":\\"start\\",…}"}
  {"atMs":40,"from":"server","text":"{\\"event\\":\\"media\\",\\"streamSid\\":\\"MZ…\\",\\"media\\":{\\"payload\\":\\"…\\"}}"}
  {"atMs":9000,"from":"server","close":1000}
Lines of the phone may be left out; with its media, interruptions are judged too.

Exit codes:
  0 no errors · 1 errors were found · 2 usage

Examples:
  $ voicebridge lint trace.jsonl
  $ voicebridge lint voicebridge-calls/2026-01-31_12-00-00_caller --json`;

async function lint(path: string, flags: LintFlags, world: World): Promise<void> {
  const [{ readTrace }, { judgeEvents, judgeTrace }, { painterFor }] = await Promise.all([
    import('../simulator/phone/lint/trace-file.js'),
    import('../simulator/phone/lint/trace.js'),
    import('./terminal.js'),
  ]);
  const trace = await readTrace(resolve(world.cwd, path));
  const judged = trace.kind === 'events' ? judgeEvents(trace.events) : judgeTrace(trace.lines);
  const document = documentOf(relative(world.cwd, trace.path), trace.kind, judged);
  world.stdout.write(
    flags.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : `${linesOf(document, painterFor(world.stdout, world.env)).join('\n')}\n`,
  );
  world.setExitCode(document.exitCode);
}

const LEVELS = ['error', 'warning', 'note'] as const;

function documentOf(file: string, kind: LintDocument['kind'], judged: JudgedTrace): LintDocument {
  const { findings, counts, startMs, endMs, messages } = judged;
  const firsts = findings.filter(({ rule }, index) => findings.findIndex((other) => other.rule === rule) === index);
  const broken = LEVELS.flatMap((level) => firsts.filter((finding) => finding.level === level));
  return {
    schema: 'voicebridge-lint/1',
    file,
    kind,
    durationMs: round(endMs - startMs),
    messages,
    exitCode: broken.some(({ level }) => level === 'error') ? 1 : 0,
    findings: broken.map((finding) => ({
      ...finding,
      atMs: round(Math.max(0, finding.atMs - startMs)),
      count: counts[finding.rule] ?? 1,
    })),
  };
}

function linesOf({ file, durationMs, messages, findings }: LintDocument, paint: Painter): string[] {
  const head = `${file}: ${(durationMs / 1000).toFixed(1)} s, ${messages} message${messages === 1 ? '' : 's'} of the server`;
  const lines = [paint.bold(head)];
  if (findings.length === 0) lines.push('', paint.green('no findings'));
  for (const finding of findings) lines.push('', ...findingLines(finding, paint));
  return lines;
}

function findingLines(finding: Broken, paint: Painter): string[] {
  const { level, rule, code, count, atMs, message, twilio, instead, page, excerpt } = finding;
  const colour = level === 'error' ? paint.red : level === 'warning' ? paint.yellow : paint.cyan;
  const when = `${count > 1 ? `${count} times, first ` : ''}at ${(atMs / 1000).toFixed(2)} s`;
  return [
    `${colour(level.padEnd(9))}${paint.bold(rule)}${code === undefined ? '' : ` ${code}`}, ${when}`,
    row('', message),
    ...(excerpt === undefined ? [] : [row('sent', excerpt)]),
    row('Twilio', twilio),
    ...(instead === undefined ? [] : [row('instead', instead)]),
    ...(page === undefined ? [] : [row('see', page)]),
  ];

  function row(label: string, text: string): string {
    return `${paint.dim(label.padEnd(9))}${text}`;
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
