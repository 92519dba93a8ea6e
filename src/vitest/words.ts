import { stamp } from '../cli/screen/text.js';
import { judgeHost } from '../measure/host.js';
import type { MeasuredCall } from './received.js';

/** One thing of a call that was held against a limit. */
export interface Finding {
  readonly ok: boolean;
  /** `turn 2`, `interruption 1`, a lint rule. */
  readonly name: string;
  /** On the clock of the record; absent when it has no place in time. */
  readonly atMs?: number;
  /** What was found, one line. */
  readonly text: string;
  /** Lines below it: where the fault lies, what would be right. */
  readonly advice?: readonly string[];
}

/** What a matcher has to say about a call. */
export interface Judgement {
  /** The question has no answer, for example no turn was spoken: then neither `expect` nor `expect.not` holds. */
  readonly open?: true;
  /** `every turn to be answered within 1500 ms` */
  readonly expected: string;
  readonly findings: readonly Finding[];
}

export function holds({ open, findings }: Judgement): boolean {
  return !open && findings.every(({ ok }) => ok);
}

/** The failure as the test reports it: the broken expectation, every finding with its place in the call, what to look at. */
export function describe(call: MeasuredCall, judgement: Judgement, isNot: boolean): string {
  const { expected, findings } = judgement;
  const wrong = findings.filter(({ ok }) => ok === isNot);
  const first = (wrong.find(({ atMs }) => atMs !== undefined) ?? wrong[0])?.atMs;
  return [
    `expected ${isNot ? 'not ' : ''}${expected}`,
    '',
    ...findings.flatMap((finding) => linesOf(finding, call.record.startedAtMs, isNot)),
    ...notes(call, first, judgement.open ? call.measured.notes : []),
  ].join('\n');
}

function linesOf(finding: Finding, startedAtMs: number, isNot: boolean): string[] {
  const { ok, name, atMs, text, advice = [] } = finding;
  const at = atMs === undefined ? '' : `  at ${stamp(atMs - startedAtMs)}`;
  const below = ok || isNot ? [] : advice.map((line) => `      ${line}`);
  return [`  ${ok ? '✓' : '✗'} ${name}${at}  ${text}`, ...below];
}

/** What puts the whole judgement in doubt, why it may have no answer, and where it can be heard. */
function notes({ record }: MeasuredCall, atMs: number | undefined, why: readonly string[]): string[] {
  const doubts = judgeHost(record.pacing, undefined).reasons.map(
    ({ sentence }) => `unreliable: ${sentence}; this machine was too busy for its numbers to count`,
  );
  const place = atMs === undefined ? '' : ` at ${stamp(atMs - record.startedAtMs)}`;
  const listen = record.files ? [`listen: ${record.files.wav}${place} (left the caller, right the agent)`] : [];
  const lines = [...doubts, ...why.map((note) => `note: ${note}`), ...listen];
  return lines.length > 0 ? ['', ...lines] : [];
}

export function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

/** `1 turn`, `2 turns`, `no turns` */
export function count(n: number, what: string): string {
  return `${n === 0 ? 'no' : n} ${what}${n === 1 ? '' : 's'}`;
}
