import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { CallRecord, Expectation } from '../../simulator/phone/events.js';
import type { LintFinding } from '../../simulator/phone/lint.js';
import type { CallMeasures } from '../analyse.js';
import type { BargeIn } from '../bargein.js';
import { findUtterances } from '../utterances.js';
import { bufferDepth, type Depth } from './depth.js';
import { type LogRow, logRows } from './log-rows.js';

/** A finished call, and what stands in the page's words about it. */
export interface PageCall {
  readonly record: CallRecord;
  readonly measured: CallMeasures;
  /** When the simulated model was at the far end and lived on the same clock. */
  readonly modelTrace?: readonly ModelTraceEvent[];
  readonly title: string;
  /** Rows under the title: what was called, how it ended. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly problems: readonly string[];
  /** Of a replay: what is different from the recorded call. */
  readonly changes?: readonly PageChange[];
}

export interface PageChange {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly verdict: 'better' | 'worse' | 'same' | 'other';
}

export interface PageSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly text?: string;
  readonly interrupts?: boolean;
}

export interface PageTurn {
  /** The caller's last sample. */
  readonly endMs: number;
  /** First audible sample of the answer; earlier than `endMs` when the agent talked over the caller. */
  readonly onsetMs?: number;
  readonly latencyMs?: number;
  readonly answerMs?: number;
  readonly text?: string;
}

/** Times are those of the call; a part that is not known is absent. */
export interface PageInterruption {
  readonly startMs: number;
  readonly intoMs: number;
  readonly outcome: BargeIn['outcome'];
  readonly speechStartedMs?: number;
  readonly clearMs?: number;
  readonly silentMs?: number;
  readonly leakMs?: number;
  readonly recovered: boolean;
  readonly text?: string;
}

/** What the page is drawn from. Times in milliseconds since `start` was sent. */
export interface PageData {
  readonly title: string;
  readonly facts: PageCall['facts'];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly durationMs: number;
  readonly samples: number;
  readonly greetingMs?: number;
  readonly speech: readonly PageSpan[];
  readonly answers: readonly PageSpan[];
  /** What the caller was heard with that was not meant for the agent. */
  readonly sounds: readonly PageSpan[];
  readonly expectations: readonly Pick<Expectation, 'atMs' | 'expected' | 'found' | 'ok'>[];
  readonly turns: readonly PageTurn[];
  readonly interruptions: readonly PageInterruption[];
  readonly truncations: CallMeasures['truncations'];
  readonly marks: readonly (readonly [atMs: number, name: string])[];
  readonly clears: readonly (readonly [atMs: number, droppedMs: number])[];
  readonly digits: readonly (readonly [atMs: number, digit: string])[];
  readonly depth: Depth;
  readonly findings: readonly LintFinding[];
  readonly log: readonly LogRow[];
  /** Events that are in events.jsonl and for which the page has no room. */
  readonly logLeftOut: number;
  readonly changes?: readonly PageChange[];
}

/** Marks drawn; a server that sends more floods, and its log says so. */
const MAX_MARKS = 10_000;
/** The model notices the caller within this time of the first sample, or not because of it. */
const NOTICED_WITHIN_MS = 3_000;

/** Everything the page shows, in milliseconds of the call. Pure. */
export function pageData(call: PageCall): PageData {
  const { record, measured, title, facts, problems, changes } = call;
  const since = (atMs: number): number => round(atMs - record.startedAtMs);
  const all = record.events;
  const { rows, leftOut } = logRows(all, record.startedAtMs);
  return {
    title,
    facts,
    problems,
    notes: measured.notes,
    durationMs: since(record.endedAtMs),
    samples: record.callerLane.length,
    ...(measured.greetingMs !== undefined && { greetingMs: round(measured.greetingMs) }),
    speech: record.speech.map(({ startMs, endMs, text, interrupts }) => ({
      startMs: since(startMs),
      endMs: since(endMs),
      ...(text !== undefined && { text }),
      ...(interrupts && { interrupts }),
    })),
    sounds: (record.sounds ?? []).map(({ startMs, endMs, kind }) => ({
      startMs: since(startMs),
      endMs: since(endMs),
      text: kind,
    })),
    expectations: (record.expectations ?? []).map(({ atMs, expected, found, ok }) => ({
      atMs: since(atMs),
      expected,
      found,
      ok,
    })),
    answers: findUtterances(record).map(({ onsetMs, endMs }) => ({ startMs: since(onsetMs), endMs: since(endMs) })),
    turns: measured.turns.map(({ endMs, playoutMs, answerMs, text }) => ({
      endMs: since(endMs),
      ...(playoutMs !== undefined && { onsetMs: since(endMs + playoutMs), latencyMs: round(playoutMs) }),
      ...(answerMs !== undefined && { answerMs: round(answerMs) }),
      ...(text !== undefined && { text }),
    })),
    interruptions: measured.bargeIns.map((each) => interruption(each, call, since)),
    truncations: measured.truncations,
    marks: all
      .flatMap((event) => (event.type === 'mark' ? [[since(event.atMs), event.name] as const] : []))
      .slice(0, MAX_MARKS),
    clears: all.flatMap((event) =>
      event.type === 'clear' ? [[since(event.atMs), event.droppedBytes / 8] as const] : [],
    ),
    digits: all.flatMap((event) => (event.type === 'dtmf' ? [[since(event.atMs), event.digit] as const] : [])),
    depth: bufferDepth(all, record.startedAtMs, record.endedAtMs),
    findings: record.lint.map((finding) => ({ ...finding, atMs: since(finding.atMs) })),
    log: rows,
    logLeftOut: leftOut,
    ...(changes && { changes }),
  };
}

function interruption(each: BargeIn, call: PageCall, since: (atMs: number) => number): PageInterruption {
  const { startMs, intoMs, outcome, clearMs, stopMs, leakMs, recovered } = each;
  const said = call.record.speech.find(({ step }) => step === each.step);
  const noticed = call.modelTrace?.find(
    (event) => event.type === 'speech-started' && event.atMs >= startMs && event.atMs < startMs + NOTICED_WITHIN_MS,
  );
  const known = stopMs !== undefined && Number.isFinite(stopMs);
  return {
    startMs: since(startMs),
    intoMs: round(intoMs),
    outcome,
    recovered,
    ...(noticed && { speechStartedMs: since(noticed.atMs) }),
    ...(clearMs !== undefined && { clearMs: since(startMs + clearMs) }),
    ...(known && { silentMs: since(startMs + stopMs) }),
    ...(leakMs !== undefined && { leakMs: round(leakMs) }),
    ...(said?.text !== undefined && { text: said.text }),
  };
}

/** Microseconds are enough. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
