import { describe, expect, it } from 'vitest';
import { formatHtml } from '../../../src/measure/report/html.js';
import { htmlData } from '../../../src/measure/report/html-data.js';
import { callOf, reportOf } from '../../helpers/reports.js';

const HOSTILE = `</script><script>document.title = 'hacked'</script>`;

describe('what the page of a report is given', () => {
  it('links to the pages of calls from where it lies itself', () => {
    const files = { directory: '/w/calls/sweep-10-1', wav: '', events: '' };
    const kept = callOf({ files: { ...files, page: '/w/calls/a b#1/call.html' } });
    const report = reportOf({ result: { calls: [kept, callOf({ files })] } });
    const pages = (path: string) => htmlData(report, path).calls.map(({ page }) => page);
    expect(pages('/w/report.html')).toEqual(['calls/a%20b%231/call.html', undefined]);
    expect(pages('/w/reports/today/report.html')[0]).toBe('../../calls/a%20b%231/call.html');
  });

  it('judges no budget of an unreliable measurement', () => {
    const facts = {
      fill: (measures: { add(name: 'gap_ms', value: number): void }) => measures.add('gap_ms', 70),
      budgets: ['gap_ms max < 60', 'warn gap_ms max < 65', 'gap_ms max < 100', 'greeting_ms max < 1'],
    };
    const kinds = (reliable: boolean) =>
      htmlData(reportOf({ ...facts, result: { reliable } }), '/r.html').budgets.map(({ kind }) => kind);
    expect(kinds(true)).toEqual(['exceeded', 'warned', 'kept', 'open']);
    expect(kinds(false)).toEqual(['open', 'open', 'open', 'open']);
  });

  it('has the limits of budgets where they belong in a distribution', () => {
    const report = reportOf({
      fill: (measures) => measures.add('turn.playout_ms', 700, 900),
      budgets: ['turn.playout_ms p50 <= 800ms', 'turn.playout_ms max < 1.5s', 'turn.playout_ms n >= 2'],
    });
    expect(htmlData(report, '/r.html').distributions).toMatchObject([
      { name: 'turn.playout_ms', limits: [800, 1500], p50: 700, bins: { counts: expect.any(Array) } },
    ]);
  });

  it('tells of a call who spoke when, and of one that left nothing why', () => {
    const call = callOf({
      speech: [{ startMs: 900.4, endMs: 2_000, interrupts: false }],
      answers: [{ startMs: 2_800, endMs: 5_000 }],
      turns: [
        { step: 1, endMs: 2_000, playoutMs: 800 },
        { step: 2, endMs: 6_000 },
      ],
      bargeIns: [
        { step: 2, startMs: 4_000, intoMs: 9, outcome: 'missed', stopMs: Number.POSITIVE_INFINITY, recovered: false },
      ],
      clears: [4_100.2],
    });
    const report = reportOf({ result: { calls: [call, callOf({ failed: 'gone' })] } });
    expect(htmlData(report, '/r.html').calls).toEqual([
      {
        ...{ scenario: 'greeting', name: 'run 1', durationMs: 10_000, clears: [4_100] },
        ...{ speech: [[900, 2_000, false]], answers: [[2_800, 5_000]] },
        turns: [[2_000, 800], [6_000]],
        interruptions: [[4_000, 'missed']],
      },
      expect.objectContaining({ trouble: 'gone' }),
    ]);
  });
});

describe('the page of a report', () => {
  it('is one file with nothing in it that it may run but its own two scripts', async () => {
    const calls = [callOf({ scenario: HOSTILE, failed: HOSTILE })];
    const html = String(await formatHtml(reportOf({ result: { calls, scenarios: [HOSTILE] } }), '/r.html'));
    expect(html.match(/<script[ >]/g)).toHaveLength(3);
    expect(html).toMatch(/default-src 'none'; script-src 'sha256-\S+' 'sha256-\S+'; style-src 'sha256-\S+'; base-uri/);
    expect(html).not.toContain('{{');
    expect(html.match(/https?:\/\/[^\s"'<>]+/g)?.filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual([
      'https://github.com/leeoniya/uPlot',
      'https://github.com/leeoniya/uPlot',
    ]);
  });
});
