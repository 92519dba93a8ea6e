import { availableParallelism } from 'node:os';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { Budget } from '../budget.js';
import { type BenchRequest, bench } from '../library.js';
import type { Report } from '../report-json.js';
import { findLimit, type Limit, type LoadStep } from './find-limit.js';
import { threadsFor } from './threads.js';

/** The numbers of a step that its line shows; the whole report is thrown away with the next. */
export interface StepFacts {
  readonly answerP50Ms?: number;
  readonly answerP95Ms?: number;
  readonly pacingP99Ms?: number;
  readonly cpuMsPerCallSecond?: number;
  readonly rssKbPerCall?: number;
  readonly discarded: number;
}

export interface LimitRequest extends Omit<BenchRequest, 'calls' | 'runs' | 'sweep' | 'budgets'> {
  readonly budgets?: readonly (string | Budget)[];
  /** No more calls than these are tried. */
  readonly most: number;
  readonly onStep?: (step: LoadStep<StepFacts>) => void;
}

/** What a call centre would still call working, when no budget says otherwise. */
export const LIMIT_BUDGETS = ['turn.unanswered == 0', 'turn.playout_ms p95 < 3500'];
const FIRST_CALLS = 10;
/** So many calls come in per second when no ramp is given; but all are there within … */
const CALLS_PER_SECOND = 20;
/** … this, so that the first have not hung up before the last one dials. */
const MOST_RAMP_MS = 10_000;

/** How many calls at the same time the server carries within its budgets, as far as this machine can make them. */
export function findCallLimit({ most, onStep, budgets = [], ...request }: LimitRequest): Promise<Limit<StepFacts>> {
  const held = budgets.length > 0 ? budgets : LIMIT_BUDGETS;
  let tried = 0;
  const step = async (calls: number): Promise<LoadStep<StepFacts>> => {
    const made = await bench({
      rampMs: Math.min(MOST_RAMP_MS, (calls * 1000) / CALLS_PER_SECOND),
      ...request,
      ...{ calls, runs: 1, sweep: false, budgets: held },
      threads: request.threads ?? Math.max(1, threadsFor(calls, availableParallelism())),
    }).then(
      (report) => judgeStep(calls, report),
      (error: unknown) => {
        // Where not even the first call came about, nobody is there; later, that is the limit.
        if (tried === 0 || !(error instanceof VoicebridgeError)) throw error;
        return { calls, outcome: 'broke' as const, why: error.message };
      },
    );
    tried++;
    onStep?.(made);
    return made;
  };
  return findLimit({ first: FIRST_CALLS, most, step });
}

/** A machine that was late has proved nothing, whatever it measured. */
export function judgeStep(calls: number, report: Report): LoadStep<StepFacts> {
  const facts = factsOf(report);
  const pacing = facts.pacingP99Ms ?? 0;
  const { maxPacingMs } = DEFAULTS.bench;
  if (!report.reliable || pacing > maxPacingMs) {
    const late = `this machine sent 1 % of the frames more than ${pacing.toFixed(1)} ms late`;
    const why = facts.discarded > 0 ? `this machine spoilt ${facts.discarded} of ${report.attempted} calls` : late;
    return { calls, outcome: 'tired', why, facts };
  }
  const { outcome, reasons } = report.verdict;
  if (outcome === 'good') return { calls, outcome: 'carried', facts };
  return { calls, outcome: 'broke', why: reasons[0] ?? outcome, facts };
}

function factsOf({ metrics, discarded }: Report): StepFacts {
  const of = (name: 'turn.playout_ms' | 'host.pacing_ms', statistic: 'p50' | 'p95' | 'p99') => {
    const metric = metrics[name];
    return metric && metric.unit !== 'count' ? metric[statistic] : undefined;
  };
  const mean = (name: 'endpoint.cpu_ms_per_call_s' | 'endpoint.rss_kb_per_call') => {
    const metric = metrics[name];
    return metric && metric.unit !== 'count' ? metric.mean : undefined;
  };
  const facts = {
    answerP50Ms: of('turn.playout_ms', 'p50'),
    answerP95Ms: of('turn.playout_ms', 'p95'),
    pacingP99Ms: of('host.pacing_ms', 'p99'),
    cpuMsPerCallSecond: mean('endpoint.cpu_ms_per_call_s'),
    rssKbPerCall: mean('endpoint.rss_kb_per_call'),
  };
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { ...known, discarded: discarded.reduce((sum, { count }) => sum + count, 0) };
}
