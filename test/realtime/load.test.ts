import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/measure/comparison/comparison.js';
import type { Limit } from '../../src/measure/load/find-limit.js';
import type { StepFacts } from '../../src/measure/load/limit.js';
import type { Report } from '../../src/measure/report-json.js';

const path = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const CALL = path('test/fixtures/interrupt-greeting');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'load-'));
});
afterAll(() => rm(folder, { recursive: true }));

function bench(...argv: string[]): Promise<{ out: string; err: string; code: number }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path('bin/voicebridge.js'), 'bench', ...argv], { cwd: folder }, (error, out, err) => {
      resolve({ out, err, code: error ? Number(error.code) : 0 });
    });
  });
}

describe('a load of calls from threads of their own', () => {
  it('measures both ends of every call, and what the calls cost the relay', async () => {
    const { out } = await bench(CALL, '--calls', '8', '--threads', '2', '--ramp', '400ms', '--runs', '1', '--json');
    const report = JSON.parse(out) as Report;
    const measured = report.calls.filter(({ failed }) => failed === undefined);
    expect(report.concurrency).toBe(8);
    expect(report.rampMs).toBe(400);
    expect(measured.length).toBeGreaterThanOrEqual(8);
    // Of the model's end, found in its trace by a thread that never saw the model.
    expect(measured.every(({ truncations }) => truncations !== undefined && truncations.length > 0)).toBe(true);
    if (measured.some(({ discarded }) => discarded === undefined)) {
      expect(report.metrics['endpoint.cpu_ms_per_call_s']).toMatchObject({ unit: 'ms', min: expect.any(Number) });
      expect(report.metrics['relay.in_ms']).toBeDefined();
    }
  });

  it('finds the limit, or says that this machine cannot', async () => {
    const { out, code } = await bench(CALL, '--find-limit', '--calls', '2', '--json');
    const limit = JSON.parse(out) as Limit<StepFacts> & { schema: string };
    expect(limit.schema).toBe('voicebridge-limit/1');
    expect(limit.steps[0]?.calls).toBe(2);
    expect([0, 4]).toContain(code);
    if (code === 0) expect(limit.carried).toBeGreaterThan(0);
  });
});

describe('a baseline', () => {
  it('is held against the next run, which is then also compared from its file', async () => {
    const make = (name: string, ...more: string[]) =>
      bench(CALL, '--calls', '8', '--runs', '1', '--json', name, ...more);
    await make('before.json');
    const { out } = await make('after.json', '--baseline', 'before.json', '--force');
    expect(out).toContain('before: before.json');
    const compared = await bench('compare', 'before.json', 'after.json', '--force', '--json');
    const { schema, outcome } = JSON.parse(compared.out) as Comparison;
    expect(schema).toBe('voicebridge-comparison/1');
    expect(compared.code).toBe({ same: 0, better: 0, worse: 1, 'cannot-tell': 4 }[outcome]);
  });
});
