import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULTS } from '../options.js';
import { packagedSample } from '../samples.js';
import { readVersion } from '../version.js';
import { type BenchCall, type BenchOptions, runBench } from './bench.js';
import { type Budget, readBudgets } from './budget.js';
import { calibrationFile, lastCalibration } from './calibration/last.js';
import { CallPages } from './report/call-pages.js';
import { stimulusSha256 } from './report/stimulus.js';
import { buildReport } from './report.js';
import type { Report } from './report-json.js';
import { loadScenario, packagedScenarios, type Scenario } from './scenario.js';

export interface BenchRequest extends Partial<Omit<BenchOptions, 'scenarios'>> {
  /**
   * Folders with a call.yaml, call.yaml files or WAVs (`samples/…` falls back to those of the package), or what
   * `loadScenario` gave. Left out: the packaged ones, or none with `sweep`.
   */
  readonly scenarios?: readonly (string | Scenario)[];
  /** Lines such as `bargein.stop_ms p95 < 300`, files of them, or what `parseBudget` gave. */
  readonly budgets?: readonly (string | Budget)[];
}

/**
 * What `voicebridge bench` does, as a function: makes the calls, measures them, holds the budgets against them. The
 * report's `verdict` says what it is worth, `formatReport` writes it as JSON. Without `url` it measures this package's own
 * relay, in a process of its own. Rejects with a VoicebridgeError when a budget or a scenario cannot be understood or
 * not a single call came about, and with the signal's reason when it is aborted.
 */
export async function bench(request: BenchRequest = {}): Promise<Report> {
  const { scenarios: wanted, budgets: lines = [], ...rest } = request;
  const budgets = (
    await Promise.all(lines.map((line) => (typeof line === 'string' ? readBudgets(line) : line)))
  ).flat();
  const { calls = DEFAULTS.bench.calls, seed = DEFAULTS.phone.seed, sweep = false } = rest;
  const { runs = wanted || sweep ? DEFAULTS.bench.runs : DEFAULTS.bench.suiteRuns } = rest;
  const scenarios = wanted
    ? await Promise.all(wanted.map((each) => (typeof each === 'string' ? loadScenario(findCall(each)) : each)))
    : sweep
      ? []
      : await packagedScenarios();
  const at = new Date().toISOString();
  const version = readVersion();
  const pages = rest.outDir === undefined ? undefined : new CallPages(version);
  const onCall = async (call: BenchCall): Promise<void> => {
    await pages?.leave(call);
    await rest.onCall?.(call);
  };
  const result = await runBench({ ...rest, scenarios, runs, calls, seed, sweep, onCall });
  return buildReport({ ...result, calls: pages?.named(result.calls) ?? result.calls }, budgets, {
    stimulusSha256: stimulusSha256(scenarios, sweep),
    ...{ version, at, runs, calls, seed, calibration: await lastCalibration(version, calibrationFile()) },
    ...(rest.rampMs !== undefined && { rampMs: rest.rampMs }),
    ...(rest.network && { network: rest.network }),
  });
}

function findCall(path: string): string {
  return existsSync(path) ? resolve(path) : (packagedSample(path) ?? path);
}
