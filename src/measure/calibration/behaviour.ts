/**
 * What a reference agent does: every delay is programmed, none is a multiple of a frame nor of another, and every fault
 * is asked for. All times in milliseconds.
 */
export interface Behaviour {
  /** From `start` to the greeting. */
  readonly greetingDelayMs: number;
  readonly greetingMs: number;
  /** From the arrival of the caller's last sample, taken in turn. Absent: nothing is ever answered. */
  readonly answerDelaysMs?: readonly number[] | undefined;
  readonly answerMs: number;
  /** It does not wait for the end of what the caller says: the delays count from its beginning. */
  readonly talksOver?: true;
  /** It does not answer what it was interrupted with. */
  readonly sulks?: true;
  /** From the arrival of the caller's first sample over the agent to the clear, in turn. Absent: it never stops. */
  readonly stopDelaysMs?: readonly number[] | undefined;
  /** It stops by sending nothing more, without a clear: what has left is played. */
  readonly fallsSilent?: true;
  /** It takes a cough for a word. */
  readonly fallsForCoughs?: true;
  /** Audio of the interrupted answer that is sent after the clear, so much later. */
  readonly leak?: { readonly afterMs: number; readonly ms: number };
  /** What stands in front of an answer: something that is none, or a filler. */
  readonly opening?: {
    readonly with: 'silence' | 'comfort-noise' | 'soft' | 'filler';
    readonly ms: number;
    /** Silence between a filler and the answer. */
    readonly gapMs?: number;
  };
  /** All at once; or each 20 ms when it is due; or with a hole that the phone runs dry in. */
  readonly delivery: 'burst' | 'paced' | { readonly holeMs: number };
  /** Ends the call itself, so long after the beginning of its second answer, whether or not that has been heard. */
  readonly hangsUpAfterMs?: number;
  /** Raw messages that follow the greeting. */
  readonly mistakes?: readonly string[];
  /** What it tells the model about answers that were cut short. */
  readonly tells:
    | { readonly errorMs: number }
    | 'nothing'
    /** More than there was: the model refuses. */
    | 'too-much'
    /** Also of answers that were heard to the end. */
    | 'needlessly';
  /** Its own share on the way between phone and model. */
  readonly shares: {
    readonly readyMs: number;
    readonly inMs: number;
    readonly outMs: number;
    readonly clearMs: number;
  };
  /** What becomes of a few frames in each thing the caller says. */
  readonly frames?: 'lost' | 'duplicated' | 'reordered' | 'altered';
}

/** An agent that does everything right. */
export const WELL_BEHAVED: Behaviour = {
  greetingDelayMs: 213.7,
  greetingMs: 400,
  answerDelaysMs: [137.3, 481.9, 266.6, 603.1, 349.7],
  answerMs: 1_000,
  stopDelaysMs: [61.7, 143.3, 97.9, 228.9, 188.8],
  delivery: 'burst',
  tells: { errorMs: 0 },
  shares: { readyMs: 53.3, inMs: 1.3, outMs: 2.7, clearMs: 1.9 },
};
