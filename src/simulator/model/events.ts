/**
 * What the simulated model did and saw, with the time on the clock it was given. The bench reads it as the truth of the
 * model's end: which audio was made, which reached it, and what it was told about how much was heard.
 */
export type ModelTraceEvent =
  | { readonly type: 'session'; readonly atMs: number; readonly sessionId: string }
  /** The session was configured: first accepted session.update. */
  | {
      readonly type: 'configured';
      readonly atMs: number;
      readonly sessionId: string;
      readonly input: string;
      readonly output: string;
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
    }
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
  /** An error event was sent to the client. */
  | {
      readonly type: 'error';
      readonly atMs: number;
      readonly sessionId: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'closed'; readonly atMs: number; readonly sessionId: string; readonly code: number };
