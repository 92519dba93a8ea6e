import type { BargeIn } from '../measure/bargein.js';
import { checkBudget, parseBudget } from '../measure/budget.js';
import { judgeHost } from '../measure/host.js';
import type { Truncation } from '../measure/truncation.js';
import type { Turn } from '../measure/turns.js';
import { findUtterances } from '../measure/utterances.js';
import type { CallRecord } from '../simulator/phone/events.js';
import type { LintFinding } from '../simulator/phone/lint.js';
import type { MeasuredCall } from './received.js';
import { count, type Finding, type Judgement, ms } from './words.js';

/** Sound this long after its bytes arrived waited in the phone, or began with silence. */
const LATE_BY_ITSELF_MS = 60;

export function greetsWithin({ record, measured }: MeasuredCall, limitMs: number): Judgement {
  const expected = `the agent to greet within ${limit(limitMs)}`;
  const { greetingMs } = measured;
  if (greetingMs === undefined) {
    const text = record.received.length === 0 ? 'no audio ever came' : 'silent until the caller spoke';
    const advice = ['an agent that is to greet must begin by itself when `start` arrives'];
    return { expected, findings: [{ ok: false, name: 'greeting', text, advice }] };
  }
  const text = `audible ${ms(greetingMs)} after \`start\`${excess(greetingMs, limitMs)}`;
  const advice = ['connecting to the model and its first words fall into this time: connect while the phone rings'];
  const atMs = record.startedAtMs + greetingMs;
  return { expected, findings: [{ ok: greetingMs <= limitMs, name: 'greeting', atMs, text, advice }] };
}

export function answersWithin({ record, measured }: MeasuredCall, limitMs: number): Judgement {
  const expected = `every turn to be answered within ${limit(limitMs)}`;
  if (measured.turns.length === 0) {
    const text = record.speech.length === 0 ? 'the caller never spoke' : 'the call was over before anything was due';
    return { open: true, expected, findings: [{ ok: false, name: 'no turns', text, advice: [SAY] }] };
  }
  return { expected, findings: measured.turns.map((turn, index) => turnFinding(turn, index, limitMs)) };
}

const SAY = 'let the caller `say` something that sounds like speech, and wait for the answer before hanging up';

function turnFinding(turn: Turn, index: number, limitMs: number): Finding {
  const { playoutMs, ingressMs, text: words, endMs } = turn;
  const base = { name: `turn ${index + 1}`, atMs: endMs };
  const said = words === undefined ? '' : `  "${words}"`;
  if (playoutMs === undefined) {
    const advice = ['until the end of the call nothing audible came: did the caller hang up too soon?'];
    return { ...base, ok: false, text: `never answered${said}`, advice };
  }
  if (playoutMs < 0) {
    const advice = ['the agent took a pause for the end of the turn: look at its turn detection (silence, eagerness)'];
    return { ...base, ok: false, text: `talked over, ${ms(-playoutMs)} too early${said}`, advice };
  }
  const waitedMs = ingressMs === undefined ? 0 : playoutMs - ingressMs;
  const advice =
    waitedMs > LATE_BY_ITSELF_MS
      ? [`its first audible bytes had arrived ${ms(waitedMs)} before: they waited behind other audio or silence`]
      : ['its bytes came no sooner: turn detection (silence at the end), the model, or the relay took the time'];
  const text = `answered after ${ms(playoutMs)}${excess(playoutMs, limitMs)}${said}`;
  return { ...base, ok: playoutMs <= limitMs, text, advice };
}

export function stopsWithin({ record, measured }: MeasuredCall, limitMs: number): Judgement {
  const expected = `the agent to stop within ${limit(limitMs)} of every interruption`;
  const { bargeIns } = measured;
  const stoppable = bargeIns.filter(({ outcome }) => outcome !== 'finished');
  if (stoppable.length === 0) {
    const meant = record.speech.some(({ interrupts }) => interrupts) || bargeIns.length > 0;
    const text = meant
      ? 'the agent had finished when the caller spoke, so there was nothing to stop'
      : 'the caller never spoke over the agent';
    const advice = ['interrupt while it is audible: a step `interrupt: stop.wav` with `after: 1200ms`'];
    return { open: true, expected, findings: [{ ok: false, name: 'no interruptions', text, advice }] };
  }
  const findings = stoppable.map((each, index) => stopFinding(each, index, limitMs, record));
  return { expected, findings };
}

