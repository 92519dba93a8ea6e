import { METRICS, type MetricEntry, type MetricName } from '../metrics.js';

/** How two reports of one metric are held against each other. */
export interface Worth {
  /** Which way is better. `zero`: nearer to it, for a metric that has a sign. */
  readonly better: 'lower' | 'higher' | 'zero';
  /** A smaller difference is none: milliseconds for a distribution, a share of the chances for a count. */
  readonly matters: number;
}

/** A caller does not hear less, and no machine that runs both ends measures less reliably. */
export const MATTERS_MS = 5;
/** Of the chances there were. */
const MATTERS_SHARE = 0.02;
/** A frame in a thousand is audible. */
const MATTERS_SHARE_OF_FRAMES = 0.001;

/**
 * Not compared: what is said of the measuring machine or of the measurement itself, what is neither good nor bad, and
 * an error with a sign beside the same error without one.
 */
const NOT_COMPARED = /^(host\.|buffer_ms$|turn\.spread_ms$|truncation\.error_ms$)/;
const HIGHER_IS_BETTER: readonly string[] = ['bargein.recovered'];
/** Too early is talking over the caller. */
const SIGNED: readonly string[] = ['turn.playout_ms', 'turn.ingress_ms', 'turn.answer_ms'];

/** `undefined` for a metric that is not compared. */
export function worthOf(name: MetricName, mattersMs: number = MATTERS_MS): Worth | undefined {
  if (NOT_COMPARED.test(name)) return undefined;
  const better = HIGHER_IS_BETTER.includes(name) ? 'higher' : SIGNED.includes(name) ? 'zero' : 'lower';
  const entry: MetricEntry = METRICS[name];
  if (entry.kind === 'distribution') return { better, matters: mattersMs };
  return { better, matters: name.startsWith('frames.') ? MATTERS_SHARE_OF_FRAMES : MATTERS_SHARE };
}
