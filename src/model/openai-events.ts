import type { ModelEvent, ResponseStatus } from './model.js';

/** A server event of OpenAI Realtime, read as far as the relay needs it. */
export type OpenAIEvent =
  | Exclude<ModelEvent, { type: 'ready' | 'closed' | 'error' }>
  | { readonly type: 'session-created' }
  | { readonly type: 'session-updated' }
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  /** Not for us, not understood, or not JSON: new event types appear without notice. */
  | { readonly type: 'ignored' };

const IGNORED: OpenAIEvent = { type: 'ignored' };

/**
 * Reads one message of the model. Never throws: whatever a model sends, the call goes on.
 * Source: the server events of `openai/resources/realtime`.
 */
export function readOpenAIEvent(text: string): OpenAIEvent {
  let message: Record<string, unknown>;
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
    case 'input_audio_buffer.speech_started':
      return { type: 'speech-started' };
    case 'input_audio_buffer.speech_stopped':
      return { type: 'speech-stopped' };
    case 'response.created': {
      const id = property(message.response, 'id');
      return typeof id === 'string' ? { type: 'response-started', responseId: id } : IGNORED;
    }
    case 'response.output_item.done': {
      const itemId = property(message.item, 'id');
      if (typeof itemId !== 'string' || typeof message.response_id !== 'string') return IGNORED;
      return { type: 'item-done', responseId: message.response_id, itemId };
    }
    case 'response.done': {
      const id = property(message.response, 'id');
      if (typeof id !== 'string') return IGNORED;
      return { type: 'response-done', responseId: id, status: readStatus(property(message.response, 'status')) };
    }
    case 'session.created':
      return { type: 'session-created' };
    case 'session.updated':
      return { type: 'session-updated' };
    case 'error': {
      const code = property(message.error, 'code') ?? property(message.error, 'type');
      const text = property(message.error, 'message');
      return {
        type: 'error',
        code: typeof code === 'string' ? code : 'unknown',
        message: typeof text === 'string' ? text : 'without a message',
      };
    }
    default:
      return IGNORED;
  }
}

const FATAL = new Set([
  'invalid_api_key',
  'insufficient_quota',
  'model_not_found',
  'beta_api_shape_disabled',
  'session_expired',
]);

/** Errors of events that crossed on the wire: the other side had already done, or ended, what was asked. */
const BENIGN = new Set([
  'response_cancel_not_active',
  'conversation_already_has_active_response',
  'item_truncate_invalid_item_id',
  'input_audio_buffer_commit_empty',
]);

export function openaiErrorKind(code: string, message: string): 'fatal' | 'benign' | 'other' {
  if (FATAL.has(code)) return 'fatal';
  if (BENIGN.has(code) || /already shorter than/.test(message)) return 'benign';
  return 'other';
}

function readStatus(status: unknown): ResponseStatus {
  return status === 'completed' || status === 'cancelled' || status === 'incomplete' ? status : 'failed';
}

function property(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}
