import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import { dial } from '../simulator/phone/call.js';
import type { CallRecord } from '../simulator/phone/events.js';
import type { LintFinding } from '../simulator/phone/lint.js';
import type { CallMeasures } from './analyse.js';
import { keptOfCall } from './comparison/kept-per-call.js';
import { discriminationsOfRoom } from './discrimination.js';
import { FarEnd, type ModelManners, type TakenTrace } from './far-end.js';
import { type HostFacts, judgeHost, LoopWatch } from './host.js';
import type { Generator } from './load/generator.js';
import { usageOf } from './load/process-usage.js';
import { UsageWatch } from './load/usage-watch.js';
import { type MeasuredCall, measureCall } from './measured-call.js';
import { Measures } from './metrics.js';
import { countFindings, type ModelFinding, mergeFindings, modelFindings } from './model-findings.js';
import type { ModelManner } from './relay-process.js';
import type { CallReport, Report } from './report-json.js';
import type { SandwichOptions } from './sandwich/surroundings.js';
import { type AnswerLengths, type Scenario, sweepLearner, sweepScenarios } from './scenario.js';
import { matchSessions } from './sessions.js';
import { findUtterances } from './utterances.js';

export interface Network {
  readonly toServerMs: number;
  readonly toPhoneMs: number;
  readonly jitterMs: number;
}

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  /** Also interrupt an answer at every place of the sweep. */
  readonly sweep: boolean;
  /** Absent: our own relay, in a process of its own, with the simulated model behind it. */
  readonly url?: string;
  /** Instead of `url`: somebody's relay with the simulated model behind it. */
  readonly sandwich?: SandwichOptions;
  readonly runs: number;
  /** Calls at the same time. */
  readonly calls: number;
  /** They come in one after the other within so long. */
  readonly rampMs?: number;
  /** Threads that make the calls, so that neither model nor arithmetic delays a frame; none: this one makes them. */
  readonly threads?: number;
  /** The process that is measured, when it is not one that the bench has started: what it uses per call is measured. */
  readonly pid?: number;
  readonly seed: number;
  readonly network?: Network;
  /** The model behind our own relay: OpenAI's, in µ-law, when left out. */
  readonly model?: Partial<ModelManner>;
  /** Each call gets a folder in it. */
  readonly outDir?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told of every call that left a record, counted or not, before the next one begins. */
  readonly onCall?: (call: BenchCall) => Promise<void> | void;
}

/** One call of a bench, and what all calls until then have measured. */
export interface BenchCall {
  readonly scenario: string;
  readonly run: number;
  readonly url: string;
  readonly record: CallRecord;
  readonly measured: CallMeasures;
  readonly trace?: readonly ModelTraceEvent[];
  /** Why it is not counted. */
  readonly discarded?: string;
  readonly soFar: Measures;
}

export interface Progress {
  readonly scenario: string;
  readonly run: number;
  readonly runs: number;
  /** Runs of all scenarios that are over, and how many there will be. */
  readonly done: number;
  readonly planned: number;
  /** Set when the run is being repeated, because of what happened to the machine. */
  readonly repeatedBecause?: string;
}

export interface BenchResult {
  readonly endpoint: { readonly url: string; readonly kind: Report['endpoint']['kind']; readonly log?: string };
  /** What model our own relay had behind it. */
  readonly model?: ModelManner;
  readonly scenarios: readonly string[];
  readonly measures: Measures;
  readonly calls: readonly CallReport[];
  readonly lint: readonly LintFinding[];
  /** What the relay did wrong towards the model; absent when the model was not ours. */
  readonly modelFindings?: readonly ModelFinding[];
  readonly attempted: number;
  readonly discarded: readonly { readonly reason: string; readonly count: number }[];
  /** Calls that broke: the endpoint's doing, unlike the discarded ones. */
  readonly failed: readonly VoicebridgeError[];
  readonly reliable: boolean;
}

/** More discarded calls than this share of all make the whole measurement unreliable. */
const MOST_DISCARDED = 0.2;

/**
 * Makes the calls and measures them. Rejects with a VoicebridgeError when not a single call came about, and with the
 * signal's reason when it is aborted.
 */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const bench = await Bench.open(options, await plannedRuns(options));
  try {
    for (const scenario of options.scenarios) await bench.run(scenario);
    if (options.sweep) {
      const lengths = await bench.learn(await sweepLearner());
      for (const scenario of await sweepScenarios(lengths)) await bench.run(scenario);
    }
    return bench.result();
  } finally {
    await bench.close();
  }
}

