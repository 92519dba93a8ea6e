import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import { dial } from '../simulator/phone/call.js';
import type { CallRecord } from '../simulator/phone/events.js';
import type { Act } from './calibration/agent.js';
import { AGENT_NAMES, AGENTS, type AgentName, type ReferenceAgent } from './calibration/agents.js';
import { calibrationCaller } from './calibration/callers.js';
import { judgeAgent, type Seen } from './calibration/judge.js';
import { hostClass } from './calibration/last.js';
import { type AgentSeen, accuracyOf, type Calibration, faultsOf } from './calibration/result.js';
import { type HostVerdict, judgeHost, LoopWatch } from './host.js';
import { METRICS, type MetricName } from './metrics.js';
import { type ActsOfCall, type AgentParameters, inSharedTime } from './reference-agent.js';
import { type ListeningProcess, startListening } from './relay-process.js';
import { sharedMinusLocal } from './shared-time.js';

export interface CalibrateOptions {
  readonly runs: number;
  /** Precise agents called at the same time. */
  readonly calls: number;
  readonly seed: number;
  readonly version: string;
  readonly onProgress?: (text: string) => void;
}

/** Needed for a p95 that means something. */
const LEAST_SAMPLES = 20;
/** The first frames of all calls at once are no load that anybody measures: they begin within this time. */
const RAMP_MS = 1_000;
/** Agents called at the same time when it is only asked whether they are seen. */
const AT_ONCE = 16;
/** A call that was spoilt is repeated so often. */
const ATTEMPTS = 3;

/** @throws VoicebridgeError `bench-spoilt` when the machine left too few calls to judge by */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const at = new Date().toISOString();
  const bench = new CalibrationBench(await startReferenceAgent(), options);
  try {
    const precise: Seen[] = [];
    for (let run = 1; run <= options.runs; run++) {
      options.onProgress?.(`precise agent ${run}/${options.runs}`);
      const seen = await bench.callPrecise(run);
      precise.push(...(seen.length > 0 ? seen : await bench.callPrecise(options.runs + run)));
    }
    if (
      precise.filter(({ metric }) => metric === 'bargein.stop_ms').flatMap(({ errorsMs }) => errorsMs).length <
      LEAST_SAMPLES
    )
      throw new VoicebridgeError('bench-spoilt', { ...bench.spoilt(), reason: bench.worstReason });
    const others = await bench.callOthers();
    const metrics = accuraciesOf(precise, others);
    const agents = [...summaryOf('precise', precise), ...others.flatMap(([name, seen]) => summaryOf(name, seen))];
    const { version, calls } = options;
    const faults = [...bench.neverHeard(others), ...faultsOf({ metrics, agents, calls })];
    return {
      schema: 'voicebridge-calibration/2',
      at,
      tool: { name: 'voicebridge', version },
      host: hostClass(),
      calls,
      metrics,
      agents,
      attempted: bench.attempted,
      discarded: bench.discarded,
      faults,
      ok: faults.length === 0,
    };
  } finally {
    await bench.close();
  }
}

export function startReferenceAgent(name?: AgentName): Promise<ListeningProcess> {
  const program = fileURLToPath(new URL('./reference-agent-main.js', import.meta.url));
  return startListening(name === undefined ? [program] : [program, name]);
}

type OfAgent = readonly [AgentName, Seen[]];

/** Makes the calls of a calibration. */
class CalibrationBench {
  attempted = 0;
  readonly #server: ListeningProcess;
  readonly #options: CalibrateOptions;
  readonly #watch = new LoopWatch();
  readonly #sharedMinusLocalMs = sharedMinusLocal(systemClock);
  readonly #reasons = new Map<string, { readonly reason: string; readonly count: number }>();

  constructor(server: ListeningProcess, options: CalibrateOptions) {
    this.#server = server;
    this.#options = options;
  }

