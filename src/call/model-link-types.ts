import type { AudioFormat } from '../audio/format.js';
import type { Clock } from '../clock.js';
import type { ClosedCause, HistoryLine, ModelEvent, ModelSession, OpenModel } from '../model/model.js';
import type { Random } from '../random.js';
import type { OpeningSettings } from './model-opening.js';
import type { RespondOptions } from './model-turn.js';

/** What the session of a call is told: the events of the model that serves it, and when that becomes another. */
export type LinkEvent =
  | Exclude<ModelEvent, { type: 'closed' }>
  /** The model is gone or did not open; another attempt follows, perhaps with another model. */
  | { readonly type: 'retrying'; readonly reason: string; readonly inMs: number }
  /**
   * The conversation goes on in a new session, which was told what had been heard. Everything of the old one is over: its
   * responses will not end any more, and nothing is known of a caller who is speaking now.
   */
  | {
      readonly type: 'switched';
      readonly reason: 'voice' | 'expiry' | ClosedCause;
      /** An answer was broken off while it was being made. */
      readonly wasResponding: boolean;
      /** An answer that was asked for, or due, and had not begun: it is to be asked for in this way. */
      readonly owed?: RespondOptions;
    }
  /** No model is left. Once; nothing follows. */
  | { readonly type: 'lost'; readonly reason: string; readonly cause: ClosedCause };

export interface LinkSettings extends OpeningSettings {
  /** So long before a session ends for its age the next one is opened. */
  readonly rolloverLeadMs: number;
  /** A session that breaks off sooner counts as a failed attempt. */
  readonly stableMs: number;
  /** The caller's audio that is kept while there is no session; the oldest goes first. */
  readonly backlogMs: number;
}

export interface ModelLinkOptions {
  /** In the order in which they are tried. */
  readonly models: readonly [OpenModel, ...OpenModel[]];
  readonly session: ModelSession;
  /** The carrier's formats: the link transcodes for each model as it needs. */
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  /**
   * All that a new session is to remember of the call, in order: what was said, of the agent what was heard, and texts that
   * were added. Of a line that still plays, all that was sent: it will be heard, and if it is not, the link mends it.
   */
  readonly heard: () => readonly HistoryLine[];
  readonly onEvent: (event: LinkEvent) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: LinkSettings;
}
