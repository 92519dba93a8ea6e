import { relative } from 'node:path';
import type { BargeIn } from '../../measure/bargein.js';
import { type CallChange, changeTexts } from '../../measure/compare.js';
import type { Distraction } from '../../measure/distractions.js';
import type { Truncation } from '../../measure/truncation.js';
import type { Turn } from '../../measure/turns.js';
import type { Expectation } from '../../simulator/phone/events.js';
import type { LintFinding } from '../../simulator/phone/lint.js';
import { seconds, shorten } from '../screen/text.js';
import type { CallFilePaths, FinishedCall } from './finished-call.js';
import { stepTexts, webhookSteps } from './webhook-steps.js';

type Paint = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow', (text: string) => string>>;

/**
 * The end of `voicebridge simulate` for people: what was said and how fast, what was wrong, which files there are.
 * @param width columns of the terminal, Infinity for a file; only what the caller said is cut to it
 */
export function summaryLines(call: FinishedCall, cwd: string, width: number, paint: Paint): string[] {
  const { record, measured, host, verdict } = call;
  const { turns, bargeIns, truncations, greetingMs } = measured;
  const lines = ['', paint.bold(headline(call)), ''];
  const steps = webhookSteps(record);
  if (steps) for (const [label, text] of stepTexts(steps)) lines.push(row(label, text));
  if (greetingMs !== undefined) lines.push(row('greeting', `after ${ms(greetingMs)}`));
  for (const [index, turn] of turns.entries())
    lines.push(row(`turn ${index + 1}`, turnText(turn, width - LABEL, paint)));
  for (const bargeIn of bargeIns) lines.push(row('interruption', bargeInText(bargeIn, paint)));
  for (const distraction of measured.distractions ?? [])
    lines.push(row(distraction.kind, distractionText(distraction, paint)));
  for (const truncation of truncations) lines.push(row('truncation', truncationText(truncation, paint)));
  for (const expectation of record.expectations ?? []) lines.push(row('expected', expectationText(expectation, paint)));
  lines.push(...lintLines(record.lint, paint));
  for (const note of measured.notes) lines.push(row('note', note));
  for (const { sentence } of host.reasons) lines.push(row('unreliable', paint.yellow(sentence)));
  if (call.changes) lines.push('', ...changeLines(call.changes, paint));
  const files: CallFilePaths | undefined = call.files ?? record.files;
  if (files) {
    lines.push('', row('recording', pathFrom(cwd, files.wav)));
    lines.push(row('', paint.dim('left: the caller, right: what the caller heard')));
    lines.push(row('events', pathFrom(cwd, files.events)));
    if (files.summary !== undefined) lines.push(row('summary', pathFrom(cwd, files.summary)));
    if (files.page !== undefined)
      lines.push(row('page', `${pathFrom(cwd, files.page)} ${paint.dim('(open it in a browser)')}`));
  }
  if (verdict.problems.length > 0) lines.push('');
  for (const { message, hint } of verdict.problems)
    lines.push(`${paint.red('error:')} ${message}`, `${paint.dim('hint:')} ${hint}`);
  return lines;
}

function headline({ name, record, measured }: FinishedCall): string {
  const facts = [
    `${((record.endedAtMs - record.startedAtMs) / 1000).toFixed(1)} s`,
    count(measured.turns.length, 'turn'),
    count(measured.bargeIns.length, 'interruption'),
    ENDINGS[record.endReason],
  ];
  return `${name}: ${facts.join(', ')}`;
}

export const ENDINGS = {
  hangup: 'the caller hung up',
  'server-closed': 'the server closed the stream',
  'connection-lost': 'the connection was lost',
  'max-duration': 'cut off at the longest duration',
  aborted: 'broken off',
  fault: 'ended by the fault that was asked for',
  dropped: 'the caller lost the connection',
} as const;

function turnText(turn: Turn, width: number, paint: Paint): string {
  const { playoutMs, answerMs, text } = turn;
  const filler = answerMs === undefined ? '' : `, past a filler ${ms(answerMs)}`;
  const answer =
    playoutMs === undefined
      ? 'never answered'
      : playoutMs < 0
        ? `talked over, ${ms(-playoutMs)} too early`
        : `answered after ${ms(playoutMs)}${filler}`;
  const room = width - answer.length - 3;
  const said = text === undefined || room < 10 ? '' : `   ${paint.dim(shorten(`"${text}"`, room))}`;
  return `${playoutMs === undefined ? paint.yellow(answer) : answer}${said}`;
}

