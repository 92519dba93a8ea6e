import type { ModelEvent, ResponseStatus, Usage } from './model.js';

/** A server event of OpenAI Realtime, read as far as the relay needs it. */
export type OpenAIEvent =
  | Exclude<ModelEvent, { type: 'ready' | 'closed' | 'error' }>
  /** Unix time in seconds. */
  | { readonly type: 'session-created'; readonly expiresAtSeconds?: number }
  /** The name of the input format that the model says it has now. */
  | { readonly type: 'session-updated'; readonly format?: string }
  /** xAI's name for the conversation, by which it can be resumed. */
  | { readonly type: 'conversation-created'; readonly conversationId: string }
  /** A further piece of the caller's words: the text so far is the connection's to keep. */
  | { readonly type: 'caller-delta'; readonly itemId: string; readonly delta: string }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      /** The property of our message that was wrong. */
      readonly param?: string;
      /** The `event_id` of our message. */
      readonly eventId?: string;
    }
  /** Not for us, not understood, or not JSON: new event types appear without notice. */
  | { readonly type: 'ignored' };

const IGNORED: OpenAIEvent = { type: 'ignored' };

/**
 * Reads one message of the model. Never throws: whatever a model sends, the call goes on.
 * Source: the server events of `openai/resources/realtime`; `.updated` is xAI's.
 *
 * Half a second of µ-law, 5.5 kB, takes 3.0 µs from bytes to event; cutting the strings out without JSON.parse takes 1.1.
 * At two such deltas a second and call that is not worth a second reader.
 */
export function readOpenAIEvent(text: string): OpenAIEvent {
  let message: Json;
  try {
    message = JSON.parse(text);
  } catch {
    return IGNORED;
  }
  if (message === null || typeof message !== 'object') return IGNORED;
  switch (message.type) {
    case 'response.output_audio.delta': {
      const { response_id, item_id, content_index, delta } = message;
      if (typeof response_id !== 'string' || typeof item_id !== 'string' || typeof delta !== 'string') return IGNORED;
      const contentIndex = typeof content_index === 'number' ? content_index : 0;
      return { type: 'audio', responseId: response_id, itemId: item_id, contentIndex, payload: delta };
    }
    case 'response.output_audio_transcript.delta': {
      const { response_id, item_id, content_index, delta } = message;
      if (typeof response_id !== 'string' || typeof item_id !== 'string' || typeof delta !== 'string') return IGNORED;
      const contentIndex = typeof content_index === 'number' ? content_index : 0;
      return { type: 'agent-text', responseId: response_id, itemId: item_id, contentIndex, delta };
    }
    case 'input_audio_buffer.speech_started':
      return { type: 'speech-started', ...place(message.item_id, message.audio_start_ms) };
    case 'input_audio_buffer.speech_stopped':
      return { type: 'speech-stopped', ...place(message.item_id, message.audio_end_ms) };
    case 'response.created': {
      const id = property(message.response, 'id');
      return typeof id === 'string' ? { type: 'response-started', responseId: id } : IGNORED;
    }
    case 'response.output_item.done':
      return readItemDone(message);
    case 'response.done':
      return readResponseDone(message.response);
    case 'conversation.item.input_audio_transcription.delta': {
      const { item_id, delta } = message;
      if (typeof item_id !== 'string' || typeof delta !== 'string') return IGNORED;
      return { type: 'caller-delta', itemId: item_id, delta };
    }
    case 'conversation.item.input_audio_transcription.updated':
    case 'conversation.item.input_audio_transcription.completed': {
      const { item_id, transcript } = message;
      if (typeof item_id !== 'string' || typeof transcript !== 'string') return IGNORED;
      return { type: 'caller-text', itemId: item_id, text: transcript, final: message.type.endsWith('completed') };
    }
    case 'conversation.item.input_audio_transcription.failed':
      return { ...readError(message.error), code: 'transcription_failed' };
    case 'rate_limits.updated':
      return readLimits(message.rate_limits);
    case 'session.created': {
      const expiresAt = property(message.session, 'expires_at');
      return { type: 'session-created', ...(isPositive(expiresAt) && { expiresAtSeconds: expiresAt }) };
    }
    case 'session.updated': {
      const format = property(property(property(property(message.session, 'audio'), 'input'), 'format'), 'type');
      return { type: 'session-updated', ...(typeof format === 'string' && { format }) };
    }
    case 'conversation.created': {
      const id = property(message.conversation, 'id');
      return typeof id === 'string' ? { type: 'conversation-created', conversationId: id } : IGNORED;
    }
    case 'error':
      return readError(message.error);
    default:
      return IGNORED;
  }
}

