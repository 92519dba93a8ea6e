import { z } from 'zod';

/** What is different between two calls, one line each. */
export interface CallChange {
  /** `turn 1`, `interruption 2`, `lint media/wav-header` … */
  readonly what: string;
  /** Milliseconds, or how often; absent when it was not there or not known. */
  readonly before?: number;
  readonly after?: number;
  readonly unit: 'ms' | 'count';
  /** In place of a number: `never answered`, `missed`, `not told`. */
  readonly beforeText?: string;
  readonly afterText?: string;
  /** `same`: not more different than two runs of one call are. */
  readonly verdict: 'better' | 'worse' | 'same' | 'other';
}

const ms = z.number().optional();
const comparable = z.looseObject({
  greetingMs: ms,
  turns: z.array(z.looseObject({ playoutMs: ms })),
  interruptions: z.array(z.looseObject({ outcome: z.string(), stopMs: ms })),
  truncations: z.array(z.looseObject({ errorMs: ms, verdict: z.string() })).default([]),
  lint: z.array(z.looseObject({ rule: z.string() })),
});

/** Of a call's document, what can be compared. */
export type ComparableCall = z.infer<typeof comparable>;

/** Two runs of one call differ by two frames without anything having changed, and in what the model is told by less. */
const SAME_MS = 40;
const SAME_TRUNCATION_MS = 10;

/** Undefined for what is not the document of a call. */
export function comparableCall(document: unknown): ComparableCall | undefined {
  return comparable.safeParse(document).data;
}

/**
 * What changed from one call to another with the same caller: turns, interruptions and truncations in their order,
 * findings by their rule. What is in neither call is no line.
 */
export function compareCalls(before: ComparableCall, after: ComparableCall): CallChange[] {
  return [
    ...timeChange('greeting', { ms: before.greetingMs }, { ms: after.greetingMs }),
    ...pairs(before.turns, after.turns).flatMap(([was, is], index) =>
      timeChange(`turn ${index + 1}`, turnValue(was), turnValue(is)),
    ),
    ...pairs(before.interruptions, after.interruptions).flatMap(([was, is], index) =>
      timeChange(`interruption ${index + 1}`, stopValue(was), stopValue(is)),
    ),
    ...pairs(before.truncations, after.truncations).flatMap(([was, is], index) =>
      timeChange(`truncation ${index + 1}`, toldValue(was), toldValue(is), SAME_TRUNCATION_MS),
    ),
    ...lintChanges(before.lint, after.lint),
  ];
}

/** A time, the less the better, or why there is none. */
interface Value {
  readonly ms?: number | undefined;
  readonly text?: string;
}

type Turn = ComparableCall['turns'][number];
type Interruption = ComparableCall['interruptions'][number];
type Told = ComparableCall['truncations'][number];

function turnValue(turn: Turn | undefined): Value {
  if (!turn) return {};
  return turn.playoutMs === undefined ? { text: 'never answered' } : { ms: turn.playoutMs };
}

function stopValue(interruption: Interruption | undefined): Value {
  if (!interruption) return {};
  const { outcome, stopMs } = interruption;
  return outcome === 'stopped' && stopMs !== undefined ? { ms: stopMs } : { text: outcome };
}

function toldValue(told: Told | undefined): Value {
  if (!told) return {};
  return told.errorMs === undefined ? { text: told.verdict } : { ms: Math.abs(told.errorMs) };
}

function timeChange(what: string, was: Value, is: Value, sameMs = SAME_MS): CallChange[] {
  const absent = (value: Value): boolean => value.ms === undefined && value.text === undefined;
  if (absent(was) && absent(is)) return [];
  return [
    {
      what,
      unit: 'ms',
      ...(was.ms !== undefined && { before: was.ms }),
      ...(is.ms !== undefined && { after: is.ms }),
      ...(was.text !== undefined && { beforeText: was.text }),
      ...(is.text !== undefined && { afterText: is.text }),
      verdict: verdictOf(was, is, sameMs),
    },
  ];
}

/** A caller who is talked over is answered too early, which is worse than late by as much. */
function verdictOf(was: Value, is: Value, sameMs: number): CallChange['verdict'] {
  if (was.ms === undefined || is.ms === undefined) {
    if (was.text === is.text) return was.text === undefined ? 'other' : 'same';
    // A text is a failure; where one side is not there at all, nothing can be said.
    if (was.ms !== undefined && is.text !== undefined) return 'worse';
    return was.text !== undefined && is.ms !== undefined ? 'better' : 'other';
  }
  const change = Math.abs(is.ms) - Math.abs(was.ms);
  if (Math.abs(is.ms - was.ms) <= sameMs) return 'same';
  return change > 0 ? 'worse' : 'better';
}

function lintChanges(before: ComparableCall['lint'], after: ComparableCall['lint']): CallChange[] {
  const count = (findings: ComparableCall['lint'], wanted: string): number =>
    findings.filter(({ rule }) => rule === wanted).length;
  const rules = new Set([...before, ...after].map(({ rule }) => rule));
  return [...rules].map((rule) => {
    const was = count(before, rule);
    const is = count(after, rule);
    const verdict = was === is ? 'same' : is > was ? 'worse' : 'better';
    return { what: `lint ${rule}`, unit: 'count', before: was, after: is, verdict };
  });
}

function pairs<T>(before: readonly T[], after: readonly T[]): [T | undefined, T | undefined][] {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => [before[index], after[index]]);
}

/** The two values and their difference, in words. */
export function changeTexts(change: CallChange): readonly [before: string, after: string, change: string] {
  const { before, after, unit, beforeText, afterText, verdict } = change;
  const words = (value: number | undefined, text: string | undefined): string =>
    value === undefined ? (text ?? '–') : unit === 'ms' ? milliseconds(value) : String(value);
  const difference =
    before === undefined || after === undefined
      ? verdict === 'other'
        ? ''
        : verdict
      : verdict === 'same'
        ? 'same'
        : `${after > before ? '+' : '−'}${unit === 'ms' ? `${Math.round(Math.abs(after - before))} ms` : Math.abs(after - before)}`;
  return [words(before, beforeText), words(after, afterText), difference];
}

function milliseconds(value: number): string {
  return `${value < 0 ? '−' : ''}${Math.abs(Math.round(value))} ms`;
}