function stopFinding(bargeIn: BargeIn, index: number, limitMs: number, record: CallRecord): Finding {
  const { outcome, stopMs, clearMs, startMs, intoMs } = bargeIn;
  const base = { name: `interruption ${index + 1}`, atMs: startMs };
  const where = `, ${ms(intoMs)} into its answer`;
  if (outcome === 'unknown')
    return {
      ...base,
      ok: false,
      text: `the call ended before it could be told${where}`,
      advice: ['let the call go on for a second or two after the interruption'],
    };
  const stopped = stopMs !== undefined && Number.isFinite(stopMs);
  const ok = outcome === 'stopped' && stopped && stopMs <= limitMs;
  const text = !stopped
    ? `it went on speaking for ${ms(wentOnMs(record, startMs))}${where}`
    : `silent after ${ms(stopMs)}${excess(stopMs, limitMs)}${where}`;
  return { ...base, ok, text, advice: [stopAdvice(stopMs, clearMs, limitMs)] };
}

/** How long the agent was still audible after the caller had begun to speak over it. */
function wentOnMs(record: CallRecord, startMs: number): number {
  const over = findUtterances(record).find(({ onsetMs, endMs }) => onsetMs < startMs && startMs < endMs);
  return over ? over.endMs - startMs : 0;
}

function stopAdvice(stopMs: number | undefined, clearMs: number | undefined, limitMs: number): string {
  if (clearMs === undefined)
    return 'the server sent no `clear`: audio it had already sent was played to its end ({"event":"clear","streamSid":…})';
  if (clearMs > limitMs)
    return `its \`clear\` came after ${ms(clearMs)}: look at how soon the caller's speech is noticed and acted on`;
  if (stopMs !== undefined && stopMs > clearMs + LATE_BY_ITSELF_MS)
    return `its \`clear\` came after ${ms(clearMs)}, but more audio of the old answer was sent behind it`;
  return `its \`clear\` came after ${ms(clearMs)}`;
}

export function truncatesWithin({ measured, trace }: MeasuredCall, limitMs: number): Judgement {
  const expected = `the model to be told within ${limit(limitMs)} how much of each interrupted answer was heard`;
  const open = (text: string, advice: string): Judgement => ({
    open: true,
    expected,
    findings: [{ ok: false, name: 'no truncations', text, advice: [advice] }],
  });
  if (trace === undefined)
    return open(
      "the model's end of this call is not known",
      'give makeCall the simulated model: { url, caller, model }',
    );
  if (trace.length === 0)
    return open('the model never saw this call', 'point the server under test at `model.url` of serveModel()');
  if (measured.truncations.length === 0)
    return open('no answer was cut short', 'interrupt the agent in the middle of a long answer, and look at the notes');
  return { expected, findings: measured.truncations.map((each, index) => truncationFinding(each, index, limitMs)) };
}

function truncationFinding(truncation: Truncation, index: number, limitMs: number): Finding {
  const { totalMs, playedMs, toldMs, errorMs, verdict } = truncation;
  const name = `answer cut short ${index + 1}`;
  const heard = `heard ${Math.round(playedMs)} of ${ms(totalMs)}`;
  if (verdict === 'needless') {
    const advice = ['truncate only what a `clear` has cut: a truncated item loses its transcript'];
    return { ok: false, name, text: `${heard}, all of it, and truncated all the same`, advice };
  }
  if (toldMs === undefined || errorMs === undefined) {
    const advice = [
      'the model believes all of it was heard: after the clear send conversation.item.truncate with audio_end_ms',
    ];
    return { ok: false, name, text: `${heard}, and the model was not told`, advice };
  }
  const believes = errorMs > 0 ? 'words the caller never heard' : 'less than the caller heard';
  const advice = [
    `the model remembers ${believes}: count what was played (marks that came back), not what was sent or the time`,
  ];
  const text = `${heard}, the model was told ${ms(toldMs)} (${errorMs > 0 ? '+' : ''}${ms(errorMs)})`;
  return { ok: Math.abs(errorMs) <= limitMs, name, text, advice };
}

