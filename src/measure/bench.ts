import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import { dial } from '../simulator/phone/call.js';
import type { CallRecord } from '../simulator/phone/events.js';
import type { LintFinding } from '../simulator/phone/lint.js';
import { analyseCall, type CallMeasures } from './analyse.js';
import { keptOfCall } from './comparison/kept-per-call.js';
import { FarEnd, type ModelManners, type TakenTrace } from './far-end.js';
import { judgeHost, LoopWatch } from './host.js';
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
  const bench = await Bench.open(options);
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

const WELL_BEHAVED: ModelManners = {};

/** One call that was made: what it left, or why it left nothing. */
interface Made {
  readonly seed: number;
  readonly record?: CallRecord;
  readonly trace?: readonly ModelTraceEvent[];
  readonly failure?: VoicebridgeError;
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
  #attempted = 0;
  #bare = 0;

  static async open(options: BenchOptions): Promise<Bench> {
    const bench = new Bench(options);
    await bench.#reach(WELL_BEHAVED);
    return bench;
  }

  private constructor(options: BenchOptions) {
    this.#options = options;
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
    if (scenario.model && this.#kind === 'foreign') return;
    await this.#reach(scenario.model ?? WELL_BEHAVED);
    this.#scenarios.push(scenario.name);
    const { runs, onProgress } = this.#options;
    let kept = 0;
    for (let run = 1; run <= runs; run++) {
      onProgress?.({ scenario: scenario.name, run, runs });
      let spoilt = await this.#once(scenario, run, 0);
      if (spoilt.reason !== undefined) {
        onProgress?.({ scenario: scenario.name, run, runs, repeatedBecause: spoilt.reason });
        spoilt = await this.#once(scenario, run, 1);
      }
      kept += spoilt.kept;
    }
    if (kept === 0) this.#bare++;
  }

  /** Hears a greeting and an answer out, to know how long they are. */
  async learn(scenario: Scenario): Promise<AnswerLengths> {
    this.#options.onProgress?.({ scenario: scenario.name, run: 1, runs: 1 });
    const [made] = await this.#dialAll(scenario, 1, 0, 1);
    if (!made?.record) throw made?.failure ?? new VoicebridgeError('internal', { message: 'the call left no record' });
    const [greeting, answer] = findUtterances(made.record);
    if (!greeting || !answer) {
      throw new VoicebridgeError('bench-no-answer', { url: this.#url });
    }
    return { greetingMs: greeting.endMs - greeting.onsetMs, answerMs: answer.endMs - answer.onsetMs };
  }

  async #once(scenario: Scenario, run: number, attempt: number): Promise<{ kept: number; reason?: string }> {
    this.#watch.read();
    const made = await this.#dialAll(scenario, run, attempt, this.#options.calls);
    const lag = this.#watch.read();
    let kept = 0;
    let reason: string | undefined;
    for (const call of made) {
      this.#attempted++;
      const base = { scenario: scenario.name, run, seed: call.seed };
      if (!call.record) {
        if (this.#attempted === 1 && made.length === 1) throw call.failure;
        this.#failed.push(call.failure!);
        this.#calls.push({ ...base, failed: call.failure!.message });
        continue;
      }
      const host = judgeHost(call.record.pacing, lag);
      const measured = analyseCall(call.record, call.trace);
      const spoilt = host.reasons[0];
      if (spoilt) {
        reason = spoilt.sentence;
        this.#discarded.set(spoilt.code, (this.#discarded.get(spoilt.code) ?? 0) + 1);
      } else {
        kept++;
        this.#measures.merge(measured.measures);
        if (lag) this.#measures.add('host.loop_lag_ms', lag.maxMs);
        this.#lint.push(...call.record.lint);
      }
      this.#calls.push({
        ...base,
        ...callReport(call.record, measured),
        ...(spoilt ? { discarded: spoilt.sentence } : { kept: keptOfCall(measured.measures) }),
      });
      await this.#options.onCall?.({
        ...{ scenario: scenario.name, run, url: this.#url, record: call.record, measured, soFar: this.#measures },
        ...(call.trace && { trace: call.trace }),
        ...(spoilt && { discarded: spoilt.sentence }),
      });
    }
    return { kept, ...(reason !== undefined && { reason }) };
  }

  async #dialAll(scenario: Scenario, run: number, attempt: number, calls: number): Promise<Made[]> {
    const { outDir, network, signal } = this.#options;
    const seeds = Array.from({ length: calls }, (_, index) => this.#options.seed + run * 1000 + attempt * 500 + index);
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
    const trace = taken?.events;
    this.#far?.check();
    if (taken) this.#judgeModelSide(taken, calls);
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

function callReport(record: CallRecord, measured: CallMeasures) {
  const { greetingMs, turns, bargeIns, truncations, notes } = measured;
  return {
    callSid: record.callSid,
    endReason: record.endReason,
    ...(greetingMs !== undefined && { greetingMs }),
    turns: turns.map((turn) => ({ ...turn, endMs: turn.endMs - record.startedAtMs })),
    bargeIns: bargeIns.map((each) => ({ ...each, startMs: each.startMs - record.startedAtMs })),
    truncations,
    durationMs: record.endedAtMs - record.startedAtMs,
    speech: record.speech.map(({ startMs, endMs, interrupts }) => ({
      startMs: startMs - record.startedAtMs,
      endMs: endMs - record.startedAtMs,
      interrupts,
    })),
    answers: (measured.utterances ?? []).map(({ onsetMs, endMs }) => ({
      startMs: onsetMs - record.startedAtMs,
      endMs: endMs - record.startedAtMs,
    })),
    clears: record.events.flatMap((event) => (event.type === 'clear' ? [event.atMs - record.startedAtMs] : [])),
    ...(notes.length > 0 && { notes }),
    ...(record.files && { files: record.files }),
  };
}
