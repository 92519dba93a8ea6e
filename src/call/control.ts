import type { SessionChange } from '../model/model.js';
import type { CallEvent } from './events.js';
import type { CallInfo } from './plan.js';

/** Digits that a tool or an operator asked for. */
export interface DigitRequest {
  readonly maxDigits: number;
  /** A key that ends the entry and is not part of it: `#`. */
  readonly terminator?: string;
  /** From the request, or the end of what the agent says then, to the first digit, and from digit to digit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Where a call goes when the agent is done with it. */
export type TransferTarget =
  /** Dialled by the carrier; the caller's leg leaves the stream. */
  | { readonly number: string; readonly callerId?: string; readonly timeoutSeconds?: number }
  /** The carrier fetches what to do next from here. */
  | { readonly url: string };

/**
 * What a tool, a program or an operator may do to a call that goes on. Every method may be called at any time: what cannot
 * be done now is done as soon as it can be, in the order of the calls. After the end of the call promises reject with
 * VoicebridgeError `call-over`, and methods that return nothing do nothing.
 */
export interface CallControl {
  readonly info: CallInfo;
  /** From the next response on. */
  update(change: SessionChange): void;
  /** A new session with this voice, at the next turn boundary, which remembers what was heard. */
  setVoice(voice: string): void;
  /** The agent says this line, in its own voice, as soon as neither side speaks. */
  say(line: string): void;
  /** The model knows this from now on; `respond` asks it to say something about it. */
  inject(fact: string, options?: { readonly respond?: boolean }): void;
  /** The agent falls silent now; its memory ends with what was heard. */
  interrupt(): void;
  /** `caller`: the model no longer hears the caller. `agent`: the caller no longer hears the agent. */
  mute(side: 'caller' | 'agent', muted: boolean): void;
  collectDigits(request: DigitRequest): Promise<string>;
  /** Waits until what the agent is saying has been played, then ends the call. `now`: cuts it off. */
  hangUp(options?: { readonly now?: boolean }): void;
  /** Waits until what the agent is saying has been played, then hands the call over. Rejects when the carrier refuses. */
  transfer(target: TransferTarget): Promise<void>;
  /**
   * What has happened so far, oldest first, before it returns, and from now on. The returned function stops it. `number`
   * counts the events of the call from 1; old ones that were no lines may have been forgotten.
   */
  listen(onEvent: (event: CallEvent, number: number) => void): () => void;
}
