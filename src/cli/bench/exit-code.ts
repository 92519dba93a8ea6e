import type { Budget } from '../../measure/budget.js';
import type { Report } from '../../measure/report-json.js';

/**
 * 3 when calls broke, 4 when the machine or missing samples leave no verdict, 1 when a budget was exceeded or the
 * carrier would have objected, else 0.
 */
export function exitCodeOf(report: Report, budgets: readonly Budget[]): number {
  if (report.calls.some(({ failed }) => failed !== undefined)) return 3;
  if (!report.reliable) return 4;
  const hard = report.budgets.filter(({ level }) => level === 'error');
  if (hard.some(({ ok, unknown }) => !ok && !unknown)) return 1;
  // Whoever names a lint budget decides for themselves what the findings are worth.
  const ownLintBudget = budgets.some(({ metric }) => metric.startsWith('lint.'));
  if (!ownLintBudget && report.lint.some(({ level }) => level === 'error')) return 1;
  return hard.some(({ unknown }) => unknown) ? 4 : 0;
}
