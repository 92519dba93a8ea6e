import type { CarrierScript } from '../carrier-script.js';
import type { Condition } from '../expectation.js';
import type { LabelledSpeech } from '../labels.js';
import type { Anchor } from '../placement.js';

/** Something the caller says: µ-law at 8 kHz, and where in it speech lies. */
export interface Clip {
  readonly name: string;
  readonly audio: Uint8Array;
  readonly speech: readonly LabelledSpeech[];
}

/** When to speak over the agent. */
export type InterruptAt =
  /** So long after its answer became audible. */
  | { readonly afterMs: number }
  /** When this share (0 to 1) of the answer has been played, as far as its length is known: see cue.ts. */
  | { readonly share: number }
  /** When no more than this is left to play and nothing more is arriving. */
  | { readonly leftMs: number }
  /** When it goes on after the first pause in its answer. */
  | { readonly firstPause: true };

export type Step =
  | { readonly type: 'say'; readonly clip: Clip }
  | { readonly type: 'interrupt'; readonly clip: Clip; readonly when: InterruptAt; readonly timeoutMs: number }
  /** A sound that is not meant to stop the agent: its labels say of which kind. Without `when` at once. */
  | { readonly type: 'aside'; readonly clip: Clip; readonly when?: InterruptAt; readonly timeoutMs: number }
  | { readonly type: 'wait'; readonly until: 'agent-starts' | 'agent-finishes'; readonly timeoutMs: number }
  | { readonly type: 'pause'; readonly ms: number }
  /** Waits for its place in the conversation, at most so long; `meanwhile` is what the line carries, again and again. */
  | { readonly type: 'place'; readonly anchor: Anchor; readonly timeoutMs: number; readonly meanwhile?: Uint8Array }
  /** `tone`: the keys are heard too. `gapMs` from the end of one key to the next. */
  | { readonly type: 'digits'; readonly digits: string; readonly tone?: boolean; readonly gapMs?: number }
  | { readonly type: 'expect'; readonly that: Condition; readonly line?: number }
  | { readonly type: 'if'; readonly that: Condition; readonly yes: readonly Step[]; readonly no: readonly Step[] }
  | { readonly type: 'hangup' }
  /** The connection is reset, without `stop` and without a closing handshake. */
  | { readonly type: 'drop' }
  /** So long after the old stream has gone a new one is opened for the same call. */
  | { readonly type: 'reconnect'; readonly afterMs: number };

/** What the agent's voice does in the caller's telephone. */
export interface EchoPath {
  /** Level of the echo relative to what is heard, in dB: -30 is a fair handset, -15 a bad loudspeaker. */
  readonly db: number;
  /** From the ear back to the microphone. At least 1. */
  readonly delayMs: number;
}

/** What is to be heard around the caller, for the whole call. */
export interface Background {
  readonly kind: 'white' | 'babble' | 'hum' | 'file';
  /** Root mean square level. */
  readonly dbov: number;
  /** The recording of kind `file`, linear at 8 kHz; goes round and round. */
  readonly samples?: Int16Array;
}

/** What a caller does, step by step, with all audio in memory. When it runs out the caller waits for the agent to finish and hangs up. */
export interface CallerScript extends CarrierScript {
  readonly name: string;
  readonly description?: string;
  readonly path: string;
  readonly steps: readonly Step[];
  /** Absolute path of what the simulated model is to say, where it is the one at the far end. */
  readonly modelScript?: string;
  readonly background?: Background;
  readonly echo?: EchoPath;
}