  get discarded(): { readonly reason: string; readonly count: number }[] {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count);
  }

  get worstReason(): string {
    return this.discarded[0]?.reason ?? 'the calls were too short';
  }

  spoilt(): { discarded: number; calls: number } {
    return { discarded: this.discarded.reduce((sum, { count }) => sum + count, 0), calls: this.attempted };
  }

  async callPrecise(run: number): Promise<Seen[]> {
    const { calls } = this.#options;
    const names = Array.from({ length: calls }, (): AgentName => 'precise');
    const made = await this.#call(names, run * calls, calls === 1 ? 'yes' : 'no');
    return made.flatMap(([, seen]) => seen);
  }

  /** Every other agent once, a few at a time; those that the machine spoilt again. */
  async callOthers(): Promise<OfAgent[]> {
    const done: OfAgent[] = [];
    let left = AGENT_NAMES.filter((name) => name !== 'precise');
    for (let attempt = 1; attempt <= ATTEMPTS && left.length > 0; attempt++) {
      const waiting = left;
      left = [];
      for (let from = 0; from < waiting.length; from += AT_ONCE) {
        const names = waiting.slice(from, from + AT_ONCE);
        this.#options.onProgress?.(`agents that do wrong: ${done.length}/${AGENT_NAMES.length - 1}`);
        const made = await this.#call(names, attempt * 1_000 + from, 'yes');
        done.push(...made);
        left.push(...names.filter((name) => !made.some(([each]) => each === name)));
      }
    }
    return done;
  }

  neverHeard(done: readonly OfAgent[]): string[] {
    const names = AGENT_NAMES.filter((name) => name !== 'precise' && !done.some(([each]) => each === name));
    if (names.length === 0) return [];
    return [`this machine spoilt every call of ${names.length} agents (${names.join(', ')}): ${this.worstReason}`];
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#server.close();
  }

  async #call(names: readonly AgentName[], draw: number, trace: AgentParameters['trace']): Promise<OfAgent[]> {
    this.#watch.read();
    const records = await Promise.all(names.map((name, index) => this.#dial(name, index, names.length, draw, trace)));
    const lag = this.#watch.read();
    const actsOf = await this.#takeActs();
    return records.flatMap((record, index): OfAgent[] => {
      this.attempted++;
      const verdict = judgeHost(record.pacing, lag);
      if (!verdict.reliable) {
        this.#discard(verdict);
        return [];
      }
      const name = names[index]!;
      const seen = judgeAgent(AGENTS[name] as ReferenceAgent, record, actsOf(record.streamSid));
      return [[name, trace === 'no' ? seen.filter(({ metric }) => isHeardByPhone(metric)) : seen]];
    });
  }

  async #dial(
    agent: AgentName,
    index: number,
    of: number,
    draw: number,
    trace: AgentParameters['trace'],
  ): Promise<CallRecord> {
    await new Promise<void>((resolve) => systemClock.at(systemClock.now() + (index * RAMP_MS) / of, resolve));
    const seed = this.#options.seed + draw + index;
    const caller = calibrationCaller(AGENTS[agent].caller, seed);
    const parameters = { agent, trace };
    return dial({ url: this.#server.streamUrl, caller, clock: systemClock, seed, parameters }).done;
  }

  /** Under one code with the others of its kind; the first sentence stands for all. */
  #discard({ reasons }: HostVerdict): void {
    const { code, sentence } = reasons[0]!;
    const known = this.#reasons.get(code) ?? { reason: sentence, count: 0 };
    this.#reasons.set(code, { ...known, count: known.count + 1 });
  }

  /** What the agents did since the last time, on this process's clock. */
  async #takeActs(): Promise<(streamSid: string) => Act[]> {
    const response = await fetch(`${this.#server.streamUrl.replace(/^ws/, 'http')}acts`);
    const calls = (await response.json()) as ActsOfCall[];
    return (streamSid) => {
      const acts = calls.find((call) => call.streamSid === streamSid)?.acts ?? [];
      return acts.map((act) => inSharedTime(act, -this.#sharedMinusLocalMs));
    };
  }
}

function isHeardByPhone(metric: MetricName): boolean {
  return !('needsModel' in METRICS[metric]);
}

/** Of what the precise agent shows by its calls alone; of the rest by the others'. */
function accuraciesOf(precise: readonly Seen[], others: readonly OfAgent[]): Calibration['metrics'] {
  const errors = new Map<MetricName, number[]>();
  const gather = (seen: readonly Seen[], known: ReadonlySet<MetricName>): void => {
    for (const { metric, errorsMs } of seen) {
      if (errorsMs.length === 0 || known.has(metric)) continue;
      errors.set(metric, [...(errors.get(metric) ?? []), ...errorsMs]);
    }
  };
  gather(precise, new Set());
  gather(
    others.flatMap(([, seen]) => seen),
    new Set(errors.keys()),
  );
  const inOrder = (Object.keys(METRICS) as MetricName[]).filter((name) => errors.has(name));
  return Object.fromEntries(inOrder.map((name) => [name, accuracyOf(errors.get(name)!)]));
}

/** One entry per metric: an agent that was called several times was seen when it was seen each time. */
function summaryOf(agent: AgentName, all: readonly Seen[]): AgentSeen[] {
  const { does } = AGENTS[agent];
  const metrics = [...new Set(all.map(({ metric }) => metric))];
  return metrics.map((metric) => {
    const of = all.filter((each) => each.metric === metric);
    const shown = of.find(({ seen }) => !seen) ?? of[0]!;
    const truth = typeof shown.truth === 'number' ? shown.truth : shown.truth[0];
    const measured = typeof shown.measured === 'object' ? shown.measured[0] : shown.measured;
    return {
      agent,
      does,
      metric,
      expected: shown.expected,
      seen: shown.seen,
      ...(truth !== undefined && { truth }),
      ...(measured !== undefined && { measured }),
    };
  });
}
