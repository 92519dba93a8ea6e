import type { CallMeasures } from '../../measure/analyse.js';
import type { CallChange } from '../../measure/compare.js';
import type { HostVerdict } from '../../measure/host.js';
import type { CallRecord } from '../../simulator/phone/events.js';
import type { Endpoint } from './endpoint.js';

/** Everything there is to say about a finished call. */
export interface FinishedCall {
  /** What was played: as typed, and in one word. */
  readonly caller: string;
  readonly name: string;
  readonly endpoint: Pick<Endpoint, 'url' | 'kind'>;
  readonly record: CallRecord;
  readonly measured: CallMeasures;
  readonly host: HostVerdict;
  readonly verdict: CallVerdict;
  /** Once they are written. */
  readonly files?: CallFilePaths;
  /** Of a replay: the recorded call's folder, and what is different from it. */
  readonly replayOf?: string;
  readonly changes?: readonly CallChange[];
}

export interface CallVerdict {
  readonly exitCode: 0 | 1 | 2 | 3;
  /** Why the exit code is not 0. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** What a call leaves in its folder. */
export interface CallFilePaths {
  readonly directory: string;
  readonly wav: string;
  readonly events: string;
  readonly summary?: string;
  readonly page?: string;
}
