import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOpenAIEvent } from '../../src/model/openai-events.js';

describe('reading events of OpenAI Realtime', () => {
  it.each([
    [
      '{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"fwB/AA=="}',
      { type: 'audio', responseId: 'resp_1', itemId: 'item_1', contentIndex: 0, payload: 'fwB/AA==' },
    ],
    [
      '{"type":"input_audio_buffer.speech_started","event_id":"event_2","audio_start_ms":1200,"item_id":"item_2"}',
      { type: 'speech-started', itemId: 'item_2', atMs: 1200 },
    ],
    [
      '{"type":"input_audio_buffer.speech_stopped","event_id":"event_3","audio_end_ms":2200,"item_id":"item_2"}',
      { type: 'speech-stopped', itemId: 'item_2', atMs: 2200 },
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
      { type: 'response-done', responseId: 'resp_1', status: 'cancelled', reason: 'turn_detected' },
    ],
    [
      '{"type":"response.done","event_id":"event_6","response":{"object":"realtime.response","id":"resp_1","status":"completed","status_details":null,"usage":{"total_tokens":200,"input_tokens":120,"output_tokens":80,"input_token_details":{"text_tokens":20,"audio_tokens":100,"cached_tokens":64},"output_token_details":{"text_tokens":10,"audio_tokens":70}}}}',
      {
        type: 'response-done',
        responseId: 'resp_1',
        status: 'completed',
        usage: { inputTokens: 120, outputTokens: 80, inputAudioTokens: 100, outputAudioTokens: 70, cachedTokens: 64 },
      },
    ],
    [
      '{"type":"response.done","response":{"id":"resp_1","status":"failed","status_details":{"type":"failed","error":{"type":"server_error","code":"rate_limit_exceeded","message":"Slow down."}},"usage":{"output_tokens":"many"}}}',
      { type: 'response-done', responseId: 'resp_1', status: 'failed', reason: 'rate_limit_exceeded' },
    ],
    [
      '{"type":"response.done","response":{"id":"resp_1","status":"incomplete","status_details":{"type":"incomplete","reason":"max_output_tokens"}}}',
      { type: 'response-done', responseId: 'resp_1', status: 'incomplete', reason: 'max_output_tokens' },
    ],
    [
      '{"type":"response.output_audio_transcript.delta","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":" order"}',
      { type: 'agent-text', responseId: 'resp_1', itemId: 'item_1', contentIndex: 0, delta: ' order' },
    ],
    [
      '{"type":"conversation.item.input_audio_transcription.delta","item_id":"item_1","content_index":0,"delta":"My"}',
      { type: 'caller-delta', itemId: 'item_1', delta: 'My' },
    ],
    // xAI: the whole of it so far, each time.
    [
      '{"type":"conversation.item.input_audio_transcription.updated","item_id":"item_1","transcript":"My order"}',
      { type: 'caller-text', itemId: 'item_1', text: 'My order', final: false },
    ],
    [
      '{"type":"conversation.item.input_audio_transcription.completed","item_id":"item_1","content_index":0,"transcript":"My order?","usage":{}}',
      { type: 'caller-text', itemId: 'item_1', text: 'My order?', final: true },
    ],
    [
      '{"type":"conversation.item.input_audio_transcription.failed","item_id":"item_1","content_index":0,"error":{"type":"transcription_error","code":"audio_unintelligible","message":"No words."}}',
      { type: 'error', code: 'transcription_failed', message: 'No words.' },
    ],
    [
      '{"type":"response.output_item.done","response_id":"resp_1","output_index":1,"item":{"id":"item_2","type":"function_call","status":"completed","call_id":"call_1","name":"lookup","arguments":"{}"}}',
      { type: 'tool-call', responseId: 'resp_1', itemId: 'item_2', callId: 'call_1', name: 'lookup', args: '{}' },
    ],
    [
      '{"type":"response.output_item.done","response_id":"resp_1","output_index":1,"item":{"id":"item_2","type":"function_call","status":"incomplete","call_id":"call_1","name":"lookup","arguments":"{"}}',
      { type: 'ignored' },
    ],
    // Without the item's end in output_item.done nothing is known of how it ended.
    [
      '{"type":"response.function_call_arguments.done","response_id":"resp_1","item_id":"item_2","call_id":"call_1","name":"lookup","arguments":"{}"}',
      { type: 'ignored' },
    ],
    [
      '{"type":"rate_limits.updated","rate_limits":[{"name":"requests","limit":1000,"remaining":999,"reset_seconds":60},{"name":"tokens","limit":50000}]}',
      { type: 'rate-limits', limits: [{ name: 'requests', remaining: 999, resetSeconds: 60 }] },
    ],
    [
      '{"type":"session.created","session":{"expires_at":1790000000}}',
      { type: 'session-created', expiresAtSeconds: 1_790_000_000 },
    ],
    [
      '{"type":"session.updated","session":{"audio":{"input":{"format":{"type":"audio/pcmu"}}}}}',
      { type: 'session-updated', format: 'audio/pcmu' },
    ],
    [
      '{"type":"conversation.created","conversation":{"id":"conv_1","object":"realtime.conversation"}}',
      { type: 'conversation-created', conversationId: 'conv_1' },
    ],
    [
      '{"type":"error","event_id":"event_7","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"Cancellation failed: no active response found","param":null,"event_id":"vb_3"}}',
      {
        type: 'error',
        code: 'response_cancel_not_active',
        message: 'Cancellation failed: no active response found',
        eventId: 'vb_3',
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
      type: fc.constantFrom(
        ...['response.created', 'response.done', 'error', 'response.output_item.done', 'rate_limits.updated'],
        ...['session.created', 'session.updated', 'conversation.created', 'input_audio_buffer.speech_started'],
      ),
      response: fc.jsonValue(),
      error: fc.jsonValue(),
      item: fc.jsonValue(),
      session: fc.jsonValue(),
      conversation: fc.jsonValue(),
      rate_limits: fc.array(fc.jsonValue()),
      response_id: fc.jsonValue(),
    });
    fc.assert(fc.property(shaped, (event) => void readOpenAIEvent(JSON.stringify(event))));
  });
});
