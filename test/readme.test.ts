import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../src/errors.js';
import { METRICS } from '../src/measure/metrics.js';
import { DEFAULTS } from '../src/options.js';
import { SCRIPT_KEYS } from '../src/simulator/model/script/grammar.js';
import { ASSUMPTIONS, type AssumptionName, shownDefault } from '../src/simulator/phone/assumptions.js';
import { FAULTS } from '../src/simulator/phone/faults.js';
import { LINT_RULES, pageOf } from '../src/simulator/phone/lint.js';
import { STEPS } from '../src/simulator/phone/script/grammar.js';
import { TWIML_RULES } from '../src/simulator/phone/webhook/rules.js';
import { MODEL_BREAKS, silenceOf } from './helpers/model-breaks.js';

const path = new URL('../README.md', import.meta.url);

type Row = readonly string[];

/** What can stand in one part of a model script; under `when`, each condition by itself. */
function keysOf(part: keyof typeof SCRIPT_KEYS): { head: Row; rows: Row[] } {
  const rowOf = (key: string, { description = '' }: { description?: string | undefined }): Row => [
    `\`${key}\``,
    description.replace(/\.$/, ''),
  ];
  const rows = Object.entries(SCRIPT_KEYS[part]).flatMap(([key, shape]) =>
    key === 'when'
      ? Object.entries(SCRIPT_KEYS.when).map(([name, inner]) => rowOf(`when: {${name}: …}`, inner))
      : [rowOf(key, shape)],
  );
  return { head: ['key', 'what it does'], rows };
}

/** The tables that the README repeats from the source. `npm run readme` writes them anew. */
const TABLES: Readonly<Record<string, { head: Row; rows: Row[] }>> = {
  errors: {
    head: ['code', 'exit', 'sentence'],
    rows: Object.entries(ERRORS).map(([code, { exit, sentence }]) => [`\`${code}\``, String(exit), sentence]),
  },
  lint: {
    head: ['rule', 'Twilio', 'level', 'what the server did', 'what Twilio does', 'what to do instead'],
    rows: Object.entries(LINT_RULES).map(([rule, entry]) => [
      `\`${rule}\`${entry.sure === 'likely' ? ' ²' : ''}`,
      `[${entry.code ?? 'page'}](${pageOf(entry)})`,
      entry.level,
      entry.meaning,
      entry.twilio,
      entry.instead,
    ]),
  },
  twiml: {
    head: ['rule', 'Twilio', 'level', 'what the server did', 'what Twilio does', 'what to write instead'],
    rows: Object.entries(TWIML_RULES).map(([rule, entry]) => [
      `\`${rule}\``,
      `[${entry.code ?? 'page'}](${pageOf(entry)})`,
      entry.level,
      entry.meaning,
      entry.twilio,
      entry.instead,
    ]),
  },
  metrics: {
    head: ['metric', 'from → to'],
    rows: Object.entries(METRICS).map(([name, entry]) => [
      `\`${name}\`${'needsModel' in entry ? ' ¹' : ''}`,
      entry.says,
    ]),
  },
  'model-breaks': {
    head: ['what breaks', 'what the caller hears', 'silence', 'what the log says'],
    rows: MODEL_BREAKS.map(({ what, hears, silence, log }) => [
      what,
      hears,
      silenceOf(silence),
      log.map((line) => `\`${line}\``).join('<br>'),
    ]),
  },
  steps: {
    head: ['step', 'what the caller does'],
    rows: STEPS.map(({ example, says }) => [`\`${example}\``, says.replace(/\.$/, '')]),
  },
  'model-script': keysOf('script'),
  'model-response': keysOf('response'),
  'model-session': keysOf('session'),
  faults: {
    head: ['fault', 'what happens'],
    rows: Object.values(FAULTS).map(({ example, says }) => [`\`${example}\``, says]),
  },
  assumptions: {
    head: ['assumption', 'what Twilio does not say', 'values', 'default'],
    rows: Object.entries(ASSUMPTIONS).map(([name, { takes, says }]) => [
      `\`${name}\``,
      says,
      typeof takes === 'string' ? takes : takes.join(', '),
      shownDefault(name as AssumptionName),
    ]),
  },
  defaults: {
    head: ['where', 'what', 'default'],
    rows: Object.entries(DEFAULTS).flatMap(([where, values]) =>
      Object.entries(values).map(([name, value]) => [
        where,
        `\`${name}\``,
        typeof value === 'object' ? JSON.stringify(value).replace(/"/g, '') : String(value),
      ]),
    ),
  },
};

function table({ head, rows }: { head: Row; rows: Row[] }): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function section(readme: string, name: string): { start: number; end: number } {
  const begin = `<!-- table:${name} -->\n`;
  const start = readme.indexOf(begin) + begin.length;
  // From one before the start, so that a table without a row is not taken to go on up to the end of the next one.
  const end = readme.indexOf('\n<!-- /table -->', start - 1);
  if (start < begin.length || end < 0) throw new Error(`README.md has no section table:${name}`);
  return { start, end };
}

describe('the README', () => {
  it.each(Object.keys(TABLES))('repeats the table of %s as the source has it', (name) => {
    let readme = readFileSync(path, 'utf8');
    const expected = table(TABLES[name]!);
    if (process.env.UPDATE_README === '1') {
      const { start, end } = section(readme, name);
      readme = readme.slice(0, start) + expected + readme.slice(end);
      writeFileSync(path, readme);
    }
    const { start, end } = section(readme, name);
    expect(readme.slice(start, end)).toBe(expected);
  });

  it('would notice a table that says something else', () => {
    const readme = '<!-- table:errors -->\n| code |\n<!-- /table -->';
    const { start, end } = section(readme, 'errors');
    expect(readme.slice(start, end)).not.toBe(table(TABLES.errors!));
    expect(() => section(readme, 'lint')).toThrow('table:lint');
  });

  it('links only to files that exist', () => {
    const readme = readFileSync(path, 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map((match) => match[1]!);
    for (const link of links) expect(() => readFileSync(new URL(link, path))).not.toThrow();
  });

  it('knows every folder of the source, and no file of src/call that is not there', () => {
    const readme = readFileSync(path, 'utf8');
    const tour = readme.slice(
      readme.indexOf('## A tour of the source'),
      readme.indexOf('Three ways through the house'),
    );
    const folders = readdirSync(new URL('src', path), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of folders) expect(tour).toContain(`\`src/${name}/`);
    const row = tour.split('\n').find((line) => line.startsWith('| `src/call/` |')) ?? '';
    const names = [...row.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!);
    expect(names).toContain('session');
    for (const name of names) expect(existsSync(new URL(`src/call/${name}.ts`, path)), name).toBe(true);
  });
});
