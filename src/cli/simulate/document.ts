import type { BargeIn } from '../../measure/bargein.js';
import type { CallChange } from '../../measure/compare.js';
import type { Distraction } from '../../measure/distractions.js';
import { type MetricReport, metricsReport } from '../../measure/report-json.js';
import type { Truncation } from '../../measure/truncation.js';
import type { Turn } from '../../measure/turns.js';
import type { CallerSound, CallRecord, Expectation } from '../../simulator/phone/events.js';
import type { LintFinding } from '../../simulator/phone/lint.js';
import type { CallFilePaths, FinishedCall } from './finished-call.js';
import { type WebhookSteps, webhookSteps } from './webhook-steps.js';

/**
 * `voicebridge simulate --json`. Times are milliseconds since `start` was sent; names of metrics are those of the bench.
 * What could not be measured is absent.
 */
export interface CallDocument {
  readonly schema: 'voicebridge-call/1';
  readonly tool: { readonly name: 'voicebridge'; readonly version: string };
  readonly caller: string;
  readonly endpoint: { readonly url: string; readonly kind: 'given' | 'running' | 'embedded' };
  readonly call: {
    readonly callSid: string;
    readonly streamSid: string;
    /** All of them, after a reconnect. */
    readonly streamSids?: readonly string[];
    readonly durationMs: number;
    readonly endReason: string;
  };
  /** Of a call that began at a webhook. */
  readonly webhook?: WebhookSteps;
  readonly exitCode: number;
  readonly problems: readonly { readonly message: string; readonly hint: string }[];
  /** False when this machine was too busy for the numbers to mean anything. */
  readonly reliable: boolean;
  readonly notes: readonly string[];
  readonly greetingMs?: number;
  readonly turns: readonly Turn[];
  readonly interruptions: readonly BargeIn[];
  /** What the agent did when the caller hummed or coughed over it. */
  readonly distractions?: readonly Distraction[];
  readonly truncations: readonly Truncation[];
  /** What the script expected, when it expected something; `step` counts the steps performed, `line` those of the file. */
  readonly expectations?: readonly Expectation[];
  /** What else the caller was heard with: hums, coughs, noise. */
  readonly sounds?: readonly CallerSound[];
  readonly metrics: Readonly<Record<string, MetricReport>>;
  readonly lint: readonly LintFinding[];
  /** What the caller said, where it is not `sounds`, and the keys pressed: with call.wav all that a replay needs. */
  readonly speech: readonly Speech[];
  readonly digits: readonly { readonly atMs: number; readonly digit: string }[];
  readonly clears: readonly { readonly atMs: number; readonly droppedMs: number }[];
  /** Of a replay: the folder of the recorded call, and what is different from it; `turn 1` is the first of each. */
  readonly replay?: { readonly of: string; readonly changes: readonly CallChange[] };
  readonly files?: CallFilePaths;
}

interface Speech {
  readonly startMs: number;
  readonly endMs: number;
  readonly interrupts: boolean;
  readonly text?: string;
}

export function callDocument(call: FinishedCall, version: string): CallDocument {
  const { record, measured, host, verdict } = call;
  const { startedAtMs } = record;
  const { greetingMs } = measured;
  const webhook = webhookSteps(record);
  const files = call.files ?? record.files;
  return {
    schema: 'voicebridge-call/1',
    tool: { name: 'voicebridge', version },
    caller: call.caller,
    endpoint: { url: call.endpoint.url, kind: call.endpoint.kind },
    call: {
      callSid: record.callSid,
      streamSid: record.streamSid,
      ...(record.streamSids && { streamSids: record.streamSids }),
      durationMs: record.endedAtMs - startedAtMs,
      endReason: record.endReason,
    },
    ...(webhook && { webhook }),
    exitCode: verdict.exitCode,
    problems: verdict.problems,
    reliable: host.reliable,
    notes: [...measured.notes, ...host.reasons.map(({ sentence }) => sentence)],
    ...(greetingMs !== undefined && { greetingMs }),
    turns: measured.turns.map((turn) => ({ ...turn, endMs: turn.endMs - startedAtMs })),
    interruptions: measured.bargeIns.map((bargeIn) => ({ ...bargeIn, startMs: bargeIn.startMs - startedAtMs })),
    ...(measured.distractions && {
      distractions: measured.distractions.map((each) => ({ ...each, startMs: each.startMs - startedAtMs })),
    }),
    truncations: measured.truncations,
    ...(record.expectations && {
      expectations: record.expectations.map((each) => ({ ...each, atMs: each.atMs - startedAtMs })),
    }),
    ...(record.sounds && { sounds: record.sounds.map((sound) => soundSince(sound, startedAtMs)) }),
    metrics: metricsReport(measured.measures),
    lint: record.lint.map((finding) => ({ ...finding, atMs: finding.atMs - startedAtMs })),
    speech: record.speech.map(({ startMs, endMs, interrupts, text }) => ({
      startMs: startMs - startedAtMs,
      endMs: endMs - startedAtMs,
      interrupts,
      ...(text !== undefined && { text }),
    })),
    ...actsOf(record),
    ...(call.changes && call.replayOf !== undefined && { replay: { of: call.replayOf, changes: call.changes } }),
    ...(files && { files }),
  };
}

function actsOf({ events, startedAtMs }: CallRecord): Pick<CallDocument, 'digits' | 'clears'> {
  return {
    digits: events.flatMap((event) =>
      event.type === 'dtmf' ? [{ atMs: event.atMs - startedAtMs, digit: event.digit }] : [],
    ),
    clears: events.flatMap((event) =>
      event.type === 'clear' ? [{ atMs: event.atMs - startedAtMs, droppedMs: event.droppedBytes / 8 }] : [],
    ),
  };
}

function soundSince(sound: CallerSound, zeroMs: number): CallerSound {
  const { startMs, endMs, startSentMs, endSentMs, ...rest } = sound;
  const [start, end, startSent, endSent] = [startMs, endMs, startSentMs, endSentMs].map((ms) => ms - zeroMs);
  return { ...rest, startMs: start!, endMs: end!, startSentMs: startSent!, endSentMs: endSent! };
}

/** Microseconds are enough. JSON has no Infinity: a right-censored time is one that is not known, and is left out. */
export function formatDocument(document: CallDocument): string {
  const keepKnown = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value;
    return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : undefined;
  };
  return `${JSON.stringify(document, keepKnown, 2)}\n`;
}