/** The calls of a sweep are the same few, wherever in the answer they will interrupt; a stranger's model is not ours to spoil. */
async function plannedRuns({ scenarios, sweep, url, runs }: BenchOptions): Promise<number> {
  const swept = sweep ? await sweepScenarios({ greetingMs: 0, answerMs: 0 }) : [];
  const made = [...scenarios, ...swept].filter(({ model }) => model === undefined || url === undefined);
  return made.length * runs + (sweep ? 1 : 0);
}

const WELL_BEHAVED: ModelManners = {};

/** One call that was made: what it left, or why it left nothing. */
interface Made {
  readonly seed: number;
  readonly record?: CallRecord;
  readonly trace?: readonly ModelTraceEvent[];
  readonly failure?: VoicebridgeError;
  /** From a thread come measures, and what happened to the thread. */
  readonly call?: MeasuredCall;
  readonly host?: HostFacts;
}

class Bench {
  readonly #options: BenchOptions;
  readonly #clock: Clock;
  /** Our own relay with its model, unless a stranger's server is measured. */
  #far: FarEnd | undefined;
  readonly #watch = new LoopWatch();
  readonly #measures = new Measures();
  readonly #calls: CallReport[] = [];
  readonly #lint: LintFinding[] = [];
  #modelFindings: readonly ModelFinding[] = [];
  readonly #scenarios: string[] = [];
  readonly #discarded = new Map<string, number>();
  readonly #failed: VoicebridgeError[] = [];
  readonly #planned: number;
  #done = 0;
  #generator: Generator | undefined;
  #attempted = 0;
  #bare = 0;

  static async open(options: BenchOptions, planned: number): Promise<Bench> {
    const bench = new Bench(options, planned);
    await bench.#reach(WELL_BEHAVED);
    const { threads = 0 } = options;
    if (threads > 0)
      bench.#generator = await (await import('./load/generator.js')).Generator.open(threads, bench.#clock);
    return bench;
  }

  private constructor(options: BenchOptions, planned: number) {
    this.#options = options;
    this.#planned = planned;
    this.#clock = options.clock ?? systemClock;
  }

