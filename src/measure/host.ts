import { availableParallelism, loadavg } from 'node:os';
import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { DEFAULTS } from '../options.js';
import type { Pacing } from '../simulator/phone/events.js';
import { type CpuCounters, cpuShares, readCpuCounters } from './host-cpu.js';
import { nearestRank } from './percentile.js';

/** Why a call is not counted. */
export type HostFault = 'pacing' | 'event-loop' | 'no-cpu' | 'steal' | 'clock-jump';

/** Whether the measuring machine did its own part well enough for the numbers to mean anything. */
export interface HostVerdict {
  readonly reliable: boolean;
  /** Why not, each with its number. */
  readonly reasons: readonly { readonly code: HostFault; readonly sentence: string }[];
}

/** What happened to the measuring process and its machine. Absent: the system does not say. */
export interface HostFacts {
  /** How much later than asked the event loop came round. */
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The longest garbage collection. */
  readonly gcMs?: number;
  /** Share of the time, 0 to 1, in which this thread was ready and no processor was free. */
  readonly waitedShare?: number;
  /** Share of its processors' time that the virtual machine was kept from. */
  readonly stolenShare?: number;
  /** How far the time of day moved against the monotonic clock, signed. */
  readonly clockJumpMs?: number;
  /** Processes that ran or wanted to, on average over the last minute, and processors. */
  readonly load?: number;
  readonly processors?: number;
}

/** Judges one call by the phone's lateness and by what happened to the machine while it ran. */
export function judgeHost(pacing: Pacing, facts: HostFacts | undefined): HostVerdict {
  const reasons = [...judgePacing(pacing), ...(facts ? judgeFacts(facts) : [])];
  return { reliable: reasons.length === 0, reasons };
}

type Reason = HostVerdict['reasons'][number];

function judgePacing(pacing: Pacing): Reason[] {
  const { maxPacingMs } = DEFAULTS.bench;
  const late = [...pacing.lateMs].sort((a, b) => a - b);
  const p99 = late.length > 0 ? nearestRank(late, 0.99) : 0;
  if (p99 <= maxPacingMs) return [];
  const sentence = `the phone sent 1 % of its frames more than ${p99.toFixed(1)} ms late (limit ${maxPacingMs} ms)`;
  return [{ code: 'pacing', sentence }];
}

function judgeFacts({ maxMs, gcMs, waitedShare, stolenShare, clockJumpMs, load, processors }: HostFacts): Reason[] {
  const { maxLoopLagMs, maxWaitedShare, maxStolenShare, maxClockJumpMs } = DEFAULTS.bench;
  const reasons: Reason[] = [];
  if (maxMs > maxLoopLagMs) {
    const gc = gcMs !== undefined && gcMs > maxMs / 2 ? `, ${gcMs.toFixed(1)} ms of it to collect garbage` : '';
    const sentence = `the measuring process stood still for ${maxMs.toFixed(1)} ms${gc} (limit ${maxLoopLagMs} ms)`;
    reasons.push({ code: 'event-loop', sentence });
  }
  if (waitedShare !== undefined && waitedShare > maxWaitedShare) {
    const busy = load === undefined ? '' : `: ${load.toFixed(1)} processes wanted ${processors} processors`;
    const sentence = `the measuring process waited ${percent(waitedShare)} of the time for a processor (limit ${percent(maxWaitedShare)})${busy}`;
    reasons.push({ code: 'no-cpu', sentence });
  }
  if (stolenShare !== undefined && stolenShare > maxStolenShare) {
    const sentence = `the host of this virtual machine kept ${percent(stolenShare)} of its processors' time from it (limit ${percent(maxStolenShare)})`;
    reasons.push({ code: 'steal', sentence });
  }
  if (clockJumpMs !== undefined && Math.abs(clockJumpMs) > maxClockJumpMs) {
    const sentence = `the time of day jumped by ${clockJumpMs.toFixed(0)} ms: the machine was asleep, or its clock was set (limit ${maxClockJumpMs} ms)`;
    reasons.push({ code: 'clock-jump', sentence });
  }
  return reasons;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** Watches this process and its machine; one per bench, read once per call. */
export class LoopWatch {
  readonly #histogram: IntervalHistogram;
  readonly #collections: PerformanceObserver;
  #gcMs = 0;
  #since = now();

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
    this.#collections = new PerformanceObserver((list) => this.#count(list.getEntries()));
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** What happened since the last reading. `undefined` before the event loop came round once. */
  read(): HostFacts | undefined {
    this.#count(this.#collections.takeRecords());
    const { counters, monotonicMs, wallMs } = this.#since;
    const gcMs = this.#gcMs;
    this.#since = now();
    this.#gcMs = 0;
    const histogram = this.#histogram;
    if (histogram.count === 0) return undefined;
    const lag = { p99Ms: lagOf(histogram.percentile(99)), maxMs: lagOf(histogram.max) };
    histogram.reset();
    const elapsedMs = this.#since.monotonicMs - monotonicMs;
    return {
      ...lag,
      ...(gcMs > 0 && { gcMs }),
      ...cpuShares(counters, this.#since.counters, elapsedMs),
      clockJumpMs: this.#since.wallMs - wallMs - elapsedMs,
      load: loadavg()[0]!,
      processors: availableParallelism(),
    };
  }

  close(): void {
    this.#histogram.disable();
    this.#collections.disconnect();
  }

  #count(collections: readonly { readonly duration: number }[]): void {
    for (const { duration } of collections) this.#gcMs = Math.max(this.#gcMs, duration);
  }
}

function now(): { counters: CpuCounters; monotonicMs: number; wallMs: number } {
  return { counters: readCpuCounters(), monotonicMs: performance.now(), wallMs: Date.now() };
}

const RESOLUTION_MS = 5;

/** The histogram counts nanoseconds from one round to the next, the asked-for interval included. */
function lagOf(ns: number): number {
  return Math.max(0, ns / 1e6 - RESOLUTION_MS);
}
