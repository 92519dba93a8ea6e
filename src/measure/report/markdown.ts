import { formatQuote } from '../calibration/format.js';
import { METRICS, type MetricName } from '../metrics.js';
import type { Report } from '../report-json.js';
import { COLUMNS, callsLine, cell, number, OUTCOMES } from './words.js';

/** The metrics that everybody looks at; the others are folded away. */
const HEADLINES: readonly MetricName[] = [
  'turn.playout_ms',
  'greeting_ms',
  'bargein.stop_ms',
  'bargein.missed',
  'bargein.false',
  'truncation.abs_error_ms',
  'truncation.missing',
  'relay.in_ms',
  'relay.out_ms',
  'gap_ms',
];

const ICONS = { good: '✅', exceeded: '❌', broken: '💥', unreliable: '⚠️' } as const;

/** The report as GitHub's Markdown, for the summary of a step or a comment. */
export function formatMarkdown(report: Report): string {
  const { verdict, endpoint, scenarios } = report;
  const others = (Object.keys(METRICS) as MetricName[]).filter((name) => !HEADLINES.includes(name));
  const parts = [
    `## ${ICONS[verdict.outcome]} voicebridge bench: ${OUTCOMES[verdict.outcome]}`,
    `${code(endpoint.url)}, ${scenarios.map(shown).join(', ')}: ${shown(callsLine(report))}.`,
    list(verdict.reasons),
    budgets(report),
    metrics(report, HEADLINES),
    fold('All other metrics', metrics(report, others)),
    discrimination(report),
    fold('What the carrier and the model would say', findings(report), hasErrors(report)),
    report.advice.length > 0 ? `**To know**\n\n${list(report.advice)}` : '',
    machine(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function budgets({ budgets, reliable }: Report): string {
  if (budgets.length === 0) return '';
  const rows = budgets.map(({ expr, level, actual, ok, unknown, note }) => {
    const mark = unknown || !reliable ? '❔' : ok ? '✅' : level === 'warn' ? '⚠️' : '❌';
    return [mark, code(expr), actual === undefined ? '–' : number(actual), shown(note ?? '')];
  });
  return table(['', 'budget', 'measured', ''], ['---', '---', '---:', '---'], rows);
}

function metrics(report: Report, names: readonly MetricName[]): string {
  const rows = names.flatMap((name) => {
    const metric = report.metrics[name];
    if (!metric) return [];
    if (metric.unit === 'count') return [[code(name), `${metric.count} of ${metric.of}`, ...Array(5).fill('')]];
    return [[code(name), ...COLUMNS.map((column) => cell(metric, column))]];
  });
  if (rows.length === 0) return '';
  return table(['metric (ms)', ...COLUMNS], ['---', ...COLUMNS.map(() => '---:')], rows);
}

function hasErrors({ lint, modelFindings = [] }: Report): boolean {
  return [...lint, ...modelFindings].some(({ level }) => level === 'error');
}

function findings({ lint, modelFindings = [] }: Report): string {
  const rows = [
    ...lint.map(({ rule, level, code: twilio, count, first }) => {
      return [level, code(rule), twilio === undefined ? 'carrier' : `Twilio ${twilio}`, String(count), shown(first)];
    }),
    ...modelFindings.map(({ code: rule, level, count, first }) => {
      return [level, code(rule), 'model', String(count), shown(first)];
    }),
  ];
  if (rows.length === 0) return '';
  return table(['level', 'rule', 'said by', 'times', 'first'], ['---', '---', '---', '---:', '---'], rows);
}

/** Which sounds of the caller stopped the agent: speech should, nothing else. */
function discrimination({ discrimination: all = [] }: Report): string {
  const rows = all.map(({ kind, clip, dbov, chances, stopped }) => {
    const fine = stopped === (kind === 'speech' ? chances : 0);
    const level = dbov === undefined ? '–' : String(dbov);
    return [fine ? '✅' : '⚠️', shown(kind), shown(clip), level, `${stopped} of ${chances}`];
  });
  if (rows.length === 0) return '';
  return table(['', 'sound', '', 'dBov', 'stopped'], ['---', '---', '---', '---:', '---:'], rows);
}

function machine({ host, tool, seed, network, at, calibration }: Report): string {
  const { toServerMs, toPhoneMs, jitterMs } = network;
  const far = toServerMs + toPhoneMs + jitterMs === 0 ? '' : `, network ${toServerMs}, ${toPhoneMs} ± ${jitterMs} ms`;
  const what = `${host.cpus} × ${host.cpu ?? host.platform}, Node ${host.node}, seed ${seed}${far}`;
  const accuracy = calibration ? `; ${formatQuote(calibration)}` : '';
  return `<sub>voicebridge ${shown(tool.version)}, ${shown(at)}, ${shown(what)}${shown(accuracy)}</sub>`;
}

function fold(title: string, inside: string, open = false): string {
  if (inside === '') return '';
  return `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${inside}\n\n</details>`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${shown(line)}`).join('\n');
}

function table(head: readonly string[], rule: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Text from a server shows as itself: no markup, no cell of a table, no mention of a person, no image. */
function shown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()#+!|<>&~@$-]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/(?<=https?|www)([:.])/gi, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** In a table too, where even a bar inside of code ends the cell. */
function code(text: string): string {
  const plain = text.replace(/\s+/g, ' ');
  return /[`|]/.test(plain) ? `<code>${shown(plain)}</code>` : `\`${plain}\``;
}
