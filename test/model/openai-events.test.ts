import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openaiErrorKind, readOpenAIEvent } from '../../src/model/openai-events.js';

describe('reading events of OpenAI Realtime', () => {
  it.each([
    [
      '{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"fwB/AA=="}',
      { type: 'audio', responseId: 'resp_1', itemId: 'item_1', contentIndex: 0, payload: 'fwB/AA==' },
    ],
    [
      '{"type":"input_audio_buffer.speech_started","event_id":"event_2","audio_start_ms":1200,"item_id":"item_2"}',
      { type: 'speech-started' },
    ],
    [
      '{"type":"input_audio_buffer.speech_stopped","event_id":"event_3","audio_end_ms":2200,"item_id":"item_2"}',
      { type: 'speech-stopped' },
    ],
    [
      '{"type":"response.created","event_id":"event_4","response":{"object":"realtime.response","id":"resp_1","status":"in_progress"}}',
      { type: 'response-started', responseId: 'resp_1' },
    ],
    [
      '{"type":"response.output_item.done","event_id":"event_5","response_id":"resp_1","output_index":0,"item":{"id":"item_1","type":"message","status":"incomplete"}}',
      { type: 'item-done', responseId: 'resp_1', itemId: 'item_1' },
    ],
    [
      '{"type":"response.done","event_id":"event_6","response":{"object":"realtime.response","id":"resp_1","status":"cancelled","status_details":{"type":"cancelled","reason":"turn_detected"}}}',
      { type: 'response-done', responseId: 'resp_1', status: 'cancelled' },
    ],
    [
      '{"type":"error","event_id":"event_7","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"Cancellation failed: no active response found","param":null,"event_id":"vb_3"}}',
      {
        type: 'error',
        code: 'response_cancel_not_active',
        message: 'Cancellation failed: no active response found',
      },
    ],
    ['{"type":"session.created","event_id":"event_8","session":{}}', { type: 'session-created' }],
    ['{"type":"session.updated","event_id":"event_9","session":{}}', { type: 'session-updated' }],
    ['{"type":"rate_limits.updated","event_id":"event_10","rate_limits":[]}', { type: 'ignored' }],
    // The name the same event had before GA: not ours to play.
    ['{"type":"response.audio.delta","response_id":"r","item_id":"i","delta":"AAAA"}', { type: 'ignored' }],
    ['{"type":"response.output_audio.delta","response_id":1,"item_id":"i","delta":"AAAA"}', { type: 'ignored' }],
    ['{"type":"response.created"}', { type: 'ignored' }],
    ['null', { type: 'ignored' }],
    ['[]', { type: 'ignored' }],
    ['', { type: 'ignored' }],
    ['{"type":', { type: 'ignored' }],
  ])('reads %s', (text, event) => {
    expect(readOpenAIEvent(text)).toEqual(event);
  });

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readOpenAIEvent(text)));
    const shaped = fc.record({
      type: fc.constantFrom('response.created', 'response.done', 'error', 'response.output_item.done'),
      response: fc.jsonValue(),
      error: fc.jsonValue(),
      item: fc.jsonValue(),
      response_id: fc.jsonValue(),
    });
    fc.assert(fc.property(shaped, (event) => void readOpenAIEvent(JSON.stringify(event))));
  });
});

describe('errors of OpenAI Realtime', () => {
  it.each([
    ['response_cancel_not_active', '', 'benign'],
    ['conversation_already_has_active_response', '', 'benign'],
    ['item_truncate_invalid_item_id', '', 'benign'],
    ['input_audio_buffer_commit_empty', '', 'benign'],
    ['invalid_value', 'Audio content of 1234ms is already shorter than 2000ms', 'benign'],
    ['invalid_value', 'Invalid value', 'other'],
    ['invalid_api_key', '', 'fatal'],
    ['session_expired', '', 'fatal'],
    ['beta_api_shape_disabled', '', 'fatal'],
  ] as const)('takes %s (%s) for %s', (code, message, kind) => {
    expect(openaiErrorKind(code, message)).toBe(kind);
  });
});
