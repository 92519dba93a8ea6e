import { METRICS, type Measures } from '../../measure/metrics.js';
import { type Summary, summarise } from '../../measure/percentile.js';
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
  readonly problems: readonly string[];
  /** False when this machine was too busy for the numbers to mean anything. */
  readonly reliable: boolean;
  readonly notes: readonly string[];
  readonly greetingMs?: number;
  readonly turns: readonly Readonly<Record<string, unknown>>[];
  readonly interruptions: readonly Readonly<Record<string, unknown>>[];
  readonly truncations: readonly Readonly<Record<string, unknown>>[];
  readonly metrics: Readonly<Record<string, MetricDocument>>;
  readonly lint: readonly Readonly<Record<string, unknown>>[];
  readonly files?: { readonly directory: string; readonly wav: string; readonly events: string };
}

type MetricDocument =
  | ({ readonly unit: 'ms' | 'count' } & Summary)
  | { readonly unit: 'count'; readonly count: number; readonly of: number };

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
      durationMs: round(record.endedAtMs - startedAtMs),
      endReason: record.endReason,
    },
    exitCode: verdict.exitCode,
    problems: verdict.problems,
    reliable: host.reliable,
    notes: [...measured.notes, ...host.reasons.map(({ sentence }) => sentence)],
    ...(greetingMs !== undefined && { greetingMs: round(greetingMs) }),
    turns: measured.turns.map(({ endMs, ...turn }) => rounded({ ...turn, endMs: endMs - startedAtMs })),
    interruptions: measured.bargeIns.map(({ startMs, ...bargeIn }) =>
      rounded({ ...bargeIn, startMs: startMs - startedAtMs }),
    ),
    truncations: measured.truncations.map(rounded),
    metrics: metricsOf(measured.measures),
    lint: record.lint.map(({ atMs, ...finding }) => rounded({ ...finding, atMs: atMs - startedAtMs })),
    ...(record.files && { files: record.files }),
  };
}

function metricsOf(measures: Measures): Record<string, MetricDocument> {
  const metrics: Record<string, MetricDocument> = {};
  for (const [name, samples] of measures.samples) {
    const summary = summarise(samples);
    if (summary) metrics[name] = { unit: METRICS[name].unit, ...(rounded(summary) as unknown as Summary) };
  }
  for (const [name, { count, of }] of measures.counts) metrics[name] = { unit: 'count', count, of };
  return metrics;
}

/** Microseconds are enough; JSON has no Infinity, and a right-censored time is one that is not known. */
function rounded(facts: object): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value !== 'number') out[name] = value;
    else if (Number.isFinite(value)) out[name] = round(value);
  }
  return out;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
