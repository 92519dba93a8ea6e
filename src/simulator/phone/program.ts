import { encodeMulaw } from '../../audio/g711.js';
import { dtmf } from '../../audio/tone.js';
import type { Condition } from './expectation.js';
import type { Clip, Step } from './script/steps.js';

/** What a caller does next: the steps of a script in one row, branches as jumps. */
export type Operation =
  | Exclude<Step, { type: 'if' | 'expect' }>
  | {
      readonly type: 'expect';
      readonly that: Condition;
      readonly line?: number;
      /** It stands in no branch, so a call that ends before it has failed it. */
      readonly certain: boolean;
    }
  /** Goes on with the next one when it is so, else with number `otherwise`. */
  | { readonly type: 'branch'; readonly that: Condition; readonly otherwise: number }
  | { readonly type: 'jump'; readonly to: number };

/** @param digitMs how long a key is held, and the pause after it when nothing else is said */
export function programOf(steps: readonly Step[], digitMs: number): Operation[] {
  const program: Operation[] = [];
  const add = (steps: readonly Step[], certain: boolean): void => {
    for (const step of steps) {
      if (step.type === 'if') branch(step);
      else if (step.type === 'expect') program.push({ ...step, certain });
      else if (step.type === 'digits' && (step.tone || step.gapMs !== undefined)) program.push(...keys(step, digitMs));
      else program.push(step);
    }
  };
  const branch = ({ that, yes, no }: Step & { type: 'if' }): void => {
    const at = program.length;
    program.push({ type: 'branch', that, otherwise: 0 });
    add(yes, false);
    const end = program.length;
    if (no.length > 0) program.push({ type: 'jump', to: 0 });
    program[at] = { type: 'branch', that, otherwise: program.length };
    add(no, false);
    if (no.length > 0) program[end] = { type: 'jump', to: program.length };
  };
  add(steps, true);
  return program;
}

/** One key after the other, heard or not. */
function keys({ digits, tone, gapMs }: Step & { type: 'digits' }, digitMs: number): Operation[] {
  return [...digits].flatMap((digit, index): Operation[] => [
    ...(index > 0 ? [{ type: 'pause', ms: gapMs ?? digitMs } as const] : []),
    { type: 'digits', digits: digit },
    tone ? { type: 'say', clip: toneOf(digit, digitMs) } : { type: 'pause', ms: digitMs },
  ]);
}

function toneOf(digit: string, ms: number): Clip {
  return { name: `key ${digit}`, audio: encodeMulaw(dtmf(digit, ms)), speech: [] };
}
