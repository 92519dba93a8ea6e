import type { BenchResult, Network } from './bench.js';
import { type Budget, checkBudget } from './budget.js';
import type { LastCalibration } from './calibration/last.js';
import { merged } from './discrimination.js';
import { adviseOn } from './report/advice.js';
import { keptSamples } from './report/samples.js';
import { verdictOf } from './report/verdict.js';
import { hostReport, lintReport, metricsReport, type Report } from './report-json.js';

export interface ReportSettings {
  readonly version: string;
  /** When the bench began, as ISO 8601 says it. */
  readonly at: string;
  /** Of what the callers did and said. */
  readonly stimulusSha256?: string;
  readonly seed: number;
  readonly runs: number;
  /** Calls at the same time. */
  readonly calls: number;
  /** Within which they came in. */
  readonly rampMs?: number;
  readonly network?: Network;
  readonly calibration?: LastCalibration;
}

const NO_NETWORK: Network = { toServerMs: 0, toPhoneMs: 0, jitterMs: 0 };

/** Puts what was measured, what was asked of it and what that is worth into one document. */
export function buildReport(result: BenchResult, budgets: readonly Budget[], settings: ReportSettings): Report {
  const measured = {
    schema: 'voicebridge-report/1',
    tool: { name: 'voicebridge', version: settings.version },
    at: settings.at,
    host: hostReport(),
    endpoint: result.endpoint,
    ...(result.model && { model: result.model }),
    scenarios: result.scenarios,
    ...(settings.stimulusSha256 !== undefined && { stimulusSha256: settings.stimulusSha256 }),
    runs: settings.runs,
    concurrency: settings.calls,
    ...(settings.rampMs !== undefined && { rampMs: settings.rampMs }),
    seed: settings.seed,
    network: settings.network ?? NO_NETWORK,
    attempted: result.attempted,
    discarded: result.discarded,
    reliable: result.reliable,
    metrics: metricsReport(result.measures),
    samples: keptSamples(result.measures),
    budgets: budgets.filter(({ level }) => level !== 'off').map((budget) => checkBudget(budget, result.measures)),
    lint: lintReport(result.lint),
    ...discriminationIn(result),
    ...(result.modelFindings && { modelFindings: result.modelFindings }),
    calls: result.calls,
  } as const;
  const { calls, ...rest } = measured;
  // The calls come last: they are what one scrolls past.
  const { calibration } = settings;
  return {
    ...rest,
    verdict: verdictOf(measured, budgets),
    ...(calibration && { calibration }),
    advice: adviseOn(measured),
    calls,
  };
}

/** Of the calls that count. */
function discriminationIn({ calls }: BenchResult): Pick<Report, 'discrimination'> {
  const all = calls.flatMap(({ discarded, discrimination = [] }) => (discarded === undefined ? discrimination : []));
  return all.length > 0 ? { discrimination: merged(all) } : {};
}
