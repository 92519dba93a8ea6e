import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/simulator/model/api-error.js';
import { eventIdOf, parseClientEvent } from '../../../src/simulator/model/strict.js';

function refusalOf(frame: string): { code: string | null; param: string | null; message: string } {
  try {
    parseClientEvent(frame);
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, param: error.param, message: error.message };
    throw error;
  }
  throw new Error(`accepted: ${frame}`);
}

describe('what a GA client sends', () => {
  // The first is what a relay opens with; the next two what @openai/agents-realtime sends on connect; then its interruption.
  const accepted = [
    '{"type":"session.update","event_id":"vb_1","session":{"type":"realtime","output_modalities":["audio"],"instructions":"…","audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"gpt-transcribe"},"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,"interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin"}},"tools":[{"type":"function","name":"transfer","description":"…","parameters":{"type":"object","properties":{}}}],"tool_choice":"auto"}}',
    '{"type":"session.update","session":{"type":"realtime","instructions":"Be kind.","model":"gpt-realtime","output_modalities":["audio"],"audio":{"input":{"format":{"type":"audio/pcmu"},"noise_reduction":null,"transcription":{"model":"gpt-4o-mini-transcribe"},"turn_detection":{"type":"semantic_vad"}},"output":{"format":{"type":"audio/pcmu"},"voice":"ash","speed":1}},"tool_choice":"auto","tools":[{"type":"function","name":"weather","description":"","parameters":{"type":"object","properties":{"place":{"type":"string"}},"required":["place"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}}]}}',
    '{"type":"session.update","session":{"type":"realtime","tracing":"auto"}}',
    '{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":1500}',
    '{"type":"conversation.item.retrieve","item_id":"item_1"}',
    '{"type":"input_audio_buffer.append","audio":"//////"}',
    '{"type":"input_audio_buffer.commit"}',
    '{"type":"input_audio_buffer.clear"}',
    '{"type":"response.create"}',
    '{"type":"response.create","response":{"instructions":"Greet the caller.","output_modalities":["text"],"conversation":"none","metadata":{"topic":"x"}}}',
    '{"type":"response.cancel","response_id":"resp_1"}',
    '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}}',
    '{"type":"conversation.item.create","previous_item_id":"root","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"Hi"}]}}',
    '{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi"}]}}',
    '{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"{}"}}',
    '{"type":"session.update","session":{"type":"realtime","max_output_tokens":"inf","truncation":{"type":"retention_ratio","retention_ratio":0.8},"tool_choice":{"type":"function","name":"weather"},"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"turn_detection":null},"output":{"voice":{"id":"voice_1234"}}}}}',
  ];

  it.each(accepted)('is accepted: %s', (frame) => {
    expect(parseClientEvent(frame).type).toBe(JSON.parse(frame).type);
  });
});

