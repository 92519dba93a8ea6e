import type { BargeIn } from '../../measure/bargein.js';
import { type MetricReport, metricsReport } from '../../measure/report-json.js';
import type { Truncation } from '../../measure/truncation.js';
import type { Turn } from '../../measure/turns.js';
import type { CallerSound, Expectation } from '../../simulator/phone/events.js';
import type { LintFinding } from '../../simulator/phone/lint.js';
import type { FinishedCall } from './report.js';

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
    readonly durationMs: number;
    readonly endReason: string;
  };
  readonly exitCode: number;
  readonly problems: readonly { readonly message: string; readonly hint: string }[];
  /** False when this machine was too busy for the numbers to mean anything. */
  readonly reliable: boolean;
  readonly notes: readonly string[];
  readonly greetingMs?: number;
  readonly turns: readonly Turn[];
  readonly interruptions: readonly BargeIn[];
  readonly truncations: readonly Truncation[];
  /** What the script expected, when it expected something; `step` counts the steps performed, `line` those of the file. */
  readonly expectations?: readonly Expectation[];
  /** What else the caller was heard with: hums, coughs, noise. */
  readonly sounds?: readonly CallerSound[];
  readonly metrics: Readonly<Record<string, MetricReport>>;
  readonly lint: readonly LintFinding[];
  readonly files?: { readonly directory: string; readonly wav: string; readonly events: string };
}

export function callDocument(call: FinishedCall, version: string): CallDocument {
  const { record, measured, host, verdict } = call;
  const { startedAtMs } = record;
  const { greetingMs } = measured;
  return {
    schema: 'voicebridge-call/1',
    tool: { name: 'voicebridge', version },
    caller: call.caller,
    endpoint: { url: call.endpoint.url, kind: call.endpoint.kind },
    call: {
      callSid: record.callSid,
      streamSid: record.streamSid,
      durationMs: record.endedAtMs - startedAtMs,
      endReason: record.endReason,
    },
    exitCode: verdict.exitCode,
    problems: verdict.problems,
    reliable: host.reliable,
    notes: [...measured.notes, ...host.reasons.map(({ sentence }) => sentence)],
    ...(greetingMs !== undefined && { greetingMs }),
    turns: measured.turns.map((turn) => ({ ...turn, endMs: turn.endMs - startedAtMs })),
    interruptions: measured.bargeIns.map((bargeIn) => ({ ...bargeIn, startMs: bargeIn.startMs - startedAtMs })),
    truncations: measured.truncations,
    ...(record.expectations && {
      expectations: record.expectations.map((each) => ({ ...each, atMs: each.atMs - startedAtMs })),
    }),
    ...(record.sounds && { sounds: record.sounds.map((sound) => soundSince(sound, startedAtMs)) }),
    metrics: metricsReport(measured.measures),
    lint: record.lint.map((finding) => ({ ...finding, atMs: finding.atMs - startedAtMs })),
    ...(record.files && { files: record.files }),
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
