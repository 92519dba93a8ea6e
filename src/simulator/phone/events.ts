import type { FaultType } from './faults.js';
import type { SoundKind } from './labels.js';
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
  /** The caller is heard with something that is not meant for the agent: it ends at `endMs`. */
  | {
      readonly type: 'caller-sound';
      readonly atMs: number;
      readonly step: number;
      readonly kind: SoundKind;
      readonly endMs: number;
    }
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
  /** What the script expected of the agent was met, or not. */
  | ({ readonly type: 'expectation' } & Expectation)
  /** The script cut the connection, without `stop`. */
  | { readonly type: 'drop'; readonly atMs: number }
  /** A new stream of the same call is open; the caller's lane goes on with sample number `laneSample`. */
  | { readonly type: 'reconnect'; readonly atMs: number; readonly streamSid: string; readonly laneSample: number }
  /** A stream has ended and the call goes on; `code` is how the server closed it. Only in calls that began at a webhook. */
  | { readonly type: 'stream-ended'; readonly atMs: number; readonly by: 'phone' | 'server'; readonly code?: number }
  /** The call asked its server: the webhook, an action, a status callback. */
  | {
      readonly type: 'webhook';
      readonly atMs: number;
      readonly what: 'voice' | 'action' | 'redirect' | 'fallback' | 'play' | 'call-status' | 'stream-status';
      readonly method: 'GET' | 'POST';
      readonly url: string;
      readonly tookMs: number;
      /** HTTP status; absent when there was no answer. */
      readonly status?: number;
      /** What was told: a CallStatus, or a StreamEvent. */
      readonly tells?: string;
    }
  /** The call does what a verb of its TwiML says. */
  | { readonly type: 'verb'; readonly atMs: number; readonly verb: string; readonly text: string }
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

/** Something the caller was heard with that is not meant for the agent: it should not stop for it. */
export interface CallerSound {
  readonly step: number;
  readonly kind: SoundKind;
  /** Name of the file, or of the sound; absent in records of earlier versions. */
  readonly clip?: string;
  readonly startMs: number;
  readonly endMs: number;
  /** As in `CallerSpeech`. */
  readonly startSentMs: number;
  readonly endSentMs: number;
}

/** One `expect` of a script, and what came of it. */
export interface Expectation {
  readonly step: number;
  /** Of the call.yaml, when there is one. */
  readonly line?: number;
  /** "the agent speaks within 800 ms" */
  readonly expected: string;
  /** "it spoke after 623 ms" */
  readonly found: string;
  readonly ok: boolean;
  /** When it was decided. */
  readonly atMs: number;
}

/** How well the phone kept its own schedule: actual minus due time of every caller frame. */
export interface Pacing {
  readonly frames: number;
  readonly lateMs: Float64Array;
  /** Frames that were so late that they went out together with their successor. */
  readonly bunched: number;
}

/** `fault`: a fault that was asked for ended it. `dropped`: the script did. */
export type EndReason =
  | 'fault'
  | 'dropped'
  | 'hangup'
  | 'server-closed'
  | 'connection-lost'
  | 'max-duration'
  | 'aborted';

/** Everything a call left in memory. All times are on the clock the phone was given. */
export interface CallRecord {
  readonly url: string;
  readonly callSid: string;
  /** Of the first stream. */
  readonly streamSid: string;
  /** All streams of the call, the first one included, in order; absent when it had one. */
  readonly streamSids?: readonly string[];
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
  /** What else the caller was heard with; absent in records of earlier versions. */
  readonly sounds?: readonly CallerSound[];
  /** What the script expected, in the order it was decided; absent when it expected nothing. */
  readonly expectations?: readonly Expectation[];
  readonly events: readonly PhoneEvent[];
  readonly lint: readonly LintFinding[];
  /** How often each lint rule was broken; `lint` keeps only the first findings of a server that goes on and on. */
  readonly lintCounts?: Readonly<Record<string, number>>;
  readonly pacing: Pacing;
  /** Files written, when an output directory was given. */
  readonly files?: { readonly directory: string; readonly wav: string; readonly events: string };
}
