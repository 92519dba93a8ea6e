import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJunit } from '../../../src/measure/report/junit.js';
import type { Report } from '../../../src/measure/report-json.js';
import { junitMistakes, parseXml, type Xml } from '../../helpers/junit.js';
import { callOf, type ReportFacts, reportOf } from '../../helpers/reports.js';

const slow: ReportFacts = {
  fill: (measures) => {
    measures.add('turn.playout_ms', 700, 900);
    measures.count('bargein.missed', 1, 2);
  },
  budgets: [
    'turn.playout_ms p50 <= 800',
    'bargein.missed == 0',
    'warn turn.playout_ms max < 800',
    'gap_ms max < 60',
    'off lint.errors == 0',
  ],
};

function casesOf(report: Report): Xml[] {
  const xml = parseXml(formatJunit(report));
  expect(junitMistakes(xml)).toEqual([]);
  return xml.children[0]!.children.filter(({ tag }) => tag === 'testcase');
}

/** `name: passed`, or how it did not and the sentences. */
function told(cases: readonly Xml[]): string[] {
  return cases.map(({ attributes, children }) => {
    const [inside] = children;
    const words = inside?.tag === 'skipped' ? inside.attributes.message : inside?.text;
    return `${attributes.name}: ${inside ? `${inside.tag} ${words}` : 'passed'}`;
  });
}

describe('the report in JUnit’s XML', () => {
  it('has a case for each budget and each scenario, the measurement and the carrier', () => {
    expect(told(casesOf(reportOf(slow)))).toEqual([
      'the measurement is reliable: passed',
      'turn.playout_ms p50 <= 800: system-out turn.playout_ms p50 <= 800, measured 700',
      'bargein.missed == 0: failure bargein.missed == 0, measured 1',
      'turn.playout_ms max < 800: system-out warning: turn.playout_ms max < 800, measured 900',
      'gap_ms max < 60: skipped gap_ms was not measured',
      'the carrier finds no error in what it was sent: passed',
      'greeting: passed',
    ]);
  });

  it('is exactly this for the smallest report', () => {
    expect(
      formatJunit(reportOf({ result: { calls: [callOf()] } })).replace(/machine" value="[^"]*"/, 'machine" value="…"'),
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="voicebridge" tests="3" failures="0" errors="0" time="10.000">
  <testsuite name="voicebridge bench" tests="3" failures="0" errors="0" skipped="0" time="10.000" timestamp="2026-03-01T12:00:00">
    <properties>
      <property name="voicebridge" value="1.2.3"/>
      <property name="endpoint" value="ws://127.0.0.1:8080/media-stream"/>
      <property name="machine" value="…"/>
      <property name="seed" value="7"/>
      <property name="calls" value="1"/>
    </properties>
    <testcase classname="voicebridge.measurement" name="the measurement is reliable"/>
    <testcase classname="voicebridge.carrier" name="the carrier finds no error in what it was sent"/>
    <testcase classname="voicebridge.scenario" name="greeting" time="10.000"/>
  </testsuite>
</testsuites>
`);
  });

  it('skips what an unreliable machine measured, and makes an error of the measurement', () => {
    const discarded = [{ reason: 'pacing', count: 3 }];
    const calls = [1, 2, 3].map((run) => callOf({ run, discarded: 'frames were late' }));
    const cases = casesOf(reportOf({ ...slow, result: { reliable: false, discarded, calls } }));
    expect(told(cases)).toEqual([
      'the measurement is reliable: error 3 of 3 calls were spoilt by the measuring machine (pacing)\n3 discarded: pacing',
      ...['turn.playout_ms p50 <= 800', 'bargein.missed == 0', 'turn.playout_ms max < 800', 'gap_ms max < 60'].map(
        (name) => `${name}: skipped not judged: 3 of 3 calls were spoilt by the measuring machine (pacing)`,
      ),
      'the carrier finds no error in what it was sent: passed',
      'greeting: skipped run 1: frames were late; run 2: frames were late; run 3: frames were late',
    ]);
  });

  it('fails a scenario whose calls broke', () => {
    const calls = [callOf(), callOf({ run: 2, failed: 'the server hung up' })];
    expect(told(casesOf(reportOf({ result: { calls } }))).at(-1)).toBe('greeting: failure run 2: the server hung up');
  });

  it.each([
    [[], 'failure json × 1: not JSON'],
    [['lint.errors <= 5'], 'system-out json × 1: not JSON'],
  ])('fails what the carrier objects to, unless a budget says what it is worth: %j', (budgets, words) => {
    const lint = [{ rule: 'json', level: 'error', twilio: '', message: 'not JSON', atMs: 1 } as const];
    const fill: ReportFacts['fill'] = (measures) => measures.count('lint.errors', 1, 1);
    const found = casesOf(reportOf({ fill, budgets, result: { lint } })).find(
      ({ attributes }) => attributes.classname === 'voicebridge.carrier',
    );
    expect(told([found!])[0]).toContain(words);
  });

  it('has a case for the model where that was the bench’s own, and fails it for what the model refused', () => {
    const first = 'Cancellation failed: no active response found';
    const refused = [{ code: 'response_cancel_not_active', level: 'error', count: 2, first } as const];
    const named = (modelFindings: readonly (typeof refused)[number][]) =>
      told(casesOf(reportOf({ result: { modelFindings } }))).find((each) => each.startsWith('the model refuses'));
    expect(named([])).toBe('the model refuses nothing that it was sent: passed');
    expect(named(refused)).toBe(
      `the model refuses nothing that it was sent: failure model: response_cancel_not_active × 2: ${first}`,
    );
  });

  it('stays well-formed and true to its words, whatever a server has sent', () => {
    assert(
      property(string({ unit: 'binary' }), (words) => {
        const cases = casesOf(reportOf({ result: { calls: [callOf({ failed: words })], scenarios: ['greeting'] } }));
        const text = cases.at(-1)!.children[0]!.text;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the very characters that XML forbids
        const writable = words.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
        expect(text).toBe(`run 1: ${writable}`);
      }),
    );
  });

  it('is held against rules that see a wrong report', () => {
    const wrong = '<testsuite name="x" tests="2" failures="0"><testcase name="a"><boom/></testcase></testsuite>';
    expect(junitMistakes(parseXml(wrong))).toEqual([
      '<testcase> has no classname',
      '<testcase> holds a <boom>',
      '<boom> is not an element of JUnit’s XML'.replace('’', "'"),
      'tests says 2 and there are 1',
      'errors says undefined and there are 0',
      'skipped says undefined and there are 0',
    ]);
    expect(() => parseXml('<testsuite name="x"><testcase></testsuite>')).toThrow('unexpected close tag');
    expect(() => parseXml('<a b="1 < 2"/>')).toThrow();
  });
});