  /** Has the server there that a scenario wants: the stranger's, or our own with a model that behaves as it should for it. */
  async #reach(manners: ModelManners): Promise<void> {
    const { sandwich, seed, signal } = this.#options;
    if (this.#kind === 'foreign' || this.#far?.manners === manners) return;
    if (this.#far) return this.#far.change(manners);
    this.#far = sandwich
      ? await FarEnd.around(sandwich, manners, seed, this.#clock, signal)
      : await FarEnd.open(manners, this.#model, seed, this.#clock);
  }

  get #kind(): Report['endpoint']['kind'] {
    if (this.#options.sandwich) return 'sandwich';
    return this.#options.url === undefined ? 'own' : 'foreign';
  }

  async #leave(): Promise<void> {
    const far = this.#far;
    this.#far = undefined;
    await far?.close();
  }

  get #model(): ModelManner {
    return { provider: 'openai', audio: 'pcmu', ...this.#options.model };
  }

  get #url(): string {
    return this.#far?.streamUrl ?? this.#options.url!;
  }

  /** All runs of one scenario. A call that the machine spoilt is repeated once. */
  async run(scenario: Scenario): Promise<void> {
    // A script of the model is for the one at our end; a stranger's says what it likes.
    const misbehaves = scenario.model?.faults !== undefined || scenario.model?.connectDelayMs !== undefined;
    if (misbehaves && this.#kind === 'foreign') return;
    await this.#reach(scenario.model ?? WELL_BEHAVED);
    this.#scenarios.push(scenario.name);
    const { runs } = this.#options;
    let kept = 0;
    for (let run = 1; run <= runs; run++) {
      this.#tell({ scenario: scenario.name, run, runs });
      let spoilt = await this.#once(scenario, run, 0);
      // Of a hundred calls some may be spoilt: then the others are enough.
      if (spoilt.reason !== undefined && spoilt.kept < this.#options.calls * (1 - MOST_DISCARDED)) {
        this.#tell({ scenario: scenario.name, run, runs, repeatedBecause: spoilt.reason });
        spoilt = await this.#once(scenario, run, 1);
      }
      kept += spoilt.kept;
      this.#done++;
    }
    if (kept === 0) this.#bare++;
  }

  #tell(progress: Omit<Progress, 'done' | 'planned'>): void {
    this.#options.onProgress?.({ ...progress, done: this.#done, planned: this.#planned });
  }

  /** Hears a greeting and an answer out, to know how long they are. */
  async learn(scenario: Scenario): Promise<AnswerLengths> {
    this.#tell({ scenario: scenario.name, run: 1, runs: 1 });
    const [made] = await this.#dialAll(scenario, 1, 0, 1);
    this.#done++;
    if (!made?.record) throw made?.failure ?? new VoicebridgeError('internal', { message: 'the call left no record' });
    const [greeting, answer] = findUtterances(made.record);
    if (!greeting || !answer) {
      throw new VoicebridgeError('bench-no-answer', { url: this.#url });
    }
    return { greetingMs: greeting.endMs - greeting.onsetMs, answerMs: answer.endMs - answer.onsetMs };
  }

  async #once(scenario: Scenario, run: number, attempt: number): Promise<{ kept: number; reason?: string }> {
    this.#watch.read();
    const usage = await this.#watchUsage();
    const made = await (this.#generator
      ? this.#generate(this.#generator, scenario, run, attempt)
      : this.#dialAll(scenario, run, attempt, this.#options.calls));
    const ownLag = this.#watch.read();
    let callSeconds = 0;
    let kept = 0;
    let reason: string | undefined;
    for (const call of made) {
      this.#attempted++;
      const base = { scenario: scenario.name, run, seed: call.seed };
      const whole = call.call ?? (call.record && measureCall(call.record, call.trace));
      if (!whole) {
        if (this.#attempted === 1 && made.length === 1) throw call.failure;
        this.#failed.push(call.failure!);
        this.#calls.push({ ...base, failed: call.failure!.message });
        continue;
      }
      const { measured, report, pacing, lint } = whole;
      const lag = call.host ?? ownLag;
      const host = judgeHost(pacing, lag);
      callSeconds += (report.durationMs ?? 0) / 1000;
      const spoilt = host.reasons[0];
      if (spoilt) {
        reason = spoilt.sentence;
        this.#discarded.set(spoilt.code, (this.#discarded.get(spoilt.code) ?? 0) + 1);
      } else {
        kept++;
        this.#measures.merge(measured.measures);
        if (lag) this.#measures.add('host.loop_lag_ms', lag.maxMs);
        this.#lint.push(...lint);
      }
      this.#calls.push({
        ...base,
        ...report,
        ...withRoom(scenario.caller, measured),
        ...(spoilt ? { discarded: spoilt.sentence } : { kept: keptOfCall(measured.measures) }),
      });
      if (!call.record) continue;
      await this.#options.onCall?.({
        ...{ scenario: scenario.name, run, url: this.#url, record: call.record, measured, soFar: this.#measures },
        ...(call.trace && { trace: call.trace }),
        ...(spoilt && { discarded: spoilt.sentence }),
      });
    }
    const cost = await usage?.end(made.length, callSeconds);
    if (cost && kept > 0) {
      this.#measures.add('endpoint.cpu_ms_per_call_s', cost.cpuMsPerCallSecond);
      this.#measures.add('endpoint.rss_kb_per_call', cost.rssKbPerCall);
    }
    return { kept, ...(reason !== undefined && { reason }) };
  }

  async #watchUsage(): Promise<UsageWatch | undefined> {
    const pid = this.#options.pid ?? this.#far?.pid;
    if (pid === undefined) return undefined;
    const watch = new UsageWatch(() => usageOf(pid));
    await watch.begin();
    return watch;
  }

