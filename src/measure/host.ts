import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { DEFAULTS } from '../options.js';
import type { Pacing } from '../simulator/phone/events.js';
import { nearestRank } from './percentile.js';

/** Whether the measuring machine did its own part well enough for the numbers to mean anything. */
export interface HostVerdict {
  readonly reliable: boolean;
  /** Why not, each with its number. */
  readonly reasons: readonly { readonly code: 'pacing' | 'event-loop'; readonly sentence: string }[];
}

export interface LoopLag {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Judges one call by the phone's lateness and by the stalls of the event loop while it ran. */
export function judgeHost(pacing: Pacing, lag: LoopLag | undefined): HostVerdict {
  const { maxPacingMs, maxLoopLagMs } = DEFAULTS.bench;
  const reasons: { code: 'pacing' | 'event-loop'; sentence: string }[] = [];
  const late = [...pacing.lateMs].sort((a, b) => a - b);
  const p99 = late.length > 0 ? nearestRank(late, 0.99) : 0;
  if (p99 > maxPacingMs) {
    reasons.push({
      code: 'pacing',
      sentence: `the phone sent 1 % of its frames more than ${p99.toFixed(1)} ms late (limit ${maxPacingMs} ms)`,
    });
  }
  if (lag && lag.maxMs > maxLoopLagMs) {
    reasons.push({
      code: 'event-loop',
      sentence: `the measuring process stood still for ${lag.maxMs.toFixed(1)} ms (limit ${maxLoopLagMs} ms)`,
    });
  }
  return { reliable: reasons.length === 0, reasons };
}

/** Watches the event loop of this process; one per bench, read once per call. */
export class LoopWatch {
  readonly #histogram: IntervalHistogram;

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
  }

  /** Lag since the last reading: how much later than asked the loop came round. `undefined` before it came round once. */
  read(): LoopLag | undefined {
    const histogram = this.#histogram;
    if (histogram.count === 0) return undefined;
    const lag = { p99Ms: lagOf(histogram.percentile(99)), maxMs: lagOf(histogram.max) };
    histogram.reset();
    return lag;
  }

  close(): void {
    this.#histogram.disable();
  }
}

const RESOLUTION_MS = 5;

/** The histogram counts nanoseconds from one round to the next, the asked-for interval included. */
function lagOf(ns: number): number {
  return Math.max(0, ns / 1e6 - RESOLUTION_MS);
}
