import type { Report } from '../report-json.js';
import { budgetReason } from './verdict.js';

/**
 * Lines that GitHub's runner turns into annotations of the step: an error for each reason of the verdict, a warning for
 * each budget of that level and for each piece of advice.
 *
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function annotations({ verdict, budgets, advice }: Report): string[] {
  const soft = budgets.filter(({ level, ok }) => level === 'warn' && !ok).map(budgetReason);
  return [
    ...verdict.reasons.map((reason) => command('error', TITLES[verdict.outcome], reason)),
    ...soft.map((reason) => command('warning', 'voicebridge: budget', reason)),
    ...advice.map((each) => command('warning', 'voicebridge', each)),
  ];
}

const TITLES = {
  good: 'voicebridge',
  exceeded: 'voicebridge: budget exceeded',
  broken: 'voicebridge: call broke',
  unreliable: 'voicebridge: not reliable',
} as const;

function command(level: 'error' | 'warning', title: string, message: string): string {
  const value = escapeData(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${level} title=${value}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
