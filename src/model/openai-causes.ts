import type { ClosedCause } from './model.js';

/** Nothing that is sent again in the same way will be accepted. */
const REFUSED = new Set([
  'invalid_api_key',
  'insufficient_quota',
  'model_not_found',
  'beta_api_shape_disabled',
  'billing_hard_limit_reached',
  'account_deactivated',
]);

/** Passing states of the service. */
const BUSY = new Set(['rate_limit_exceeded', 'server_error', 'overloaded', 'service_unavailable']);

/** Errors of events that crossed on the wire: the other side had already done, or ended, what was asked. */
const BENIGN = new Set([
  'response_cancel_not_active',
  'conversation_already_has_active_response',
  'item_truncate_invalid_item_id',
  'item_delete_invalid_item_id',
  'input_audio_buffer_commit_empty',
  'transcription_failed',
]);

/** `fatal`: the session is over, or was never allowed. `other`: told to the log, survived by the call. */
export function openaiErrorKind(code: string, message: string): 'fatal' | 'benign' | 'other' {
  if (REFUSED.has(code) || code === 'session_expired') return 'fatal';
  if (BENIGN.has(code) || /already shorter than/.test(message)) return 'benign';
  return 'other';
}

/** Why a session ended, or never began, that the model spoke of with this error. */
export function causeOfError(code: string): ClosedCause {
  if (code === 'session_expired') return 'expired';
  return BUSY.has(code) ? 'busy' : 'refused';
}

/** Why the handshake was answered with HTTP. `code` is of the error object in the body, if it had one. */
export function causeOfStatus(status: number | undefined, code?: string): ClosedCause {
  if (code !== undefined && REFUSED.has(code)) return 'refused';
  if (status === undefined || status === 408 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

/**
 * Why the socket was closed. OpenAI closes with 3000 for a key and 4000 for a request that it does not take, and repeats
 * the code of the error in the reason; 1001 when the session is over, or when the server goes away.
 */
export function causeOfClose(code: number, reason: string, isPastExpiry: boolean): ClosedCause {
  if (code === 1001 && (isPastExpiry || reason.includes('expired'))) return 'expired';
  if (code === 3000 || code === 3003 || code === 4000 || code === 1008) return 'refused';
  return code === 1012 || code === 1013 ? 'busy' : 'lost';
}

/** A certificate that is not trusted stays so; everything else about a network may be gone in a second. */
export function causeOfSocketError(code: string): ClosedCause {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? 'refused' : 'lost';
}

/** For the log. What a service says about a key repeats a part of it. */
export function reasonOfError(code: string, message: string): string {
  return code === 'invalid_api_key' ? code : `${code}: ${message}`;
}
