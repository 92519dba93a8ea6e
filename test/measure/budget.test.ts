import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VoicebridgeError } from '../../src/errors.js';
import { checkBudget, parseBudget, readBudgets } from '../../src/measure/budget.js';
import { Measures } from '../../src/measure/metrics.js';
import { BUDGET_PRESETS } from '../../src/measure/report/presets.js';
import { reportOf } from '../helpers/reports.js';

function measured(...stops: number[]): Measures {
  const measures = new Measures();
  measures.add('bargein.stop_ms', ...stops);
  measures.count('bargein.missed', 1, 4);
  return measures;
}

const many = (value: number, n = 40): number[] => new Array(n).fill(value);
const check = (text: string, measures: Measures) => checkBudget(parseBudget(text), measures);

describe('a budget line', () => {
  it('reads metric, statistic, comparison and limit', () => {
    expect(parseBudget('bargein.stop_ms p95 < 300')).toEqual({
      expr: 'bargein.stop_ms p95 < 300',
      level: 'error',
      metric: 'bargein.stop_ms',
      statistic: 'p95',
      operator: '<',
      limit: 300,
    });
    expect(parseBudget('lint.errors == 0')).toMatchObject({ statistic: 'count', operator: '==', limit: 0 });
    expect(parseBudget(' warn turn.playout_ms p50<=1.2s')).toMatchObject({
      level: 'warn',
      expr: 'turn.playout_ms p50<=1.2s',
      limit: 1200,
    });
    expect(parseBudget('truncation.error_ms min >= -3.5ms')).toMatchObject({ limit: -3.5 });
    expect(parseBudget('bargein.missed share < 5%')).toMatchObject({ statistic: 'share', limit: 0.05 });
  });

  it.each([
    ['bargein.stop_ms p95', 'it has another shape'],
    ['', 'it has another shape'],
    ['bargein.stop p95 < 3', 'there is no metric bargein.stop; near it are bargein.stop_ms'],
    ['bargein.stop_ms p97 < 3', 'p97 is none of min, p50, p90, p95, p99, max, mean, n'],
    ['bargein.stop_ms < 300', 'say which: bargein.stop_ms p95, or p50, max, …'],
    ['bargein.missed < 5%', '5% is a share, and bargein.missed count is none'],
    ['bargein.stop_ms share < 5%', 'share is none of min'],
    ['lint.errors p95 == 0', 'lint.errors is a count and has no p95'],
    ['bargein.stop_ms p95 < soon', 'soon is not a number'],
    ['bargein.stop_ms p95 < 0x10', '0x10 is not a number'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseBudget(text)).toThrowError(VoicebridgeError);
    expect(() => parseBudget(text)).toThrowError(reason);
  });

  it('meets any text with a budget or with budget-invalid', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseBudget(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'budget-invalid', exit: 2 });
        }
      }),
    );
  });
});

describe('a budget held against what was measured', () => {
  it('is kept or exceeded', () => {
    expect(check('bargein.stop_ms p95 < 300', measured(...many(299)))).toMatchObject({ ok: true, actual: 299 });
    expect(check('bargein.stop_ms p95 < 300', measured(...many(300)))).toMatchObject({ ok: false, actual: 300 });
    expect(check('bargein.missed == 0', measured(1))).toMatchObject({ ok: false, actual: 1 });
    expect(check('bargein.missed <= 1', measured(1))).toMatchObject({ ok: true });
    expect(check('bargein.missed share <= 25%', measured(1))).toMatchObject({ ok: true, actual: 0.25 });
    expect(check('bargein.missed share < 25%', measured(1))).toMatchObject({ ok: false });
  });

  it('holds every sample against the limit when they are too few for the percentile', () => {
    expect(check('bargein.stop_ms p95 < 300', measured(100, 200))).toEqual({
      expr: 'bargein.stop_ms p95 < 300',
      level: 'error',
      actual: 200,
      ok: true,
      note: '2 samples are too few for p95 (it needs 20): held against the largest',
    });
    expect(check('bargein.stop_ms p95 < 300', measured(100, 400)).ok).toBe(false);
    expect(check('bargein.stop_ms p95 > 100', measured(100, 400)).ok).toBe(false);
    expect(check('bargein.stop_ms p95 == 100', measured(100, 400))).toMatchObject({ unknown: true });
  });

  it('lets no agent pass that never stopped', () => {
    const never = Number.POSITIVE_INFINITY;
    const result = check('bargein.stop_ms p95 < 300', measured(...many(100, 30), ...many(never, 3)));
    expect(result).toMatchObject({ ok: false, note: '3 of 33 were longer than could be seen' });
    expect(result).not.toHaveProperty('actual');
    expect(result).not.toHaveProperty('unknown');
    expect(check('bargein.stop_ms p50 < 300', measured(...many(100, 30), never)).ok).toBe(true);
    expect(check('bargein.stop_ms p95 < 300', measured(100, never)).ok).toBe(false);
    expect(check('bargein.stop_ms max < 300', measured(100, never)).ok).toBe(false);
  });

  it('is unknown, neither kept nor exceeded, when nothing was measured', () => {
    expect(check('turn.playout_ms p50 < 300', measured(1))).toMatchObject({ ok: false, unknown: true });
    expect(check('truncation.missing == 0', measured(1))).toMatchObject({ ok: false, unknown: true });
    expect(check('turn.playout_ms n >= 1', measured(1))).toMatchObject({ ok: false, actual: 0 });
  });
});

