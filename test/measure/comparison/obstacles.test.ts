import { describe, expect, it } from 'vitest';
import { compareChecked } from '../../../src/measure/comparison/compare-checked.js';
import { obstacles } from '../../../src/measure/comparison/obstacles.js';
import type { Report } from '../../../src/measure/report-json.js';
import { simulatedReport } from '../../helpers/simulated-reports.js';

const report = (more: Partial<Report> = {}): Report => simulatedReport(10, 1, {}, more);
const host = report().host;
const { metrics } = report();

describe('what keeps two reports from being compared', () => {
  it('is nothing when they were measured alike, at whatever address and in however many runs', () => {
    const other = { endpoint: { url: 'ws://elsewhere/', kind: 'foreign' as const }, runs: 99, attempted: 99 };
    expect(obstacles(report(), report(other))).toEqual([]);
  });

  it('is not a patch of Node', () => {
    expect(obstacles(report(), report({ host: { ...host, node: 'v20.20.2' } }))).toEqual([]);
  });

  it.each<[Partial<Report>, string]>([
    [{ scenarios: ['greeting'] }, 'they made other calls: greeting, interrupt and greeting'],
    [{ host: { ...host, cpu: 'Another' } }, 'they were measured on other processors: 4 × A processor and 4 × Another'],
    [{ host: { ...host, cpus: 8 } }, 'they were measured on other processors: 4 × A processor and 8 × A processor'],
    [{ host: { ...host, node: 'v24.1.0' } }, 'they were measured with other versions of Node: v20 and v24'],
    [
      { network: { toServerMs: 40, toPhoneMs: 40, jitterMs: 5 } },
      'the line was another (delay to the server, to the phone, jitter): 0,0,0 and 40,40,5',
    ],
    [{ seed: 2 }, 'they were drawn from other seeds: 1 and 2'],
    [{ concurrency: 50 }, 'they made another number of calls at the same time: 1 and 50'],
    [{ rampMs: 10_000 }, 'the calls came in within another time (--ramp, ms): none and 10000'],
    [{ endpoint: { url: 'ws://x/', kind: 'own' } }, 'what was measured is of another kind: foreign and own'],
    [{ model: { provider: 'xai', audio: 'pcm' } }, 'the model behind it was another: none and xai pcm'],
    [
      { metrics: { ...metrics, greeting_ms: { ...metrics.greeting_ms!, version: 2 } } },
      'greeting_ms is measured otherwise since: version 1 and 2',
    ],
    [{ reliable: false }, 'the second report is not reliable: the machine that measured was too busy'],
    [{ calls: [{ scenario: 'greeting', run: 1, seed: 1 }] }, 'the second report keeps no samples of its calls'],
  ])('is %j', (more, sentence) => {
    expect(obstacles(report(), report(more))).toEqual([sentence]);
  });

  it('refuses the comparison, and is told with it when it was forced', () => {
    const [before, after] = [
      { name: 'a.json', report: report() },
      { name: 'b.json', report: report({ seed: 2 }) },
    ];
    expect(() => compareChecked(before, after, { force: false })).toThrow(
      'a.json and b.json cannot be compared: they were drawn from other seeds: 1 and 2',
    );
    expect(compareChecked(before, after, { force: true }).forced).toEqual([
      'they were drawn from other seeds: 1 and 2',
    ]);
  });
});