/** A function call has no audio: the ledger of what was heard must not meet it. Only finished ones may be run. */
function readItemDone({ item, response_id }: Json): OpenAIEvent {
  const itemId = property(item, 'id');
  if (typeof itemId !== 'string' || typeof response_id !== 'string') return IGNORED;
  const type = property(item, 'type');
  if (type === 'message') return { type: 'item-done', responseId: response_id, itemId };
  const callId = property(item, 'call_id');
  const name = property(item, 'name');
  const args = property(item, 'arguments');
  if (type !== 'function_call' || property(item, 'status') !== 'completed') return IGNORED;
  if (typeof callId !== 'string' || typeof name !== 'string' || typeof args !== 'string') return IGNORED;
  return { type: 'tool-call', responseId: response_id, itemId, callId, name, args };
}

function readResponseDone(response: unknown): OpenAIEvent {
  const id = property(response, 'id');
  if (typeof id !== 'string') return IGNORED;
  const details = property(response, 'status_details');
  const error = property(details, 'error');
  const reason = property(error, 'code') ?? property(error, 'type') ?? property(details, 'reason');
  const usage = readUsage(property(response, 'usage'));
  return {
    type: 'response-done',
    responseId: id,
    status: readStatus(property(response, 'status')),
    ...(typeof reason === 'string' && { reason }),
    ...(usage && { usage }),
  };
}

/** What is not a known end is one without an answer. */
function readStatus(status: unknown): ResponseStatus {
  return status === 'completed' || status === 'cancelled' || status === 'incomplete' ? status : 'failed';
}

function readUsage(usage: unknown): Usage | undefined {
  const input = property(usage, 'input_token_details');
  const counts: [keyof Usage, unknown][] = [
    ['inputTokens', property(usage, 'input_tokens')],
    ['outputTokens', property(usage, 'output_tokens')],
    ['inputAudioTokens', property(input, 'audio_tokens')],
    ['outputAudioTokens', property(property(usage, 'output_token_details'), 'audio_tokens')],
    ['cachedTokens', property(input, 'cached_tokens')],
  ];
  const known = counts.filter(([, count]) => isCount(count));
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

function readLimits(limits: unknown): OpenAIEvent {
  if (!Array.isArray(limits)) return IGNORED;
  const complete = limits.flatMap((limit) => {
    const name = property(limit, 'name');
    const remaining = property(limit, 'remaining');
    const resetSeconds = property(limit, 'reset_seconds');
    return typeof name === 'string' && isCount(remaining) && isCount(resetSeconds)
      ? [{ name, remaining, resetSeconds }]
      : [];
  });
  return complete.length > 0 ? { type: 'rate-limits', limits: complete } : IGNORED;
}

function readError(error: unknown): OpenAIEvent & { type: 'error' } {
  const code = property(error, 'code') ?? property(error, 'type');
  const text = property(error, 'message');
  const param = property(error, 'param');
  const eventId = property(error, 'event_id');
  return {
    type: 'error',
    code: typeof code === 'string' ? code : 'unknown',
    message: typeof text === 'string' ? text : 'without a message',
    ...(typeof param === 'string' && { param }),
    ...(typeof eventId === 'string' && { eventId }),
  };
}

function place(itemId: unknown, atMs: unknown): { itemId?: string; atMs?: number } {
  return { ...(typeof itemId === 'string' && { itemId }), ...(isCount(atMs) && { atMs }) };
}

type Json = Record<string, unknown>;

function property(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Json)[name] : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isPositive(value: unknown): value is number {
  return isCount(value) && value > 0;
}
