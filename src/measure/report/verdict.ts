import type { Budget } from '../budget.js';
import type { Report } from '../report-json.js';

/** What a measurement is worth, as the exit code says it, with the reasons in sentences. */
export interface Verdict {
  readonly exitCode: 0 | 1 | 3 | 4;
  /** `good` · a budget `exceeded` · calls `broken` · `unreliable`: neither passed nor failed. */
  readonly outcome: 'good' | 'exceeded' | 'broken' | 'unreliable';
  /** Why it is not good; empty when it is. */
  readonly reasons: readonly string[];
}

type Measured = Pick<Report, 'calls' | 'reliable' | 'discarded' | 'attempted' | 'budgets' | 'lint' | 'modelFindings'>;

/**
 * 3 when calls broke, 4 when the machine or missing samples leave no verdict, 1 when a budget was exceeded or the
 * carrier or the model would have objected, else 0.
 *
 * @param budgets all that were asked for, those with the level `off` too
 */
export function verdictOf(report: Measured, budgets: readonly Budget[]): Verdict {
  const broken = [...new Set(report.calls.flatMap(({ failed }) => failed ?? []))];
  if (broken.length > 0) return { exitCode: 3, outcome: 'broken', reasons: broken };
  if (!report.reliable) return { exitCode: 4, outcome: 'unreliable', reasons: [spoilt(report)] };
  const hard = report.budgets.filter(({ level }) => level === 'error');
  const exceeded = [
    ...hard.filter(({ ok, unknown }) => !ok && !unknown).map(budgetReason),
    ...objections(report, budgets),
    ...refusals(report, budgets),
  ];
  if (exceeded.length > 0) return { exitCode: 1, outcome: 'exceeded', reasons: exceeded };
  const unknown = hard.filter((budget) => budget.unknown).map(budgetReason);
  if (unknown.length > 0) return { exitCode: 4, outcome: 'unreliable', reasons: unknown };
  return { exitCode: 0, outcome: 'good', reasons: [] };
}

function spoilt({ discarded, attempted }: Measured): string {
  const count = discarded.reduce((sum, each) => sum + each.count, 0);
  const why = discarded.map(({ reason }) => reason).join(', ');
  return count === 0
    ? 'too few calls could be measured'
    : `${count} of ${attempted} calls were spoilt by the measuring machine (${why})`;
}

/** A budget that is not kept, in one sentence. */
export function budgetReason({ expr, actual, note }: Report['budgets'][number]): string {
  const found = actual === undefined ? '' : `, measured ${Math.round(actual * 1000) / 1000}`;
  return `${expr}${found}${note === undefined ? '' : ` (${note})`}`;
}

/** Whoever names a lint budget decides for themselves what the findings are worth. */
function objections({ lint }: Measured, budgets: readonly Budget[]): string[] {
  if (budgets.some(({ metric }) => metric.startsWith('lint.'))) return [];
  return lint.filter(({ level }) => level === 'error').map(lintReason);
}

/** The model's side of the same: what it refused, as the real one would. */
function refusals({ modelFindings = [] }: Measured, budgets: readonly Budget[]): string[] {
  if (budgets.some(({ metric }) => metric.startsWith('model.'))) return [];
  return modelFindings.filter(({ level }) => level === 'error').map(refusalReason);
}

export function refusalReason({ code, count, first }: NonNullable<Report['modelFindings']>[number]): string {
  return `model: ${code} × ${count}: ${first}`;
}

export function lintReason({ rule, code, count, first }: Report['lint'][number]): string {
  return `${rule}${code === undefined ? '' : ` (Twilio ${code})`} × ${count}: ${first}`;
}
