import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startListening } from '../../src/measure/relay-process.js';
import type { Report } from '../../src/measure/report-json.js';

const path = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));

function voicebridge(...argv: string[]): Promise<{ out: string; err: string; code: number }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path('bin/voicebridge.js'), ...argv], (error, out, err) => {
      resolve({ out, err, code: error ? Number(error.code) : 0 });
    });
  });
}

describe('bench with real processes', () => {
  it('measures our own relay within its budgets', async () => {
    const { out, code } = await voicebridge(
      ...['bench', 'samples/greeting', 'samples/interrupt', '--runs', '2', '--json'],
      ...['--budget', 'bargein.missed == 0', '--budget', 'bargein.leak_ms max <= 0'],
      ...['--budget', 'truncation.abs_error_ms max <= 10', '--budget', 'truncation.missing == 0'],
      ...['--budget', 'truncation.needless == 0', '--budget', 'truncation.refused == 0'],
      ...['--budget', 'frames.lost == 0', '--budget', 'frames.reordered == 0', '--budget', 'lint.errors == 0'],
      ...['--budget', 'turn.unanswered == 0', '--budget', 'bargein.false == 0'],
    );
    const report = JSON.parse(out) as Report;
    expect(report.budgets.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.metrics['truncation.abs_error_ms']).toMatchObject({ unit: 'ms', n: 2 });
    expect(report.metrics['relay.in_ms']).toBeDefined();
    expect(code).toBe(report.reliable ? 0 : 4);
  });

  it('sees an agent that never falls silent', async () => {
    const agent = await startListening([path('dist/measure/reference-agent-main.js'), 'never-stops']);
    try {
      const { out, code } = await voicebridge(
        ...['bench', path('test/fixtures/interrupt-greeting'), '--url', agent.streamUrl, '--runs', '1', '--json'],
        ...['--budget', 'bargein.missed == 0', '--budget', 'bargein.stop_ms p95 < 300'],
      );
      const report = JSON.parse(out) as Report;
      expect(code).toBe(report.reliable ? 1 : 4);
      // A busy machine measures nothing, and must not say otherwise.
      if (!report.reliable) return;
      expect(report.metrics['bargein.missed']).toEqual({ unit: 'count', count: 1, of: 1 });
      expect(report.budgets.map(({ ok }) => ok)).toEqual([false, false]);
    } finally {
      await agent.close();
    }
  });
});
