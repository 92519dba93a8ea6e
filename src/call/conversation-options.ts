import type { Carrier, CarrierEncoder, CarrierRest } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Random } from '../random.js';
import type { CallLog } from './call-log.js';
import type { CallInfo, CallPlan } from './plan.js';
import type { CallEnd, SessionSettings } from './session.js';

/** What a conversation is told when the call begins. */
export interface ConversationOptions {
  readonly plan: CallPlan;
  readonly call: CallInfo;
  readonly carrier: Carrier;
  readonly encoder: CarrierEncoder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: CallLog;
  /** When the stream started, on the clock. */
  readonly startedMs: number;
  readonly settings: SessionSettings;
  readonly rest?: CarrierRest;
  readonly send: (message: string) => void;
  readonly inOneWrite: (work: () => void) => void;
  /** The call is to end. */
  readonly end: (reason: CallEnd) => void;
  /** No model is left. */
  readonly modelLost: () => void;
}
