import type { WordTiming } from './words.js';

/**
 * What the simulated model did and saw, with the time on the clock it was given. The bench reads it as the truth of the
 * model's end: which audio was made, which reached it, and what it was told about how much was heard.
 */
export type ModelTraceEvent =
  /** `number`: of the sessions since the model was started, from 1. `resumed`: it goes on with an earlier conversation. */
  | {
      readonly type: 'session';
      readonly atMs: number;
      readonly sessionId: string;
      readonly number?: number;
      readonly resumed?: true;
    }
  /** The session was configured: first accepted session.update. */
  | {
      readonly type: 'configured';
      readonly atMs: number;
      readonly sessionId: string;
      readonly input: string;
      readonly output: string;
      /** Of a trace whose audio was converted: a sound stands so much later in it than in what the model sent. */
      readonly behindMs?: number;
    }
  /** Caller audio arrived: base64 as it came; `offsetMs` is its place in the appended audio. */
  | {
      readonly type: 'append';
      readonly atMs: number;
      readonly sessionId: string;
      readonly audio: string;
      readonly offsetMs: number;
    }
  | {
      readonly type: 'speech-started';
      readonly atMs: number;
      readonly sessionId: string;
      readonly itemId: string;
      readonly audioStartMs: number;
    }
  | {
      readonly type: 'speech-stopped';
      readonly atMs: number;
      readonly sessionId: string;
      readonly itemId: string;
      readonly audioEndMs: number;
    }
  | {
      readonly type: 'response-created';
      readonly atMs: number;
      readonly sessionId: string;
      readonly responseId: string;
      /** Instructions and tool choice of this response alone, when the client gave any. */
      readonly instructions?: string;
      readonly toolChoice?: string;
      /** It joins no conversation. */
      readonly outOfBand?: true;
    }
  /** Something begins to be said. `words` say where in its audio each word lies: see `wordsUpTo`. */
  | {
      readonly type: 'item-started';
      readonly atMs: number;
      readonly sessionId: string;
      readonly responseId: string;
      readonly itemId: string;
      readonly outputIndex: number;
      readonly text: string;
      readonly words?: readonly WordTiming[];
      /** How long it is when nothing cuts it short. */
      readonly totalMs: number;
    }
  /** Audio was written to the socket, base64 as sent. */
  | {
      readonly type: 'delta';
      readonly atMs: number;
      readonly sessionId: string;
      readonly responseId: string;
      readonly itemId: string;
      readonly contentIndex: number;
      readonly audio: string;
    }
  | {
      readonly type: 'item-done';
      readonly atMs: number;
      readonly sessionId: string;
      readonly itemId: string;
      readonly status: 'completed' | 'incomplete';
    }
  | {
      readonly type: 'response-done';
      readonly atMs: number;
      readonly sessionId: string;
      readonly responseId: string;
      readonly status: 'completed' | 'cancelled' | 'incomplete' | 'failed';
      /** Why, in the service's own word, when it is not completed. */
      readonly reason?: string;
    }
  /** The model has called a function, or was interrupted while it wrote the arguments. */
  | {
      readonly type: 'tool-called';
      readonly atMs: number;
      readonly sessionId: string;
      readonly responseId: string;
      readonly itemId: string;
      readonly callId: string;
      readonly name: string;
      readonly arguments: string;
      readonly status: 'completed' | 'incomplete';
    }
  /** A session.update was accepted: what the model has been told since. `tools` are names. */
  | {
      readonly type: 'session-updated';
      readonly atMs: number;
      readonly sessionId: string;
      readonly instructions: string;
      readonly tools: readonly string[];
      readonly toolChoice: string;
      readonly voice: string;
    }
  /** The client has put an item into the conversation: a message, or the output of a tool. */
  | {
      readonly type: 'item-created';
      readonly atMs: number;
      readonly sessionId: string;
      readonly itemId: string;
      readonly role: 'user' | 'assistant' | 'system' | 'function_call' | 'function_call_output';
      readonly text?: string;
      readonly callId?: string;
      /** Of the function whose output it is. */
      readonly name?: string;
    }
  | { readonly type: 'item-deleted'; readonly atMs: number; readonly sessionId: string; readonly itemId: string }
  /** The caller's words were written down, or could not be. */
  | {
      readonly type: 'transcribed';
      readonly atMs: number;
      readonly sessionId: string;
      readonly itemId: string;
      readonly transcript?: string;
      readonly failed?: string;
    }
  /** The script asks for something that this session cannot have: a function that was not declared. */
  | { readonly type: 'script-mistake'; readonly atMs: number; readonly sessionId: string; readonly message: string }
  | {
      readonly type: 'truncate';
      readonly atMs: number;
      readonly sessionId: string;
      readonly itemId: string;
      readonly audioEndMs: number;
      /** The error's message when it was refused. */
      readonly refused?: string;
    }
  | {
      readonly type: 'cancel';
      readonly atMs: number;
      readonly sessionId: string;
      readonly responseId?: string;
      readonly refused?: string;
    }
  /** With `beta: accept`: the client speaks the dead beta shape, which a header or its session.update tells. */
  | { readonly type: 'beta-shape'; readonly atMs: number; readonly sessionId: string; readonly by: 'header' | 'event' }
  /** An error event was sent to the client. */
  | {
      readonly type: 'error';
      readonly atMs: number;
      readonly sessionId: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'closed'; readonly atMs: number; readonly sessionId: string; readonly code: number };
