import type { Log } from '../log.js';
import { type ModelSession, type OpenModel, plainSession } from '../model/model.js';
import type { Tool } from './tools/tool.js';

/** What is known of a call when its stream starts. Numbers are E.164; none of it may reach a log but the two sids. */
export interface CallInfo {
  readonly callSid: string;
  readonly streamSid: string;
  readonly accountSid: string;
  /** `<Parameter>`s of the TwiML. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly to?: string;
}

/** A recorded piece of the agent's side: what is played, and what the model is told was said. */
export interface Recording {
  /** µ-law 8 kHz, base64. */
  readonly payload: string;
  readonly text: string;
}

/** How the agent begins. */
export interface Greeting {
  /** `none`: the caller speaks first. `model`: the model is asked for a response. A recording is played at once. */
  readonly by: 'none' | 'model' | Recording;
  /** For `model`: what to say, for this response only. */
  readonly instructions?: string;
  /** The caller's speech during the greeting stops it. */
  readonly interruptible: boolean;
}

/** When the caller's sound stops the agent. */
export interface BargeInPolicy {
  /**
   * `immediate`: as soon as the model hears speech. `reversible`: at once too, but what was not heard is kept, and played
   * from where it stopped when the sound turns out to be noise or "mm-hm". `off`: the caller cannot interrupt by speech.
   */
  readonly speech: 'immediate' | 'reversible' | 'off';
  /** Speech shorter than this does not stop the agent. 0: the model's word is enough. */
  readonly minSpeechMs: number;
  /** `reversible`: a sound that ends within this time is none, unless its transcript says otherwise. */
  readonly maxNoiseMs: number;
  /** `reversible`: transcripts that are no interruption, lower case, without punctuation. */
  readonly backchannels: readonly string[];
  /** Keys that stop the agent: any, none, or those in the text. */
  readonly digits: 'any' | 'none' | string;
}

/** Everything the relay must know to carry one call: decided once, when it starts. */
export interface CallPlan {
  /** Name of the agent, for logs and events. */
  readonly agent: string;
  /** Tried in this order: the second is for when the first cannot be reached. */
  readonly models: readonly [OpenModel, ...OpenModel[]];
  readonly session: ModelSession;
  readonly greeting: Greeting;
  readonly bargeIn: BargeInPolicy;
  readonly tools: readonly Tool[];
  /** Played when no model can be reached or the last one is lost; falling tones when absent. */
  readonly apology?: Recording;
  readonly maxCallMs?: number;
}

/** Chooses the agent of a call. A rejection ends the call with the apology of the relay, never the relay. */
export type PlanCall = (call: CallInfo, log: Log) => CallPlan | Promise<CallPlan>;

/** An incoming call as the carrier's webhook tells of it, before there is a stream. */
export interface IncomingCall {
  readonly callSid: string;
  /** Path of the webhook: `/voice`, `/voice/sales`. */
  readonly path: string;
  /** As the carrier says; the caller may have made it up. */
  readonly from?: string;
  readonly to?: string;
}

/** Receives calls before their streams begin: which webhooks there are, and what a stream is to bring along. */
export interface Reception {
  answers(path: string): boolean;
  /** `<Parameter>`s of the stream. A rejection leaves the stream without any. */
  receive(call: IncomingCall, log: Log): Promise<Readonly<Record<string, string>>>;
}

export const DEFAULT_BARGE_IN: BargeInPolicy = {
  speech: 'immediate',
  minSpeechMs: 0,
  maxNoiseMs: 600,
  backchannels: [],
  digits: 'any',
};

/** The plan of a relay with one agent and one model, for every call. */
export function oneAgent(
  openModel: OpenModel,
  changes: Partial<Omit<CallPlan, 'models'>> & { readonly instructions?: string; readonly voice?: string } = {},
): PlanCall {
  const { instructions = 'You are a helpful voice assistant on the phone.', voice, ...rest } = changes;
  const plan: CallPlan = {
    agent: 'agent',
    models: [openModel],
    session: { ...plainSession(instructions, voice), tools: (rest.tools ?? []).map(({ declaration }) => declaration) },
    greeting: { by: 'model', interruptible: true },
    bargeIn: DEFAULT_BARGE_IN,
    tools: [],
    ...rest,
  };
  return () => plan;
}
