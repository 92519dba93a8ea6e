import { describe, expect, it } from 'vitest';
import {
  causeOfClose,
  causeOfError,
  causeOfSocketError,
  causeOfStatus,
  openaiErrorKind,
  reasonOfError,
} from '../../src/model/openai-causes.js';

describe('errors of OpenAI Realtime', () => {
  it.each([
    ['response_cancel_not_active', '', 'benign'],
    ['conversation_already_has_active_response', '', 'benign'],
    ['item_truncate_invalid_item_id', '', 'benign'],
    ['input_audio_buffer_commit_empty', '', 'benign'],
    ['invalid_value', 'Audio content of 1234ms is already shorter than 2000ms', 'benign'],
    ['invalid_value', 'Invalid value', 'other'],
    ['rate_limit_exceeded', '', 'other'],
    ['invalid_api_key', '', 'fatal'],
    ['session_expired', '', 'fatal'],
    ['beta_api_shape_disabled', '', 'fatal'],
  ] as const)('takes %s (%s) for %s', (code, message, kind) => {
    expect(openaiErrorKind(code, message)).toBe(kind);
  });

  it.each([
    ['session_expired', 'expired'],
    ['rate_limit_exceeded', 'busy'],
    ['server_error', 'busy'],
    ['invalid_api_key', 'refused'],
    ['never_heard_of', 'refused'],
  ] as const)('sees in %s that the session is %s', (code, cause) => {
    expect(causeOfError(code)).toBe(cause);
  });

  it('repeats nothing that a service says about a key', () => {
    expect(reasonOfError('invalid_api_key', 'Incorrect API key provided: sk-12***.')).toBe('invalid_api_key');
    expect(reasonOfError('server_error', 'Sorry.')).toBe('server_error: Sorry.');
  });
});

describe('why a connection is gone', () => {
  it.each([
    [400, undefined, 'refused'],
    [401, undefined, 'refused'],
    [404, undefined, 'refused'],
    [408, undefined, 'busy'],
    [429, undefined, 'busy'],
    [429, 'insufficient_quota', 'refused'],
    [500, undefined, 'busy'],
    [503, 'overloaded', 'busy'],
    [undefined, undefined, 'busy'],
  ] as const)('takes HTTP %s with %s for %s', (status, code, cause) => {
    expect(causeOfStatus(status, code)).toBe(cause);
  });

  it.each([
    [1000, '', false, 'lost'],
    [1001, '', false, 'lost'],
    [1001, '', true, 'expired'],
    [1001, 'session_expired', false, 'expired'],
    [1006, '', true, 'lost'],
    [1011, '', false, 'lost'],
    [1013, '', false, 'busy'],
    [3000, 'invalid_request_error.invalid_api_key', false, 'refused'],
    [4000, '', false, 'refused'],
  ] as const)('takes close %i "%s" (past expiry: %s) for %s', (code, reason, isPastExpiry, cause) => {
    expect(causeOfClose(code, reason, isPastExpiry)).toBe(cause);
  });

  it.each([
    ['ECONNREFUSED', 'lost'],
    ['ENOTFOUND', 'lost'],
    ['CERT_HAS_EXPIRED', 'refused'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'refused'],
    ['', 'lost'],
  ] as const)('takes %s for %s', (code, cause) => {
    expect(causeOfSocketError(code)).toBe(cause);
  });
});