function bargeInText(bargeIn: BargeIn, paint: Paint): string {
  const { outcome, stopMs, clearMs, leakMs } = bargeIn;
  const where = `${seconds(bargeIn.intoMs)} into the answer`;
  if (outcome === 'missed') return paint.red(`the agent went on speaking, ${where}`);
  if (outcome === 'finished') return `the answer had been heard to its end, ${where}`;
  if (outcome === 'unknown') return `the call ended before the agent could stop, ${where}`;
  const stop = stopMs === undefined || !Number.isFinite(stopMs) ? 'stopped' : `silent after ${ms(stopMs)}`;
  const leak = leakMs === undefined ? '' : `, ${ms(leakMs)} leaked`;
  return `${stop}, ${where}${clearMs === undefined ? ', without a clear' : leak}`;
}

function distractionText({ outcome, intoMs, stopMs = 0 }: Distraction, paint: Paint): string {
  const where = `${seconds(intoMs)} into the answer`;
  if (outcome === 'went-on') return `the agent went on, ${where}`;
  if (outcome === 'finished') return `the agent was silent ${ms(stopMs)} later, without a clear, ${where}`;
  return paint.yellow(`the agent stopped for it after ${ms(stopMs)}, ${where}`);
}

function truncationText(truncation: Truncation, paint: Paint): string {
  const { toldMs, playedMs, totalMs, errorMs, verdict } = truncation;
  if (verdict === 'needless') return `heard all ${ms(totalMs)}, ${paint.yellow('and truncated needlessly')}`;
  const heard = `heard ${Math.round(playedMs)} of ${ms(totalMs)}`;
  if (toldMs === undefined) return `${heard}, ${paint.red('the model was not told')}`;
  const error = errorMs === undefined ? '' : ` (${errorMs >= 0 ? '+' : '−'}${Math.abs(errorMs).toFixed(1)} ms)`;
  return `${heard}, the model was told ${ms(toldMs)}${error}`;
}

function expectationText({ expected, found, ok, line }: Expectation, paint: Paint): string {
  const text = `${expected}: ${found}`;
  return ok
    ? `${text} ${paint.green('(met)')}`
    : paint.red(`${text} (NOT met${line === undefined ? '' : `, line ${line}`})`);
}

/** Against the recorded call: then, now, and the difference. */
function changeLines(changes: readonly CallChange[], paint: Paint): string[] {
  const table = changes.map((change) => [change.what, ...changeTexts(change)] as const);
  const head = ['', 'then', 'now', 'change'] as const;
  const widths = [0, 1, 2].map((column) => Math.max(...[head, ...table].map((cells) => [...cells[column]!].length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd();
  const painted = { better: paint.green, worse: paint.red, same: paint.dim, other: (text: string) => text };
  return [paint.dim(line(head)), ...table.map((cells, index) => painted[changes[index]!.verdict](line(cells)))];
}

/** One line per rule, with how often it was broken. */
function lintLines(lint: readonly LintFinding[], paint: Paint): string[] {
  if (lint.length === 0) return [row('lint', 'no findings')];
  const rules = new Map<string, LintFinding[]>();
  for (const finding of lint) rules.set(finding.rule, [...(rules.get(finding.rule) ?? []), finding]);
  return [...rules.values()].flatMap((findings) => {
    const { rule, code, level, message, twilio, instead } = findings[0]!;
    const times = findings.length > 1 ? ` (${findings.length} times)` : '';
    const text = `${code === undefined ? '' : `${code} `}${rule}: ${message}${times}`;
    const line = row(
      `lint ${level}`,
      `${level === 'error' ? paint.red(text) : paint.yellow(text)} ${paint.dim(twilio)}`,
    );
    return instead === undefined ? [line] : [line, row('', paint.dim(`instead: ${instead}`))];
  });
}

const LABEL = 16;

function row(label: string, text: string): string {
  return `${`  ${label}`.padEnd(LABEL)}${text}`;
}

/** As one would type it here. */
function pathFrom(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
