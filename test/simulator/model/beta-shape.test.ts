import { describe, expect, it } from 'vitest';
import { betaFrame, gaFrame, isBetaUpdate } from '../../../src/simulator/model/beta-shape.js';
import { parseClientEvent } from '../../../src/simulator/model/strict.js';

/** What relays of 2025 send: Twilio's own sample of that time. */
const UPDATE = JSON.stringify({
  type: 'session.update',
  session: {
    turn_detection: { type: 'server_vad' },
    input_audio_format: 'g711_ulaw',
    output_audio_format: 'g711_ulaw',
    voice: 'alloy',
    instructions: 'Be kind.',
    modalities: ['text', 'audio'],
    temperature: 0.8,
  },
});

describe('a beta client that configures its session', () => {
  it('is recognised, a GA client is not', () => {
    expect(isBetaUpdate(UPDATE)).toBe(true);
    expect(isBetaUpdate('{"type":"session.update","session":{"instructions":"Hi"}}')).toBe(true);
    expect(isBetaUpdate('{"type":"session.update","session":{"type":"realtime","instructions":"Hi"}}')).toBe(false);
    expect(isBetaUpdate('{"type":"session.update","session":{"type":"realtime","audio":{}}}')).toBe(false);
    expect(isBetaUpdate('{"type":"response.create"}')).toBe(false);
    expect(isBetaUpdate('{"type":"session.update"')).toBe(false);
  });

  it('is understood', () => {
    expect(parseClientEvent(gaFrame(UPDATE))).toEqual({
      type: 'session.update',
      session: {
        type: 'realtime',
        instructions: 'Be kind.',
        output_modalities: ['audio'],
        audio: {
          input: { format: { type: 'audio/pcmu' }, turn_detection: { type: 'server_vad' } },
          output: { format: { type: 'audio/pcmu' }, voice: 'alloy' },
        },
      },
    });
  });

  it('is refused what the beta did not know either', () => {
    expect(() => parseClientEvent(gaFrame('{"type":"session.update","session":{"volume":11}}'))).toThrow(
      "Unknown parameter: 'session.volume'.",
    );
    expect(() => parseClientEvent(gaFrame('{"type":"session.update","session":{"input_audio_format":"mp3"}}'))).toThrow(
      "Invalid value: 'mp3'",
    );
  });

  it('asks for a response and adds an item in its words', () => {
    expect(
      JSON.parse(gaFrame('{"type":"response.create","response":{"modalities":["audio","text"],"voice":"ash"}}')),
    ).toEqual({
      type: 'response.create',
      response: { output_modalities: ['audio'], audio: { output: { voice: 'ash' } } },
    });
    const item = (type: string) => ({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'assistant', content: [{ type, text: 'Hello' }] },
    });
    expect(JSON.parse(gaFrame(JSON.stringify(item('text'))))).toEqual(item('output_text'));
  });

  it('sends its audio through as it is', () => {
    const append = '{"type":"input_audio_buffer.append","audio":"////"}';
    expect(gaFrame(append)).toBe(append);
  });
});

describe('what a beta client is sent', () => {
  it.each([
    ['response.output_audio.delta', 'response.audio.delta'],
    ['response.output_audio.done', 'response.audio.done'],
    ['response.output_audio_transcript.delta', 'response.audio_transcript.delta'],
    ['response.output_text.delta', 'response.text.delta'],
    ['conversation.item.added', 'conversation.item.created'],
    ['response.output_item.added', 'response.output_item.added'],
    ['input_audio_buffer.speech_started', 'input_audio_buffer.speech_started'],
  ])('has %s called %s', (ga, beta) => {
    expect(JSON.parse(betaFrame(`{"type":"${ga}","event_id":"e","delta":"AA"}`)!)).toEqual({
      ...{ type: beta, event_id: 'e', delta: 'AA' },
    });
  });

  it('is not told that an item is done, of which the beta said nothing', () => {
    expect(betaFrame('{"type":"conversation.item.done","item":{}}')).toBeUndefined();
  });

  it('shows the session as the beta did', () => {
    const session = {
      ...{ type: 'realtime', id: 'sess_1', output_modalities: ['audio'], max_output_tokens: 'inf' },
      audio: {
        input: { format: { type: 'audio/pcmu' }, transcription: null, noise_reduction: null, turn_detection: null },
        output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'alloy', speed: 1 },
      },
    };
    expect(JSON.parse(betaFrame(JSON.stringify({ type: 'session.updated', session }))!)).toEqual({
      type: 'session.updated',
      session: {
        ...{ object: 'realtime.session', id: 'sess_1', modalities: ['text', 'audio'], voice: 'alloy', speed: 1 },
        ...{ input_audio_format: 'g711_ulaw', output_audio_format: 'pcm16', input_audio_transcription: null },
        ...{ input_audio_noise_reduction: null, turn_detection: null, max_response_output_tokens: 'inf' },
      },
    });
  });

  it('names the parts of an item as the beta did', () => {
    const event = {
      type: 'response.output_item.done',
      item: { content: [{ type: 'output_audio', transcript: 'Hi' }] },
    };
    expect(JSON.parse(betaFrame(JSON.stringify(event))!).item.content).toEqual([{ type: 'audio', transcript: 'Hi' }]);
  });
});
