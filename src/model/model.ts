import type { AudioFormat } from '../audio/format.js';

/**
 * Who repairs what when the caller interrupts.
 * `client`: we clear, cancel and truncate. `server-event`: we clear, the server repairs its own memory.
 * `duplex`: nobody interrupts, we only control lag. `pipeline`: we abort our own stages.
 */
export type Interruption = 'client' | 'server-event' | 'duplex' | 'pipeline';

export type ResponseStatus = 'completed' | 'cancelled' | 'incomplete' | 'failed';

/** Why a connection is gone. Only `lost` and `expired` and `busy` are worth another attempt with the same model. */
export type ClosedCause =
  /** The network, a server that went away, a ping without an answer, no session in time. */
  | 'lost'
  /** The session reached its longest time (OpenAI: 60 minutes). */
  | 'expired'
  /** Too many requests, or a server error at the handshake: the same again later may work. */
  | 'busy'
  /** Key, quota, model name, a session that was refused: trying again changes nothing. */
  | 'refused';

/** Tokens of one response, as the model counts them. Absent numbers are unknown, not 0. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly inputAudioTokens?: number;
  readonly outputAudioTokens?: number;
  readonly cachedTokens?: number;
}

/** What a model tells the session. */
export type ModelEvent =
  /** Configured and seeded: audio may be sent. */
  | {
      readonly type: 'ready';
      /** How long the session may still last, where the model says. */
      readonly expiresInMs?: number;
      /** The name under which the model can go on with this conversation after a lost connection (`ModelSession.resume`). */
      readonly conversationId?: string;
      /** It goes on with the conversation of `ModelSession.resume`: the history was not given to it again. */
      readonly resumed?: boolean;
    }
  /** `atMs`: place in the caller's audio, in milliseconds of what was sent, where the model says it knows. */
  | { readonly type: 'speech-started'; readonly itemId?: string; readonly atMs?: number }
  | { readonly type: 'speech-stopped'; readonly itemId?: string; readonly atMs?: number }
  | { readonly type: 'response-started'; readonly responseId: string }
  /** `payload` is base64 in the connection's output format. */
  | {
      readonly type: 'audio';
      readonly responseId: string;
      readonly itemId: string;
      readonly contentIndex: number;
      readonly payload: string;
    }
  /** The words of the audio, as far as the model has written them: comes before, with or after it. */
  | {
      readonly type: 'agent-text';
      readonly responseId: string;
      readonly itemId: string;
      readonly contentIndex: number;
      readonly delta: string;
    }
  /** What the caller said in one item; `text` is the whole of it so far and replaces what came before. */
  | { readonly type: 'caller-text'; readonly itemId: string; readonly text: string; readonly final: boolean }
  /** Only of calls that the model has finished; `args` is the JSON text it wrote, which need not be valid. */
  | {
      readonly type: 'tool-call';
      readonly responseId: string;
      readonly itemId: string;
      readonly callId: string;
      readonly name: string;
      readonly args: string;
    }
  | { readonly type: 'item-done'; readonly responseId: string; readonly itemId: string }
  | {
      readonly type: 'response-done';
      readonly responseId: string;
      readonly status: ResponseStatus;
      /** Why it failed or is incomplete, in the model's own word: `rate_limit_exceeded`, `max_output_tokens` … */
      readonly reason?: string;
      readonly usage?: Usage;
    }
  /** What is left of the account's limits. */
  | {
      readonly type: 'rate-limits';
      readonly limits: readonly { readonly name: string; readonly remaining: number; readonly resetSeconds: number }[];
    }
  /** An error that answers something we sent, or that the call survives. */
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly benign: boolean }
  /** The connection is gone, once, whatever the cause; nothing follows. */
  | { readonly type: 'closed'; readonly reason: string; readonly cause: ClosedCause };

/** A function the model may call. `parameters` is a JSON Schema of type object. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** How the model finds the turns of the caller. Absent numbers are the model's own defaults. */
export interface TurnDetection {
  readonly type: 'server_vad' | 'semantic_vad';
  /** server_vad only: 0 to 1. */
  readonly threshold?: number;
  readonly prefixPaddingMs?: number;
  /** server_vad only: silence that ends a turn. */
  readonly silenceMs?: number;
  /** server_vad only, 5000 to 30000: the model speaks up after so long without a word. */
  readonly idleTimeoutMs?: number;
  /** semantic_vad only. */
  readonly eagerness?: 'low' | 'medium' | 'high' | 'auto';
  /** The model answers by itself when the caller has finished; otherwise the session asks for every response. */
  readonly createsResponses: boolean;
  /** The model ends its own response when it hears speech; otherwise the session cancels. */
  readonly interruptsResponses: boolean;
}

/** Something said before, put into the memory of a session that continues a call: of the agent only what was heard. */
export interface HistoryLine {
  readonly role: 'caller' | 'agent' | 'system';
  readonly text: string;
}

/** What a model is to be for one call. Nothing in it depends on the provider. */
export interface ModelSession {
  readonly instructions: string;
  readonly voice?: string;
  readonly tools: readonly ModelTool[];
  readonly turnDetection: TurnDetection;
  readonly noiseReduction?: 'near_field' | 'far_field';
  /** Absent: the caller's words are not written down. `language` is ISO 639-1. */
  readonly transcription?: { readonly model?: string; readonly language?: string; readonly prompt?: string };
  readonly maxOutputTokens?: number;
  readonly history: readonly HistoryLine[];
  /** The `conversationId` of a lost connection. A model that cannot go on with it begins anew, with the history. */
  readonly resume?: string;
}

/** A change to a session that goes on. The voice is never part of it: models lock it with the first sound. */
export type SessionChange = Partial<Pick<ModelSession, 'instructions' | 'tools'>>;

/** One conversation with a model, opened for one call. Methods do nothing once it is closed. */
export interface ModelConnection {
  readonly interruption: Interruption;
  /** Audio the model takes and gives. */
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  /** The model ends its own response when it hears speech. */
  readonly cancelsOnSpeech: boolean;
  /** The model answers by itself when the caller has finished. */
  readonly answersByItself: boolean;
  /** Caller audio, base64 in the input format. Called per frame. */
  audio(payload: string): void;
  /** Asks for a response; `instructions` for this one only, `toolChoice: 'none'` keeps it from calling tools. */
  respond(options?: { readonly instructions?: string; readonly toolChoice?: 'none' }): void;
  cancel(responseId: string): void;
  truncate(itemId: string, contentIndex: number, audioEndMs: number): void;
  /** Adds a text to the conversation without asking for a response. */
  addText(line: HistoryLine): void;
  /** Answers a tool call, without asking for a response. */
  toolResult(callId: string, output: string): void;
  /** Speaks exactly this line, as a response that was not asked for. Only where the model can (xAI). */
  say?(line: string): void;
  /** Forgets an item, such as a cough that was taken for words. */
  deleteItem(itemId: string): void;
  update(change: SessionChange): void;
  close(): void;
}

/** Opens a model for one call. Events arrive after the function has returned, never inside it. */
export type OpenModel = (session: ModelSession, onEvent: (event: ModelEvent) => void) => ModelConnection;

/** A session that leaves everything to the model's own defaults. */
export function plainSession(instructions: string, voice?: string): ModelSession {
  return {
    instructions,
    ...(voice !== undefined && { voice }),
    tools: [],
    turnDetection: { type: 'server_vad', createsResponses: true, interruptsResponses: true },
    history: [],
  };
}
