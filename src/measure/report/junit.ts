import type { Report } from '../report-json.js';
import { budgetReason, lintReason, refusalReason } from './verdict.js';

/** One `<testcase>`: passed, unless it says otherwise. */
interface Case {
  readonly classname: string;
  readonly name: string;
  readonly seconds?: number;
  readonly failure?: { readonly type: string; readonly sentences: readonly string[] };
  readonly error?: { readonly type: string; readonly sentences: readonly string[] };
  readonly skipped?: string;
  /** Shown beside a case that passed. */
  readonly out?: readonly string[];
}

/**
 * JUnit's XML, as Jenkins, GitLab and the actions of GitHub read it: a case for each budget and each scenario, one for
 * the carrier's rules, for the model's where it was the bench's own, and for the measurement itself.
 *
 * A budget that was exceeded is a failure; one with the level `warn` passes and says so. What could not be judged is
 * skipped with the reason, and the case of the measurement is then an error: JUnit has no word for "neither passed nor
 * failed", and a run that is all skipped would pass for green.
 */
export function formatJunit(report: Report): string {
  const cases = [measurement(report), ...budgets(report), carrier(report), ...model(report), ...scenarios(report)];
  const failures = cases.filter(({ failure }) => failure).length;
  const errors = cases.filter(({ error }) => error).length;
  const skipped = cases.filter(({ skipped }) => skipped !== undefined).length;
  const seconds = report.calls.reduce((sum, { durationMs = 0 }) => sum + durationMs / 1000, 0);
  const totals = attributes({ tests: cases.length, failures, errors });
  const suite = attributes({
    ...{ name: 'voicebridge bench', tests: cases.length, failures, errors, skipped },
    time: seconds.toFixed(3),
    // ISO 8601 without a zone, which the schema demands.
    timestamp: report.at.replace(/(\.\d+)?Z$/, ''),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'voicebridge' })}${totals}${attributes({ time: seconds.toFixed(3) })}>`,
    `  <testsuite${suite}>`,
    '    <properties>',
    ...properties(report).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...cases.map(formatCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function measurement({ verdict, discarded }: Report): Case {
  const what = { classname: 'voicebridge.measurement', name: 'the measurement is reliable' };
  const spoilt = discarded.map(({ reason, count }) => `${count} discarded: ${reason}`);
  if (verdict.outcome === 'unreliable') {
    return { ...what, error: { type: 'unreliable', sentences: [...verdict.reasons, ...spoilt] } };
  }
  return { ...what, ...(spoilt.length > 0 && { out: spoilt }) };
}

function budgets({ budgets, reliable, verdict }: Report): Case[] {
  return budgets.map((budget): Case => {
    const what = { classname: 'voicebridge.budget', name: budget.expr };
    if (!reliable) return { ...what, skipped: `not judged: ${verdict.reasons.join('; ')}` };
    if (budget.unknown) return { ...what, skipped: budget.note ?? 'nothing was measured' };
    const sentence = budgetReason(budget);
    if (budget.ok) return { ...what, out: [sentence] };
    if (budget.level === 'warn') return { ...what, out: [`warning: ${sentence}`] };
    return { ...what, failure: { type: 'budget', sentences: [sentence] } };
  });
}

function carrier({ lint, verdict }: Report): Case {
  const what = { classname: 'voicebridge.carrier', name: 'the carrier finds no error in what it was sent' };
  return judged(what, lint, lintReason, verdict);
}

/** Absent when the model was somebody else's. */
function model({ modelFindings, verdict }: Report): Case[] {
  const what = { classname: 'voicebridge.model', name: 'the model refuses nothing that it was sent' };
  return modelFindings ? [judged(what, modelFindings, refusalReason, verdict)] : [];
}

function judged<Finding extends { readonly level: string }>(
  what: Pick<Case, 'classname' | 'name'>,
  findings: readonly Finding[],
  reason: (finding: Finding) => string,
  verdict: Report['verdict'],
): Case {
  const errors = findings.filter(({ level }) => level === 'error').map(reason);
  const others = findings.filter(({ level }) => level !== 'error').map((each) => `warning: ${reason(each)}`);
  // A budget of its own says what the findings are worth: then they do not break the verdict.
  const counts = errors.some((sentence) => verdict.reasons.includes(sentence));
  if (counts) return { ...what, failure: { type: 'finding', sentences: [...errors, ...others] } };
  return { ...what, ...(errors.length + others.length > 0 && { out: [...errors, ...others] }) };
}

function scenarios({ calls, scenarios }: Report): Case[] {
  return scenarios.map((scenario): Case => {
    const made = calls.filter((call) => call.scenario === scenario);
    const seconds = made.reduce((sum, { durationMs = 0 }) => sum + durationMs / 1000, 0);
    const what = { classname: 'voicebridge.scenario', name: scenario, seconds };
    const broken = made.flatMap(({ run, failed }) => (failed === undefined ? [] : [`run ${run}: ${failed}`]));
    if (broken.length > 0) return { ...what, failure: { type: 'call', sentences: broken } };
    const spoilt = made.flatMap(({ run, discarded }) => (discarded === undefined ? [] : [`run ${run}: ${discarded}`]));
    if (made.length > 0 && spoilt.length === made.length) return { ...what, skipped: spoilt.join('; ') };
    return { ...what, ...(spoilt.length > 0 && { out: spoilt }) };
  });
}

function properties({ tool, host, endpoint, seed, attempted, advice }: Report): [string, string][] {
  return [
    ['voicebridge', tool.version],
    ['endpoint', endpoint.url],
    ['machine', `${host.cpus} × ${host.cpu ?? host.platform}, Node ${host.node}`],
    ['seed', String(seed)],
    ['calls', String(attempted)],
    ...advice.map((each): [string, string] => ['advice', each]),
  ];
}

function formatCase({ classname, name, seconds, failure, error, skipped, out }: Case): string {
  const time: Record<string, string> = seconds === undefined ? {} : { time: seconds.toFixed(3) };
  const inside = [
    ...(skipped === undefined ? [] : [`<skipped${attributes({ message: skipped })}/>`]),
    ...(error ? [problem('error', error)] : []),
    ...(failure ? [problem('failure', failure)] : []),
    ...(out ? [`<system-out>${escapeText(out.join('\n'))}</system-out>`] : []),
  ];
  const open = `    <testcase${attributes({ classname, name, ...time })}`;
  if (inside.length === 0) return `${open}/>`;
  return [`${open}>`, ...inside.map((line) => `      ${line}`), '    </testcase>'].join('\n');
}

function problem(tag: 'failure' | 'error', { type, sentences }: NonNullable<Case['failure']>): string {
  return `<${tag}${attributes({ message: sentences[0] ?? type, type })}>${escapeText(sentences.join('\n'))}</${tag}>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`)
    .join('');
}

/** A parser makes blanks of line ends and tabs in an attribute unless they are written as numbers. */
function escapeAttribute(text: string): string {
  return escapeText(text).replace(/["\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** What a server sent may hold anything; XML 1.0 has no way to write most control characters, nor half a character. */
function escapeText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the very characters that XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
      .replace(/[&<>\r]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  );
}