describe('a file of budgets', () => {
  it('is lines, or a YAML list', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'budget-'));
    try {
      const lines = join(folder, 'budget.txt');
      await writeFile(lines, '# what we promise\nbargein.stop_ms p95 < 300\n\nwarn lint.warnings == 0 # soon\n');
      expect((await readBudgets(lines)).map(({ expr, level }) => [level, expr])).toEqual([
        ['error', 'bargein.stop_ms p95 < 300'],
        ['warn', 'lint.warnings == 0'],
      ]);
      const yaml = join(folder, 'budget.yaml');
      await writeFile(yaml, 'budgets:\n  - turn.playout_ms p50 <= 800\n  - "off lint.errors == 0"\n');
      expect((await readBudgets(yaml)).map(({ level }) => level)).toEqual(['error', 'off']);
      await writeFile(yaml, 'budgets: 3\n');
      await expect(readBudgets(yaml)).rejects.toMatchObject({ code: 'budget-invalid' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('may be the expression itself, and is missed when it is neither', async () => {
    expect(await readBudgets('lint.errors == 0')).toHaveLength(1);
    await expect(readBudgets('no-such-budget.txt')).rejects.toMatchObject({ code: 'file-missing', exit: 2 });
  });
});

describe('a preset of budgets', () => {
  it('is what the sample file says, too', async () => {
    const preset = await readBudgets('good');
    const lines = preset.map(({ level, expr }) => [level, expr]);
    const sample = await readBudgets(fileURLToPath(new URL('../../samples/budget.yaml', import.meta.url)));
    expect(sample.map(({ level, expr }) => [level, expr])).toEqual(lines);
    expect(lines[0]).toEqual(['warn', 'turn.playout_ms p50 <= 1200']);
    expect(preset.every(({ preset }) => preset)).toBe(true);
  });

  it('warns of what was not measured, where a line of one’s own leaves the verdict open', async () => {
    const [, slow] = await readBudgets('good');
    expect(checkBudget(slow!, new Measures())).toMatchObject({ level: 'warn', unknown: true });
    expect(check('turn.playout_ms p50 <= 1500', new Measures())).toMatchObject({ level: 'error', unknown: true });
  });

  it.each(Object.keys(BUDGET_PRESETS))('can be read: %s', async (name) => {
    expect((await readBudgets(name)).length).toBeGreaterThan(5);
  });
});

describe('a budget held against a report', () => {
  it('says what it says of the measures that the report was made of', () => {
    const fill = (measures: Measures) => {
      measures.add('bargein.stop_ms', ...many(100, 30), Number.POSITIVE_INFINITY);
      measures.count('bargein.missed', 1, 4);
    };
    const measures = new Measures();
    fill(measures);
    const report = reportOf({ fill });
    for (const line of [
      'stop_ms p50 < 300',
      'stop_ms max < 300',
      'stop_ms n >= 31',
      'missed share < 5%',
      'leak_ms p50 < 1',
    ]) {
      expect(checkBudget(parseBudget(`bargein.${line}`), report)).toEqual(check(`bargein.${line}`, measures));
    }
  });
});
