import type { AudioFormat } from '../audio/format.js';

/**
 * Who repairs what when the caller interrupts.
 * `client`: we clear, cancel and truncate. `server-event`: we clear, the server repairs its own memory.
 * `duplex`: nobody interrupts, we only control lag. `pipeline`: we abort our own stages.
 */
export type Interruption = 'client' | 'server-event' | 'duplex' | 'pipeline';

export type ResponseStatus = 'completed' | 'cancelled' | 'incomplete' | 'failed';

/** What a model tells the session. */
export type ModelEvent =
  /** Configured: audio may be sent. */
  | { readonly type: 'ready' }
  | { readonly type: 'speech-started' }
  | { readonly type: 'speech-stopped' }
  | { readonly type: 'response-started'; readonly responseId: string }
  /** `payload` is base64 in the connection's output format. */
  | {
      readonly type: 'audio';
      readonly responseId: string;
      readonly itemId: string;
      readonly contentIndex: number;
      readonly payload: string;
    }
  | { readonly type: 'item-done'; readonly responseId: string; readonly itemId: string }
  | { readonly type: 'response-done'; readonly responseId: string; readonly status: ResponseStatus }
  /** An error that answers something we sent, or that the call survives. */
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly benign: boolean }
  /** The connection is gone, once, whatever the cause; nothing follows. */
  | { readonly type: 'closed'; readonly reason: string };

/** One conversation with a model, opened for one call. Methods do nothing once it is closed. */
export interface ModelConnection {
  readonly interruption: Interruption;
  /** Audio the model takes and gives. */
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  /** The model ends its own response when it hears speech. */
  readonly cancelsOnSpeech: boolean;
  /** Caller audio, base64 in the input format. Called per frame. */
  audio(payload: string): void;
  /** Asks for a response; `instructions` for this one only. */
  respond(instructions?: string): void;
  cancel(responseId: string): void;
  truncate(itemId: string, contentIndex: number, audioEndMs: number): void;
  /** Adds something the caller did or said in text, without asking for a response. */
  addUserText(text: string): void;
  close(): void;
}

/** Opens a model for one call. Events arrive after the function has returned, never inside it. */
export type OpenModel = (onEvent: (event: ModelEvent) => void) => ModelConnection;
