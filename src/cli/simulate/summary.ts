import { relative } from 'node:path';
import type { BargeIn } from '../../measure/bargein.js';
import type { Truncation } from '../../measure/truncation.js';
import type { Turn } from '../../measure/turns.js';
import type { LintFinding } from '../../simulator/phone/lint.js';
import type { FinishedCall } from './report.js';

type Paint = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow', (text: string) => string>>;

/** The end of `voicebridge simulate` for people: what was said and how fast, what was wrong, which files there are. */
export function summaryLines(call: FinishedCall, cwd: string, paint: Paint): string[] {
  const { record, measured, host, verdict } = call;
  const { turns, bargeIns, truncations, greetingMs } = measured;
  const lines = ['', paint.bold(headline(call)), ''];
  if (greetingMs !== undefined) lines.push(row('greeting', `after ${ms(greetingMs)}`));
  for (const [index, turn] of turns.entries()) lines.push(row(`turn ${index + 1}`, turnText(turn, paint)));
  for (const bargeIn of bargeIns) lines.push(row('interruption', bargeInText(bargeIn, paint)));
  for (const truncation of truncations) lines.push(row('truncation', truncationText(truncation, paint)));
  lines.push(...lintLines(record.lint, paint));
  for (const note of measured.notes) lines.push(row('note', note));
  for (const { sentence } of host.reasons) lines.push(row('unreliable', paint.yellow(sentence)));
  if (record.files) {
    lines.push('', row('recording', `${relative(cwd, record.files.wav)} (left: caller, right: what the caller heard)`));
    lines.push(row('events', relative(cwd, record.files.events)));
  }
  if (verdict.problems.length > 0) lines.push('', ...verdict.problems.map((problem) => paint.red(`✗ ${problem}`)));
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

const ENDINGS = {
  hangup: 'the caller hung up',
  'server-closed': 'the server closed the stream',
  'connection-lost': 'the connection was lost',
  'max-duration': 'cut off at the longest duration',
  aborted: 'broken off',
} as const;

function turnText(turn: Turn, paint: Paint): string {
  const said = turn.text === undefined ? '' : `   ${paint.dim(`"${turn.text}"`)}`;
  if (turn.playoutMs === undefined) return `${paint.yellow('never answered')}${said}`;
  const filler = turn.answerMs === undefined ? '' : `, the answer itself after ${ms(turn.answerMs)}`;
  const verb = turn.playoutMs < 0 ? `talked over ${ms(-turn.playoutMs)} early` : `answered after ${ms(turn.playoutMs)}`;
  return `${verb}${filler}${said}`;
}

function bargeInText(bargeIn: BargeIn, paint: Paint): string {
  const { outcome, stopMs, clearMs, leakMs, intoMs } = bargeIn;
  const where = paint.dim(`   ${ms(intoMs)} into the answer`);
  if (outcome === 'missed') return `${paint.red('missed: the agent went on speaking')}${where}`;
  if (outcome === 'finished') return `the answer had just been heard to its end${where}`;
  if (outcome === 'unknown') return `the call ended before the agent could stop${where}`;
  const stop = stopMs === undefined || !Number.isFinite(stopMs) ? 'stopped' : `silent after ${ms(stopMs)}`;
  const clear = clearMs === undefined ? ', no clear came' : `, clear after ${ms(clearMs)}`;
  const leak = leakMs === undefined ? '' : `, ${ms(leakMs)} leaked`;
  return `${stop}${clear}${leak}${where}`;
}

function truncationText(truncation: Truncation, paint: Paint): string {
  const { toldMs, playedMs, totalMs, errorMs, verdict } = truncation;
  const heard = `of ${ms(totalMs)} the caller heard ${ms(playedMs)}`;
  if (toldMs === undefined) return `${heard}, ${paint.red('the model was not told')}`;
  const needless = verdict === 'needless' ? paint.yellow(' (needless)') : '';
  const error = errorMs === undefined ? '' : ` (${errorMs >= 0 ? '+' : '−'}${Math.abs(errorMs).toFixed(1)} ms)`;
  return `${heard}, the model was told ${ms(toldMs)}${error}${needless}`;
}

/** One line per rule, with how often it was broken. */
function lintLines(lint: readonly LintFinding[], paint: Paint): string[] {
  if (lint.length === 0) return [row('lint', 'no findings')];
  const rules = new Map<string, LintFinding[]>();
  for (const finding of lint) rules.set(finding.rule, [...(rules.get(finding.rule) ?? []), finding]);
  return [...rules.values()].map((findings) => {
    const { rule, code, level, message, twilio } = findings[0]!;
    const times = findings.length > 1 ? ` (${findings.length} times)` : '';
    const text = `${code === undefined ? '' : `${code} `}${rule}: ${message}${times}`;
    return row(`lint ${level}`, `${level === 'error' ? paint.red(text) : paint.yellow(text)} ${paint.dim(twilio)}`);
  });
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
