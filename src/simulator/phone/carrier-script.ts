import type { Assumptions } from './assumptions.js';
import type { NetworkFault } from './faults.js';

export interface NetworkOptions {
  /** One-way delays of the carrier's leg. */
  readonly toServerMs: number;
  readonly toPhoneMs: number;
  /** Each message takes so much longer or shorter at most; order is kept. */
  readonly jitterMs: number;
}

/** What a script may say about the carrier's side of its call. Options of `dial` overrule it; their faults come on top. */
export interface CarrierScript {
  readonly network?: NetworkOptions;
  readonly faults?: readonly NetworkFault[];
  readonly assume?: Partial<Assumptions>;
}
