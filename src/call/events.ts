import type { Usage } from '../model/model.js';
import type { BargeInCause } from './barge-in.js';

/** Who did something to a call from outside of it. */
export type SteeredBy = 'operator' | 'tool';

/**
 * What happened in a call, for the operator's API and the event log of the call. `atMs` counts from the start of the
 * stream. What was said stands in here: it is for who may read the call, never for the relay's log.
 */
export type CallEvent = { readonly atMs: number } & (
  | {
      readonly type: 'started';
      readonly callSid: string;
      readonly streamSid: string;
      readonly agent: string;
      /** ISO 8601, of the start of the stream. */
      readonly startedAt: string;
    }
  /** `switched`: the conversation goes on in a new session, which was told what had been heard. */
  | {
      readonly type: 'model';
      readonly state: 'ready' | 'retrying' | 'switched' | 'lost';
      readonly reason?: string;
      readonly tookMs?: number;
    }
  /** A line of the caller; a later event with the same itemId replaces an earlier one. */
  | {
      readonly type: 'caller-said';
      readonly itemId: string;
      readonly text: string;
      readonly final: boolean;
      readonly startMs?: number;
      readonly endMs?: number;
    }
  /**
   * A line of the agent, told when it has been played, or cut short. `text` is what was heard; of an interrupted line it is
   * an estimate, to the word, from the share of its audio. A later event with the same itemId replaces an earlier one.
   */
  | {
      readonly type: 'agent-said';
      readonly itemId: string;
      readonly text: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly interrupted: boolean;
      readonly estimated: boolean;
      /** What the model had meant to say, when it is more than what was heard. */
      readonly unheard?: string;
    }
  | { readonly type: 'interrupted'; readonly cause: BargeInCause; readonly unheardMs: number }
  /** The sound was no interruption: the agent goes on from where it was heard. */
  | { readonly type: 'resumed'; readonly resumedMs: number; readonly sound: 'noise' | 'backchannel' }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'tool-started'; readonly callId: string; readonly name: string; readonly args: string }
  | {
      readonly type: 'tool-finished';
      readonly callId: string;
      readonly name: string;
      readonly outcome: 'ok' | 'failed' | 'timeout' | 'cancelled';
      readonly output?: string;
      readonly tookMs: number;
    }
  | { readonly type: 'filler'; readonly callId: string }
  | {
      readonly type: 'steered';
      readonly by: SteeredBy;
      readonly command: string;
      readonly detail?: string;
    }
  | {
      readonly type: 'response-done';
      readonly responseId: string;
      readonly status: 'completed' | 'cancelled' | 'incomplete' | 'failed';
      readonly reason?: string;
      readonly usage?: Usage;
    }
  | { readonly type: 'ended'; readonly reason: string }
);

/** An event before the session has put the time on it. */
export type CallEventBody = CallEvent extends infer Event
  ? Event extends { readonly atMs: number }
    ? Omit<Event, 'atMs'>
    : never
  : never;
