import type { FaultType } from './faults.js';
import type { LintFinding } from './lint.js';

/**
 * What the phone did and saw, in order, each with the time on the call's one clock. Never a payload: bytes are counted,
 * audio is in the recording. `streamOffset` counts the bytes of agent audio received since `start`, whether or not they
 * were ever played.
 */
export type PhoneEvent =
  | { readonly type: 'connecting'; readonly atMs: number; readonly url: string }
  /** The WebSocket is open. */
  | { readonly type: 'open'; readonly atMs: number }
  | { readonly type: 'start'; readonly atMs: number; readonly streamSid: string; readonly callSid: string }
  /** A caller frame was written to the socket; `dueMs` is its place on the absolute schedule. */
  | {
      readonly type: 'frame';
      readonly atMs: number;
      readonly dueMs: number;
      readonly chunk: number;
      readonly bytes: number;
    }
  /** Caller speech of one `say` or `interrupt` begins / ends: time at which that labelled sample is sent. */
  | {
      readonly type: 'caller-speech-start';
      readonly atMs: number;
      readonly step: number;
      readonly interrupts: boolean;
      readonly text?: string;
    }
  | { readonly type: 'caller-speech-end'; readonly atMs: number; readonly step: number }
  | {
      readonly type: 'media';
      readonly atMs: number;
      readonly bytes: number;
      readonly streamOffset: number;
      readonly bufferedMs: number;
    }
  | { readonly type: 'mark'; readonly atMs: number; readonly name: string; readonly streamOffset: number }
  /** `cleared` when a clear flushed it instead of playout reaching it. */
  | { readonly type: 'mark-echo'; readonly atMs: number; readonly name: string; readonly cleared: boolean }
  /** A clear has acted; `arrivedMs` is earlier when the phone was told to be slow about it. */
  | { readonly type: 'clear'; readonly atMs: number; readonly arrivedMs?: number; readonly droppedBytes: number }
  /** Playout begins after having been empty / has run empty. */
  | { readonly type: 'playout-start'; readonly atMs: number; readonly streamOffset: number }
  | { readonly type: 'playout-empty'; readonly atMs: number; readonly streamOffset: number }
  /** Live, coarse voice activity at the caller's ear, for the script and the screen; the measures use their own, offline. */
  | { readonly type: 'agent-starts'; readonly atMs: number }
  | { readonly type: 'agent-finishes'; readonly atMs: number }
  /** The caller pressed a key. */
  | { readonly type: 'dtmf'; readonly atMs: number; readonly digit: string }
  /** A step of the script waited in vain; the script went on. */
  | { readonly type: 'wait-timeout'; readonly atMs: number; readonly step: number }
  | { readonly type: 'lint'; readonly atMs: number; readonly finding: LintFinding }
  /** Something that was asked to go wrong begins or ends; or what became of a duplicate stream. */
  | {
      readonly type: 'fault';
      readonly atMs: number;
      readonly fault: FaultType;
      readonly phase: 'begins' | 'ends';
      readonly text?: string;
    }
  /** This machine is late: of the last frames, so many were sent more than `limitMs` after their time. */
  | {
      readonly type: 'behind';
      readonly atMs: number;
      readonly lateFrames: number;
      readonly frames: number;
      readonly limitMs: number;
      readonly worstMs: number;
    }
  | { readonly type: 'stop'; readonly atMs: number }
  | { readonly type: 'closed'; readonly atMs: number; readonly code: number; readonly by: 'phone' | 'server' };

/** A run of received bytes that was played without a hole: what the caller heard, and when. */
export interface HeardSpan {
  /** Place of the first byte in the stream of received agent audio. */
  readonly streamOffset: number;
  readonly bytes: number;
  /** When the first byte of it left the playout buffer; byte n follows n/8 ms later. */
  readonly playedAtMs: number;
}

/** A `media` message as it arrived. */
export interface ReceivedChunk {
  readonly streamOffset: number;
  readonly bytes: number;
  readonly atMs: number;
}

/** A stretch of labelled caller speech, to the sample. */
export interface CallerSpeech {
  readonly step: number;
  readonly startMs: number;
  readonly endMs: number;
  /** When the frames that carry the first and the last sample are due: up to 20 ms later, when the frame is full. */
  readonly startSentMs?: number;
  readonly endSentMs?: number;
  /** The script meant this to speak over the agent. */
  readonly interrupts: boolean;
  readonly text?: string;
}

/** How well the phone kept its own schedule: actual minus due time of every caller frame. */
export interface Pacing {
  readonly frames: number;
  readonly lateMs: Float64Array;
  /** Frames that were so late that they went out together with their successor. */
  readonly bunched: number;
}

/** `fault`: a fault that was asked for ended it. */
export type EndReason = 'fault' | 'hangup' | 'server-closed' | 'connection-lost' | 'max-duration' | 'aborted';

/** Everything a call left in memory. All times are on the clock the phone was given. */
export interface CallRecord {
  readonly url: string;
  readonly callSid: string;
  readonly streamSid: string;
  /** When `start` was written. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly endReason: EndReason;
  /** Caller audio as sent and agent audio as heard, both µ-law 8 kHz, sample 0 at `startedAtMs`, silence filled in. */
  readonly callerLane: Uint8Array;
  readonly heardLane: Uint8Array;
  /** All agent audio in the order received, decoded from base64, played or not. */
  readonly received: Uint8Array;
  readonly receivedChunks: readonly ReceivedChunk[];
  readonly heard: readonly HeardSpan[];
  readonly speech: readonly CallerSpeech[];
  readonly events: readonly PhoneEvent[];
  readonly lint: readonly LintFinding[];
  /** How often each lint rule was broken; `lint` keeps only the first findings of a server that goes on and on. */
  readonly lintCounts?: Readonly<Record<string, number>>;
  readonly pacing: Pacing;
  /** Files written, when an output directory was given. */
  readonly files?: { readonly directory: string; readonly wav: string; readonly events: string };
}
