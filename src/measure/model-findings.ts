import { betaHint } from '../simulator/model/beta.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';

/** One kind of mistake that a relay made towards the model. */
export interface ModelFinding {
  /** The code of the service's own error event, or one of ours for what the service says nothing about. */
  readonly code: string;
  /** `warning`: a race that a correct relay can lose too, or a waste. */
  readonly level: 'error' | 'warning';
  readonly count: number;
  /** What the model said the first time. */
  readonly first: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Refused because the model was faster: the service documents that a client has to live with them. */
const RACES: readonly string[] = [
  'response_cancel_not_active',
  'conversation_already_has_active_response',
  'item_truncate_invalid_item_id',
  'input_audio_buffer_commit_empty',
];

const HINTS: Readonly<Record<string, string>> = {
  response_cancel_not_active: 'the model has stopped by itself: cancel only with interrupt_response off',
  conversation_already_has_active_response: 'wait for response.done before the next response.create',
  item_truncate_invalid_item_id: 'truncate items of assistant audio only, by the item_id of their deltas',
  input_audio_buffer_commit_empty: 'with turn detection the server commits by itself',
  beta_api_shape_disabled:
    'this shape is dead since 2026-05-12: leave the header OpenAI-Beta out and write events as the GA API has them',
  'never-connected': 'does it read OPENAI_REALTIME_URL or OPENAI_BASE_URL? tell it by another name: --env NAME={model}',
  'session-left-open': 'close the model when the call is over: an open session costs money',
};

/** What the sandwich knows beside the trace. */
export interface ModelsView {
  /** Calls of which the model saw nothing at all. */
  readonly neverConnected?: number;
  /** Sessions that were still open two seconds after the call. */
  readonly leftOpen?: number;
}

/** One entry per code, errors first, in the order they were first made. */
export function modelFindings(trace: readonly ModelTraceEvent[], view: ModelsView = {}): ModelFinding[] {
  const found = new Map<string, ModelFinding>();
  const add = (code: string, first: string, level: ModelFinding['level'], count = 1): void => {
    const known = found.get(code);
    const hint = HINTS[code] ?? betaHint(first);
    found.set(
      code,
      known
        ? { ...known, count: known.count + count }
        : { code, level, count, first, ...(hint !== undefined && { hint }) },
    );
  };
  for (const event of trace) {
    if (event.type === 'error') add(event.code || 'no-code', event.message, isRace(event) ? 'warning' : 'error');
    if (event.type === 'beta-shape') add('beta_api_shape_disabled', betaSentence(event.by), 'error');
  }
  const { neverConnected = 0, leftOpen = 0 } = view;
  if (neverConnected > 0) add('never-connected', 'the relay never reached the model', 'error', neverConnected);
  if (leftOpen > 0) add('session-left-open', 'a session was still open 2 s after its call', 'warning', leftOpen);
  return [...found.values()].sort((a, b) => Number(a.level !== 'error') - Number(b.level !== 'error'));
}

/** Adds what later calls brought. */
export function mergeFindings(before: readonly ModelFinding[], more: readonly ModelFinding[]): ModelFinding[] {
  const merged = new Map(before.map((each) => [each.code, each]));
  for (const each of more) {
    const known = merged.get(each.code);
    merged.set(each.code, known ? { ...known, count: known.count + each.count } : each);
  }
  return [...merged.values()].sort((a, b) => Number(a.level !== 'error') - Number(b.level !== 'error'));
}

export function countFindings(findings: readonly ModelFinding[], level: ModelFinding['level']): number {
  return findings.reduce((sum, each) => sum + (each.level === level ? each.count : 0), 0);
}

function isRace({ code, message }: { code: string; message: string }): boolean {
  return RACES.includes(code) || /is already shorter than/.test(message);
}

function betaSentence(by: 'header' | 'event'): string {
  return by === 'header'
    ? 'the relay asks for the beta API by OpenAI-Beta'
    : 'the relay configures the session in the shape of the beta';
}
