import type { BenchResult, Network } from './bench.js';
import { type Budget, checkBudget } from './budget.js';
import { keptSamples } from './report/samples.js';
import { hostReport, lintReport, metricsReport, type Report } from './report-json.js';

const NO_NETWORK: Network = { toServerMs: 0, toPhoneMs: 0, jitterMs: 0 };

/** Puts what was measured and what was asked of it into one document. */
export function buildReport(
  result: BenchResult,
  budgets: readonly Budget[],
  settings: { readonly version: string; readonly seed: number; readonly network?: Network },
): Report {
  return {
    schema: 'voicebridge-report/1',
    tool: { name: 'voicebridge', version: settings.version },
    host: hostReport(),
    endpoint: result.endpoint,
    ...(result.model && { model: result.model }),
    scenarios: result.scenarios,
    seed: settings.seed,
    network: settings.network ?? NO_NETWORK,
    attempted: result.attempted,
    discarded: result.discarded,
    reliable: result.reliable,
    metrics: metricsReport(result.measures),
    samples: keptSamples(result.measures),
    budgets: budgets.filter(({ level }) => level !== 'off').map((budget) => checkBudget(budget, result.measures)),
    lint: lintReport(result.lint),
    ...(result.modelFindings && { modelFindings: result.modelFindings }),
    calls: result.calls,
  };
}
