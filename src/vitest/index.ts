/**
 * `import 'voicebridge/vitest'` in a test, or `setupFiles: ['voicebridge/vitest']` in vitest.config.ts, gives `expect`
 * matchers for phone calls. They judge what `makeCall` returns, records of `dial`, and the report of `bench`.
 */

import { expect } from 'vitest';
import type { Report } from '../measure/report-json.js';
import {
  answersWithin,
  greetsWithin,
  hasNoLint,
  hasTurns,
  isReliable,
  keepsBudget,
  stopsWithin,
  truncatesWithin,
} from './judge.js';
import { asCall, type MeasuredCall } from './received.js';
import { isReport, meetsBudget, type ReportJudgement, reportIsReliable } from './report.js';
import { describe, holds, type Judgement } from './words.js';

export type { JudgedCall } from './received.js';

/**
 * All times are milliseconds at the caller's ear, as `bench` measures them. A question without an answer, such as how
 * fast an agent stopped that nobody interrupted, fails with `.not` as well.
 */
export interface CallMatchers<R = void> {
  /** The agent speaks first, its first audible sample played at most so long after `start` was sent. */
  toGreetWithin(limitMs: number): R;
  /** Every turn: from the caller's last sample to the first audible sample of the answer, which may be a filler. */
  toAnswerWithin(limitMs: number): R;
  /** Every interruption: from the caller's first sample over the agent to the agent's last audible one. */
  toStopWithin(limitMs: number): R;
  /** Every answer cut short: what the model was told of it differs by no more from what was played. Needs `model`. */
  toHaveTruncatedWithin(limitMs: number): R;
  /** Nothing the server sent would have been audible as a mistake, or ended the stream. */
  toHaveNoLintErrors(): R;
  /** The same, and nothing that Twilio would have ignored with a warning. */
  toHaveNoLintFindings(): R;
  /** So many turns of the caller were answered, or should have been. */
  toHaveTurns(count: number): R;
  /** One line as for `bench --budget`, for every other metric: `gap_ms max <= 60`. */
  toKeepBudget(expr: string): R;
  /** The same of what `bench` returned, over all its calls: `turn.playout_ms p50 <= 800`. */
  toMeetBudget(expr: string): R;
  /** This machine kept the phone's schedule, so that the numbers mean something. Of a call, or of a report. */
  toBeReliable(): R;
}

// Assertions of every version of vitest take over what stands here; its own `Matchers` has other type parameters in each.
declare global {
  namespace Chai {
    interface Assertion extends CallMatchers {}
  }
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

type Judge<Args extends readonly unknown[]> = (call: MeasuredCall, ...args: Args) => Judgement;

function matcher<Args extends readonly unknown[]>(judge: Judge<Args>) {
  return function (this: { readonly isNot?: boolean }, received: unknown, ...args: Args): MatcherResult {
    const isNot = this.isNot ?? false;
    const call = asCall(received);
    const judgement = judge(call, ...args);
    return {
      pass: judgement.open ? isNot : holds(judgement),
      message: () => describe(call, judgement, isNot),
    };
  };
}

/** For what is a report; anything else is a call. */
function reportMatcher<Args extends readonly unknown[]>(
  judge: (report: Report, ...args: Args) => ReportJudgement,
  ofCall: ReturnType<typeof matcher<Args>>,
) {
  return function (this: { readonly isNot?: boolean }, received: unknown, ...args: Args): MatcherResult {
    if (!isReport(received)) return ofCall.call(this, received, ...args);
    const isNot = this.isNot ?? false;
    const { ok, open, lines } = judge(received, ...args);
    return { pass: open ? isNot : ok, message: () => `expected ${isNot ? 'not ' : ''}${lines.join('\n')}` };
  };
}

/** For an `expect` of your own: `expect.extend(callMatchers)`. */
export const callMatchers = {
  toGreetWithin: matcher(greetsWithin),
  toAnswerWithin: matcher(answersWithin),
  toStopWithin: matcher(stopsWithin),
  toHaveTruncatedWithin: matcher(truncatesWithin),
  toHaveNoLintErrors: matcher((call) => hasNoLint(call, ['error'])),
  toHaveNoLintFindings: matcher((call) => hasNoLint(call, ['error', 'warning'])),
  toHaveTurns: matcher(hasTurns),
  toKeepBudget: matcher(keepsBudget),
  toMeetBudget: reportMatcher(meetsBudget, matcher(keepsBudget)),
  toBeReliable: reportMatcher(reportIsReliable, matcher(isReliable)),
} satisfies Record<keyof CallMatchers, unknown>;

expect.extend(callMatchers);