  async #generate(generator: Generator, scenario: Scenario, run: number, attempt: number): Promise<Made[]> {
    const { outDir, network, signal, calls, rampMs = 0 } = this.#options;
    const far = this.#far;
    return generator.make({
      ...{ url: this.#url, caller: scenario.caller, rampMs, seeds: this.#seeds(run, attempt, calls) },
      ...(network && { network }),
      ...(signal && { signal }),
      ...(outDir !== undefined && {
        outDirs: Array.from({ length: calls }, (_, call) => folderOf(outDir, scenario.name, run, attempt, call)),
      }),
      ...(far && { takeTrace: async () => this.#settle(await far.takeTrace(), calls) }),
    });
  }

  #seeds(run: number, attempt: number, calls: number): number[] {
    return Array.from({ length: calls }, (_, index) => this.#options.seed + run * 1000 + attempt * 500 + index);
  }

  /** Mistakes towards the model are judged, whoever made the calls. */
  #settle(taken: TakenTrace, calls: number): readonly ModelTraceEvent[] {
    this.#far?.check();
    this.#judgeModelSide(taken, calls);
    return taken.events;
  }

  async #dialAll(scenario: Scenario, run: number, attempt: number, calls: number): Promise<Made[]> {
    const { outDir, network, signal } = this.#options;
    const seeds = this.#seeds(run, attempt, calls);
    const outcomes = await Promise.allSettled(
      seeds.map(
        (seed, index) =>
          dial({
            url: this.#url,
            caller: scenario.caller,
            clock: this.#clock,
            seed,
            ...(network && { network }),
            ...(signal && { signal }),
            ...(outDir !== undefined && {
              outDir: folderOf(outDir, scenario.name, run, attempt, calls > 1 ? index : undefined),
            }),
          }).done,
      ),
    );
    signal?.throwIfAborted();
    const taken = await this.#far?.takeTrace();
    const trace = taken && this.#settle(taken, calls);
    const records = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const traces = matchSessions(
      records.map((record) => record.received),
      trace ?? [],
    );
    let next = 0;
    return outcomes.map((outcome, index): Made => {
      const seed = seeds[index]!;
      if (outcome.status === 'rejected') return { seed, failure: asFailure(outcome.reason) };
      const at = next++;
      const trace = traces[at];
      return { seed, record: records[at]!, ...(trace && { trace }) };
    });
  }

  /** Mistakes towards the model count whatever becomes of the call's numbers. */
  #judgeModelSide({ events, leftOpen }: TakenTrace, calls: number): void {
    const unseen = this.#kind === 'sandwich' && events.length === 0;
    const found = modelFindings(events, { leftOpen, neverConnected: unseen ? calls : 0 });
    this.#modelFindings = mergeFindings(this.#modelFindings, found);
    this.#measures.count('model.errors', countFindings(found, 'error'), calls);
    this.#measures.count('model.warnings', countFindings(found, 'warning'), calls);
  }

  result(): BenchResult {
    if (this.#failed.length > 0 && this.#failed.length === this.#attempted) throw this.#failed[0]!;
    const discarded = [...this.#discarded].map(([reason, count]) => ({ reason, count }));
    const thrownAway = discarded.reduce((sum, { count }) => sum + count, 0);
    return {
      endpoint: {
        url: this.#url,
        kind: this.#kind,
        ...(this.#far?.logFile !== undefined && { log: this.#far.logFile }),
      },
      ...(this.#far && { modelFindings: this.#modelFindings }),
      ...(this.#kind === 'own' && { model: this.#model }),
      scenarios: this.#scenarios,
      measures: this.#measures,
      calls: this.#calls,
      lint: this.#lint,
      attempted: this.#attempted,
      discarded,
      failed: this.#failed,
      reliable: this.#bare === 0 && thrownAway <= this.#attempted * MOST_DISCARDED,
    };
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#generator?.close();
    await this.#leave();
  }
}

function asFailure(reason: unknown): VoicebridgeError {
  if (reason instanceof VoicebridgeError) return reason;
  return new VoicebridgeError('internal', { message: reason instanceof Error ? reason.message : String(reason) });
}

function folderOf(outDir: string, scenario: string, run: number, attempt: number, call: number | undefined): string {
  const name = scenario.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '');
  return join(outDir, `${name}-${run}${attempt > 0 ? '-again' : ''}${call === undefined ? '' : `-${call + 1}`}`);
}

/** What stopped the agent, the room around the caller included. */
function withRoom(caller: Scenario['caller'], { measures, utterances, discrimination = [] }: CallMeasures) {
  const stops = measures.counts.get('bargein.false')?.count ?? 0;
  const all = [...discrimination, ...discriminationsOfRoom(caller, utterances?.length ?? 0, stops)];
  return all.length > 0 ? { discrimination: all } : {};
}
