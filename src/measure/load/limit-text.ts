import type { Limit, LoadStep } from './find-limit.js';
import type { StepFacts } from './limit.js';

const HEADER = ['calls', 'p50', 'p95', 'pacing p99', 'cpu/call·s', 'kB/call', ''];

/** The steps as a table, and the limit in a sentence. */
export function formatLimit(limit: Limit<StepFacts>): string {
  const rows = [HEADER, ...limit.steps.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row
      .map((text, column) => (column === HEADER.length - 1 ? text : text.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${table.join('\n')}\n\n${sentenceOf(limit)}\n`;
}

/** Which of the two gave in. */
export function sentenceOf({ carried, next }: Limit): string {
  if (!next) return `it carries all ${carried} calls that were tried: the limit lies higher`;
  if (next.outcome === 'broke') {
    const before = carried === 0 ? 'it does not carry the first calls' : `it carries ${carried} calls`;
    return `${before}; with ${next.calls} it breaks: ${next.why}`;
  }
  const before = carried === 0 ? 'nothing is known of it' : `it carries ${carried} calls, and perhaps more`;
  return `${before}; with ${next.calls} the generator tires: ${next.why}`;
}

/** What became of one step, in a few words. */
export function outcomeWords({ outcome, why }: LoadStep): string {
  return outcome === 'carried' ? 'carried' : `${outcome}: ${why}`;
}

function cells(step: LoadStep<StepFacts>): string[] {
  const { calls, facts } = step;
  const ms = (value: number | undefined, digits: number): string =>
    value === undefined ? '–' : `${value.toFixed(digits)} ms`;
  return [
    String(calls),
    ms(facts?.answerP50Ms, 0),
    ms(facts?.answerP95Ms, 0),
    ms(facts?.pacingP99Ms, 1),
    ms(facts?.cpuMsPerCallSecond, 1),
    facts?.rssKbPerCall === undefined ? '–' : facts.rssKbPerCall.toFixed(0),
    outcomeWords(step),
  ];
}
