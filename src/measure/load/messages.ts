import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { Pacing } from '../../simulator/phone/events.js';
import type { LintFinding } from '../../simulator/phone/lint.js';
import type { CallerScript } from '../../simulator/phone/script.js';
import type { CallMeasures } from '../analyse.js';
import type { Network } from '../bench.js';
import type { HostFacts } from '../host.js';
import type { Count } from '../metrics.js';
import type { CallReport } from '../report-json.js';

/** What a generator is told: whom to call, with what, and when. Times are on the clock that all threads share. */
export interface Order {
  readonly type: 'order';
  readonly url: string;
  readonly caller: CallerScript;
  readonly network?: Network;
  readonly calls: readonly OrderedCall[];
}

export interface OrderedCall {
  readonly index: number;
  readonly seed: number;
  readonly atSharedMs: number;
  readonly outDir?: string;
}

/** Then, when all its calls are over: what the model did in each session, or nothing where the model is not ours. */
export interface Traces {
  readonly type: 'traces';
  readonly sessions: readonly (readonly ModelTraceEvent[])[];
  /** The clock of the trace − the clock that all threads share. */
  readonly aheadMs: number;
}

export type ToGenerator = Order | Traces | { readonly type: 'abort' };

/** `over`: all calls are over. `measured`: what they measured, without their sound. */
export type FromGenerator =
  | { readonly type: 'ready' }
  | { readonly type: 'over' }
  | { readonly type: 'measured'; readonly calls: readonly GeneratedCall[]; readonly host?: HostFacts };

export interface GeneratedCall {
  readonly index: number;
  /** Why it left nothing: what an error of ours is made of. */
  readonly failure?: Failure;
  readonly call?: SentCall;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** A measured call as it crosses from one thread to another: no classes. */
export interface SentCall {
  readonly report: Partial<CallReport>;
  readonly measured: Omit<CallMeasures, 'measures'>;
  readonly samples: ReadonlyMap<string, readonly number[]>;
  readonly counts: ReadonlyMap<string, Count>;
  readonly lint: readonly LintFinding[];
  readonly pacing: Pacing;
}
