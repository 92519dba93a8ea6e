import type { HeardUtterance } from './ear.js';

/** Where in a conversation something belongs: so long after something else. */
export type Anchor =
  /** After `start` was sent: nothing else had happened yet. */
  | { readonly after: 'call-start'; readonly ms: number }
  /** After what the caller did last. */
  | { readonly after: 'caller'; readonly ms: number }
  /**
   * After the agent began to be heard / was heard for the last time. `nth` counts what it began to say since the caller
   * began what came before: 1 the first thing, 0 what was going on then already.
   */
  | { readonly after: 'agent-starts' | 'agent-finishes'; readonly nth: number; readonly ms: number };

export interface PlacementFacts {
  readonly nowMs: number;
  /** What the agent has been heard with so far. */
  readonly utterances: readonly HeardUtterance[];
  /** How many of them had begun when the caller began what came before. */
  readonly before: number;
  /** Audio of the agent that has arrived and is not played yet. */
  readonly waitingMs: number;
  readonly callStartMs: number;
  /** When the caller was done with what came before. */
  readonly callerDoneMs: number;
}

/** An agent with more than this still to be played has not finished, however long its pause … */
const STILL_SPEAKING_MS = 300;
/** … unless what is played is silence, on and on. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * When it is time, as far as is known now: Infinity while the agent still speaks, undefined while what it hangs on has
 * not begun.
 */
export function placementOf(anchor: Anchor, facts: PlacementFacts): number | undefined {
  switch (anchor.after) {
    case 'call-start':
      return facts.callStartMs + anchor.ms;
    case 'caller':
      return facts.callerDoneMs + anchor.ms;
    case 'agent-starts': {
      const utterance = facts.utterances[indexOf(anchor.nth, facts)];
      return utterance && utterance.startMs + anchor.ms;
    }
    case 'agent-finishes': {
      // An agent that says more than it did is let finish: the last thing it says counts.
      if (facts.utterances.length <= indexOf(anchor.nth, facts)) return undefined;
      const { lastAudibleMs } = facts.utterances.at(-1)!;
      const goesOn = facts.waitingMs > STILL_SPEAKING_MS && facts.nowMs - lastAudibleMs < LONGEST_PAUSE_MS;
      // An agent who fell silent sooner than it did is no reason to hurry.
      return goesOn ? Number.POSITIVE_INFINITY : Math.max(lastAudibleMs, facts.callerDoneMs) + anchor.ms;
    }
  }
}

function indexOf(nth: number, { before }: PlacementFacts): number {
  return Math.max(0, before + nth - 1);
}