describe('what the service refuses', () => {
  const session = (inner: string): string => `{"type":"session.update","session":{"type":"realtime",${inner}}}`;
  const refused: [frame: string, code: string | null, param: string | null, message: string][] = [
    [
      'not json',
      'invalid_json',
      null,
      'Invalid event: failed to parse JSON value. Please check the value to ensure it is valid JSON. (Common errors include trailing commas, missing closing brackets, missing quotation marks, etc.)',
    ],
    ['[]', 'invalid_type', null, 'Invalid type for event: expected an object, but got an array instead.'],
    ['{}', 'missing_required_parameter', 'type', "Missing required parameter: 'type'."],
    ['{"type":7}', 'invalid_type', 'type', "Invalid type for 'type': expected a string, but got an integer instead."],
    [
      '{"type":"nope"}',
      'invalid_value',
      'type',
      "Invalid value: 'nope'. Supported values are: 'session.update', 'input_audio_buffer.append', 'input_audio_buffer.commit', 'input_audio_buffer.clear', 'conversation.item.create', 'conversation.item.truncate', 'conversation.item.delete', 'conversation.item.retrieve', 'response.create', and 'response.cancel'.",
    ],
    ['{"type":"__proto__"}', 'invalid_value', 'type', expect.stringContaining("Invalid value: '__proto__'.")],
    ['{"type":"session.update"}', 'missing_required_parameter', 'session', "Missing required parameter: 'session'."],
    [
      '{"type":"session.update","session":{"voice":"alloy"}}',
      'missing_required_parameter',
      'session.type',
      "Missing required parameter: 'session.type'.",
    ],
    [
      '{"type":"session.update","session":{"type":"transcription"}}',
      'invalid_value',
      'session.type',
      'Passing a transcription session update event to a realtime session is not allowed.',
    ],
    [
      session('"bogus_field":1'),
      'unknown_parameter',
      'session.bogus_field',
      "Unknown parameter: 'session.bogus_field'.",
    ],
    [session('"voice":"alloy"'), 'unknown_parameter', 'session.voice', "Unknown parameter: 'session.voice'."],
    [
      session('"audio":{"input":{"turn_detection":{"type":"server_vad","eagerness":"low"}}}'),
      'unknown_parameter',
      'session.audio.input.turn_detection.eagerness',
      "Unknown parameter: 'session.audio.input.turn_detection.eagerness'.",
    ],
    [
      session('"audio":{"input":{"turn_detection":{"threshold":0.5}}}'),
      'missing_required_parameter',
      'session.audio.input.turn_detection.type',
      "Missing required parameter: 'session.audio.input.turn_detection.type'.",
    ],
    [
      session('"audio":{"input":{"turn_detection":{"type":"server_vad","threshold":1.5}}}'),
      'decimal_above_max_value',
      'session.audio.input.turn_detection.threshold',
      "Invalid 'session.audio.input.turn_detection.threshold': decimal above maximum value. Expected a value <= 1, but got 1.5 instead.",
    ],
    [
      session('"audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":100}}}'),
      'integer_below_min_value',
      'session.audio.input.turn_detection.idle_timeout_ms',
      "Invalid 'session.audio.input.turn_detection.idle_timeout_ms': integer below minimum value. Expected a value >= 5000, but got 100 instead.",
    ],
    [
      session('"audio":{"input":{"format":{"type":"audio/pcmu","rate":8000}}}'),
      'unknown_parameter',
      'session.audio.input.format.rate',
      "Unknown parameter: 'session.audio.input.format.rate'.",
    ],
    [
      session('"audio":{"input":{"format":{"type":"audio/pcm"}}}'),
      'missing_required_parameter',
      'session.audio.input.format.rate',
      "Missing required parameter: 'session.audio.input.format.rate'.",
    ],
    [
      session('"audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}'),
      'integer_below_min_value',
      'session.audio.input.format.rate',
      "Invalid 'session.audio.input.format.rate': integer below minimum value. Expected a value >= 24000, but got 16000 instead.",
    ],
    [
      session('"audio":{"input":{"format":"g711_ulaw"}}'),
      'invalid_type',
      'session.audio.input.format',
      "Invalid type for 'session.audio.input.format': expected an object, but got a string instead.",
    ],
    [
      session('"audio":{"input":{"format":{"type":"audio/opus"}}}'),
      'invalid_value',
      'session.audio.input.format.type',
      "Invalid value: 'audio/opus'. Supported values are: 'audio/pcm', 'audio/pcmu', and 'audio/pcma'.",
    ],
    [
      session('"audio":{"output":{"voice":"breeze"}}'),
      'invalid_value',
      'session.audio.output.voice',
      "Invalid value: 'breeze'. Supported values are: 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', and 'cedar'.",
    ],
    [
      session('"output_modalities":["audio","text"]'),
      'invalid_value',
      'session.output_modalities',
      "Invalid modalities: ['audio', 'text']. Supported combinations are: ['text'] and ['audio'].",
    ],
    [
      session('"instructions":7'),
      'invalid_type',
      'session.instructions',
      "Invalid type for 'session.instructions': expected a string, but got an integer instead.",
    ],
    [
      session('"max_output_tokens":-5'),
      'integer_below_min_value',
      'session.max_output_tokens',
      "Invalid 'session.max_output_tokens': integer below minimum value. Expected a value >= 1, but got -5 instead.",
    ],
    [
      session('"tools":[{"type":"function","function":{"name":"x"}}]'),
      'missing_required_parameter',
      'session.tools[0].name',
      "Missing required parameter: 'session.tools[0].name'.",
    ],
    [
      '{"type":"conversation.item.truncate","content_index":0,"audio_end_ms":5}',
      'missing_required_parameter',
      'item_id',
      "Missing required parameter: 'item_id'.",
    ],
    [
      '{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":-5}',
      'integer_below_min_value',
      'audio_end_ms',
      "Invalid 'audio_end_ms': integer below minimum value. Expected a value >= 0, but got -5 instead.",
    ],
    [
      '{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":12.5}',
      'invalid_type',
      'audio_end_ms',
      "Invalid type for 'audio_end_ms': expected an integer, but got a decimal number instead.",
    ],
    [
      '{"type":"conversation.item.create","item":{"type":"message","content":[]}}',
      'missing_required_parameter',
      'item.role',
      "Missing required parameter: 'item.role'.",
    ],
    [
      '{"type":"conversation.item.create","item":{"type":"message","role":"system","content":"Hi"}}',
      'invalid_type',
      'item.content',
      "Invalid type for 'item.content': expected an array, but got a string instead.",
    ],
    [
      '{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}]}}',
      'invalid_value',
      'item.content[0].type',
      "Invalid value: 'text'. Value must be 'output_text'.",
    ],
    [
      '{"type":"response.create","response":{"modalities":["audio"]}}',
      'unknown_parameter',
      'response.modalities',
      "Unknown parameter: 'response.modalities'.",
    ],
    [
      `{"type":"response.cancel","event_id":"${'x'.repeat(513)}"}`,
      'string_above_max_length',
      'event_id',
      "Invalid 'event_id': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
    ],
  ];

  it.each(refused)('%s', (frame, code, param, message) => {
    expect(refusalOf(frame)).toEqual({ code, param, message });
  });
});

it('never throws anything but a refusal, whatever JSON comes', () => {
  const anyEvent = fc.tuple(
    fc.constantFrom('session.update', 'conversation.item.create', 'conversation.item.truncate', 'response.create', 'x'),
    fc.dictionary(
      fc.constantFrom('session', 'item', 'item_id', 'response', 'audio_end_ms', 'event_id'),
      fc.jsonValue(),
    ),
  );
  fc.assert(
    fc.property(anyEvent, ([type, rest]) => {
      try {
        parseClientEvent(JSON.stringify({ ...rest, type }));
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError);
      }
    }),
  );
});

it('finds the event_id of a refused event when there is one to find', () => {
  expect(eventIdOf('{"type":"nope","event_id":"vb_7"}')).toBe('vb_7');
  expect(eventIdOf('{"type":"nope"}')).toBe(null);
  expect(eventIdOf('{"event_id":7}')).toBe(null);
  expect(eventIdOf('not json')).toBe(null);
});
