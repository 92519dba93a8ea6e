import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { reportSchema, type reportShape } from '../../../src/measure/report/schema.js';
import { formatJson, type Report } from '../../../src/measure/report-json.js';
import { callOf, reportOf } from '../../helpers/reports.js';

const PUBLISHED = fileURLToPath(new URL('../../../schemas/report.schema.json', import.meta.url));
const made = JSON.stringify(reportSchema(), null, 2);
// The formatter of the repository may lay it out as it likes.
if (process.env.UPDATE_SCHEMA) writeFileSync(PUBLISHED, `${made}\n`);

const published = readFileSync(PUBLISHED, 'utf8');
const validate = new Ajv2020({ strict: true, strictRequired: false, formats: { 'date-time': true } }).compile(
  JSON.parse(published),
);

/** Every field at every depth, as a path: a new one of the report must be written into its schema. */
type Fields<A> = A extends readonly (infer Item)[]
  ? Fields<Item>
  : A extends object
    ? { [Name in keyof A & string]: Name | `${Name}.${Fields<NonNullable<A[Name]>>}` }[keyof A & string]
    : never;
type Written = z.infer<typeof reportShape>;
type Missing = Exclude<Fields<Report>, Fields<Written>>;
const nothingMissing: [Missing] extends [never] ? true : Missing = true;
const fits = (report: Report): Written => report;

/** All that a report can have. */
function whole(): Report {
  const files = { directory: 'c', wav: 'c/call.wav', events: 'c/events.jsonl', page: 'c/call.html' };
  const lint = [{ rule: 'json', level: 'error', code: 31951, twilio: '', message: 'not JSON', atMs: 1 } as const];
  const call = callOf({
    files,
    greetingMs: 400,
    turns: [{ step: 0, endMs: 1, playoutMs: -5, ingressMs: 2, answerMs: 3, spreadMs: 1, text: 'hello' }],
    bargeIns: [
      { step: 1, startMs: 1, intoMs: 1, outcome: 'missed', stopMs: Number.POSITIVE_INFINITY, recovered: false },
    ],
    truncations: [{ itemId: 'i', totalMs: 9, playedMs: 4, verdict: 'missing' }],
    kept: {
      samples: { 'bargein.stop_ms': [Number.POSITIVE_INFINITY] },
      counts: { 'bargein.missed': { count: 1, of: 1 } },
    },
    ...{ speech: [{ startMs: 0, endMs: 1, interrupts: true }], answers: [{ startMs: 1, endMs: 2 }], clears: [1.5] },
  });
  const report = reportOf({
    fill: (measures) => {
      measures.add('bargein.stop_ms', 200, Number.POSITIVE_INFINITY);
      measures.count('bargein.missed', 1, 2);
    },
    budgets: ['bargein.stop_ms p50 < 300', 'warn gap_ms max < 60'],
    result: { calls: [call, callOf({ failed: 'gone' }), callOf({ discarded: 'late' })], lint },
  });
  const accuracy = { n: 40, biasMs: -0.1, p95ErrorMs: 1.2, worstErrorMs: 2 };
  const calibration = { at: report.at, calls: 1, ok: true, metrics: { gap_ms: accuracy }, seen: { count: 9, of: 9 } };
  return { ...report, calibration, modelFindings: [{ code: 'x', level: 'error', count: 1, first: 'y', hint: 'z' }] };
}

describe('schemas/report.schema.json', () => {
  it('is made from the one source, which knows every field (npm run schema makes it anew)', () => {
    expect(JSON.parse(published)).toEqual(JSON.parse(made));
    expect([nothingMissing, fits.length]).toEqual([true, 1]);
  });

  it.each([
    ['the smallest', reportOf({ result: { calls: [] } })],
    ['one with everything', whole()],
    ['one that nobody calibrated', { ...whole(), calibration: { missing: 'not calibrated here yet' } }],
  ])('accepts a report: %s', (_, report) => {
    validate(JSON.parse(formatJson(report)));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('accepts a report of a later version with more in it', () => {
    expect(validate({ ...JSON.parse(formatJson(whole())), later: { more: 1 } })).toBe(true);
  });

  it.each<[string, (report: Record<string, unknown>) => unknown]>([
    ['another schema', (report) => ({ ...report, schema: 'voicebridge-report/2' })],
    ['no verdict', ({ verdict: _, ...report }) => report],
    [
      'an exit code that there is not',
      (report) => ({ ...report, verdict: { exitCode: 2, outcome: 'good', reasons: [] } }),
    ],
    ['a metric that there is not', (report) => ({ ...report, metrics: { 'turn.speed': { unit: 'ms', n: 1 } } })],
    ['a metric without its number of samples', (report) => ({ ...report, metrics: { gap_ms: { unit: 'ms' } } })],
    ['a text for a number', (report) => ({ ...report, attempted: '3' })],
  ])('refuses %s', (_, change) => {
    expect(validate(change(JSON.parse(formatJson(whole()))))).toBe(false);
  });
});