export function hasNoLint({ record }: MeasuredCall, levels: readonly LintFinding['level'][]): Judgement {
  const what = levels.length === 1 ? 'errors' : 'errors or warnings';
  const expected = `no lint ${what}: every message as the carrier wants it`;
  const rules = new Map<string, LintFinding[]>();
  for (const finding of record.lint) {
    if (levels.includes(finding.level)) rules.set(finding.rule, [...(rules.get(finding.rule) ?? []), finding]);
  }
  if (rules.size === 0) return { expected, findings: [{ ok: true, name: 'lint', text: `no ${what}` }] };
  return {
    expected,
    findings: [...rules].map(([rule, found]) => lintFinding(rule, found, record.lintCounts?.[rule] ?? found.length)),
  };
}

function lintFinding(rule: string, [first]: readonly LintFinding[], times: number): Finding {
  const { atMs, level, message, twilio, instead, page, excerpt } = first!;
  const advice = [`Twilio ${twilio}`];
  if (instead !== undefined) advice.push(`instead: ${instead}`);
  if (excerpt !== undefined) advice.push(`sent: ${excerpt}`);
  if (page !== undefined) advice.push(`see: ${page}`);
  const often = times === 1 ? '' : ` (${times} times)`;
  return { ok: false, name: `${rule} (${level})`, atMs, text: `${message}${often}`, advice };
}

export function hasTurns({ measured }: MeasuredCall, wanted: number): Judgement {
  const { turns } = measured;
  const found = turns.map(({ text, playoutMs }, index) => {
    const answer = playoutMs === undefined ? 'not answered' : 'answered';
    return `${index + 1}${text === undefined ? '' : ` "${text}"`} ${answer}`;
  });
  const advice = [
    'a turn is what the caller said up to an answer; words between which the agent kept silent are one turn',
  ];
  const text = `${count(turns.length, 'turn')}${found.length > 0 ? `: ${found.join(', ')}` : ''}`;
  return {
    expected: `the call to have ${count(wanted, 'turn')}`,
    findings: [{ ok: turns.length === wanted, name: 'found', text, advice }],
  };
}

export function isReliable({ record }: MeasuredCall): Judgement {
  const { reasons } = judgeHost(record.pacing, undefined);
  const advice = ['run less beside it: `vitest run --no-file-parallelism`, or a larger machine'];
  const ok: Finding = { ok: true, name: 'this machine', text: 'the phone kept its schedule of one frame every 20 ms' };
  return {
    expected: 'this machine to have been fast enough for the numbers to count',
    findings:
      reasons.length === 0
        ? [ok]
        : reasons.map(({ sentence }) => ({ ok: false, name: 'this machine', text: sentence, advice })),
  };
}

/** @throws VoicebridgeError `budget-invalid` */
export function keepsBudget({ measured }: MeasuredCall, expr: string): Judgement {
  const result = checkBudget(parseBudget(expr), measured.measures);
  const expected = `the budget ${result.expr} to be kept`;
  const note = result.note === undefined ? '' : ` (${result.note})`;
  const actual = result.actual === undefined ? 'not known' : String(Math.round(result.actual * 1000) / 1000);
  const finding = { ok: result.ok, name: 'measured', text: `${actual}${note}` };
  return { ...(result.unknown && { open: true as const }), expected, findings: [finding] };
}

function limit(limitMs: number): string {
  if (typeof limitMs !== 'number' || !(limitMs >= 0)) throw new TypeError(`${limitMs} is not a number of milliseconds`);
  return ms(limitMs);
}

function excess(actualMs: number, limitMs: number): string {
  return actualMs > limitMs ? `, ${ms(Math.max(1, actualMs - limitMs))} too late` : '';
}
