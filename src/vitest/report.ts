import { checkBudget, parseBudget } from '../measure/budget.js';
import { callsLine } from '../measure/report/words.js';
import type { Report } from '../measure/report-json.js';

/** What a matcher says of a report. `open`: neither so nor otherwise. */
export interface ReportJudgement {
  readonly ok: boolean;
  readonly open: boolean;
  readonly lines: readonly string[];
}

export function isReport(received: unknown): received is Report {
  return (received as Partial<Report> | null)?.schema === 'voicebridge-report/1';
}

/** @throws VoicebridgeError `budget-invalid` */
export function meetsBudget(report: Report, expr: string): ReportJudgement {
  const { ok, unknown, actual, note, expr: plain } = checkBudget(parseBudget(expr), report);
  const found = actual === undefined ? 'not known' : String(Math.round(actual * 1000) / 1000);
  const open = unknown === true || !report.reliable;
  const mark = open ? '?' : ok ? '✓' : '✗';
  return {
    ...{ ok, open },
    lines: [
      `the report to meet the budget ${plain}`,
      '',
      `  ${mark} measured  ${found}${note === undefined ? '' : ` (${note})`}`,
      ...around(report),
    ],
  };
}

export function reportIsReliable(report: Report): ReportJudgement {
  const lines = ['the measurement to be reliable', '', `  ${report.reliable ? '✓' : '✗'} ${callsLine(report)}`];
  return { ok: report.reliable, open: false, lines: [...lines, ...around(report)] };
}

/** Where the numbers come from, and what is to be known about them. */
function around(report: Report): string[] {
  const { endpoint, scenarios, advice, reliable } = report;
  return [
    '',
    ...(reliable ? [] : [`unreliable: ${callsLine(report)}; this machine was too busy for its numbers to count`]),
    `at ${endpoint.url}: ${scenarios.join(', ')}, ${callsLine(report)}`,
    ...advice.map((each) => `advice: ${each}`),
  ];
}
