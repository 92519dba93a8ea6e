import { afterEach, describe, expect, it } from 'vitest';
import { DIALECTS } from '../../src/model/dialects.js';
import { type ModelSession, plainSession } from '../../src/model/model.js';
import { change, configuration } from '../../src/model/openai-messages.js';
import { CLIENT_EVENTS } from '../../src/simulator/model/schema.js';
import { XAI_CLIENT_EVENTS } from '../../src/simulator/model/schema-xai.js';
import { type HandConnection, readyByHand } from '../helpers/hand-server.js';

const WHOLE: ModelSession = {
  instructions: 'Be brief.',
  voice: 'marin',
  tools: [{ name: 'lookup', description: 'Finds an order.', parameters: { type: 'object', properties: {} } }],
  turnDetection: {
    type: 'server_vad',
    threshold: 0.6,
    prefixPaddingMs: 200,
    silenceMs: 450,
    idleTimeoutMs: 8_000,
    createsResponses: true,
    interruptsResponses: false,
  },
  noiseReduction: 'near_field',
  transcription: { language: 'de', prompt: 'order numbers' },
  maxOutputTokens: 800,
  history: [],
};

let connection: HandConnection | undefined;
afterEach(() => connection?.close());

describe('the configuration of a session', () => {
  // openai/resources/realtime SessionUpdateEvent
  it('is the GA shape, with everything the model is to be', () => {
    expect(JSON.stringify(configuration(WHOLE, DIALECTS.openai, 'pcmu'))).toBe(
      '{"type":"session.update","session":{"type":"realtime","output_modalities":["audio"],"instructions":"Be brief.","audio":{"input":{"format":{"type":"audio/pcmu"},"noise_reduction":{"type":"near_field"},"transcription":{"model":"gpt-transcribe","language":"de","prompt":"order numbers"},"turn_detection":{"type":"server_vad","threshold":0.6,"prefix_padding_ms":200,"silence_duration_ms":450,"idle_timeout_ms":8000,"create_response":true,"interrupt_response":false}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin"}},"tools":[{"type":"function","name":"lookup","description":"Finds an order.","parameters":{"type":"object","properties":{}}}],"tool_choice":"auto","max_output_tokens":800}}',
    );
  });

  it("leaves what is not said to the model's own defaults", () => {
    expect(JSON.stringify(configuration(plainSession('Be brief.'), DIALECTS.openai, 'pcmu'))).toBe(
      '{"type":"session.update","session":{"type":"realtime","output_modalities":["audio"],"instructions":"Be brief.","audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"server_vad","create_response":true,"interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"}}}}}',
    );
  });

  it('gives linear audio its rate', () => {
    expect(configuration(plainSession(''), DIALECTS.openai, 'pcm')).toMatchObject({
      session: {
        audio: {
          input: { format: { type: 'audio/pcm', rate: 24_000 } },
          output: { format: { type: 'audio/pcm', rate: 24_000 } },
        },
      },
    });
  });

  it('gives semantic_vad its eagerness and none of the numbers of server_vad', () => {
    const turnDetection = {
      ...WHOLE.turnDetection,
      type: 'semantic_vad',
      eagerness: 'low',
      interruptsResponses: true,
    } as const;
    const { session } = configuration({ ...WHOLE, turnDetection }, DIALECTS.openai, 'pcmu') as { session: object };
    expect(session).toMatchObject({
      audio: {
        input: {
          turn_detection: {
            type: 'semantic_vad',
            eagerness: 'low',
            create_response: true,
            interrupt_response: true,
          },
        },
      },
    });
    expect(JSON.stringify(session)).not.toContain('threshold');
  });

  // docs.x.ai, speech to speech: voice and turn_detection at the top, resumption, language_hint
  it("is xAI's shape for xAI", () => {
    expect(JSON.stringify(configuration(WHOLE, DIALECTS.xai, 'pcmu'))).toBe(
      '{"type":"session.update","session":{"type":"realtime","instructions":"Be brief.","voice":"marin","turn_detection":{"type":"server_vad","threshold":0.6,"prefix_padding_ms":200,"silence_duration_ms":450,"idle_timeout_ms":8000,"create_response":true,"interrupt_response":false},"audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"grok-transcribe","language_hint":"de"}},"output":{"format":{"type":"audio/pcmu"}}},"tools":[{"type":"function","name":"lookup","description":"Finds an order.","parameters":{"type":"object","properties":{}}}],"tool_choice":"auto","max_output_tokens":800,"resumption":{"enabled":true}}}',
    );
  });

  it('asks xAI for the turn detection that it has', () => {
    const turnDetection = { ...WHOLE.turnDetection, type: 'semantic_vad', eagerness: 'low' } as const;
    expect(configuration({ ...WHOLE, turnDetection }, DIALECTS.xai, 'pcmu')).toMatchObject({
      session: { turn_detection: { type: 'server_vad', silence_duration_ms: 450 } },
    });
  });

  it.each([
    ['openai', CLIENT_EVENTS, XAI_CLIENT_EVENTS],
    ['azure', CLIENT_EVENTS, XAI_CLIENT_EVENTS],
    ['compatible', CLIENT_EVENTS, XAI_CLIENT_EVENTS],
    ['xai', XAI_CLIENT_EVENTS, CLIENT_EVENTS],
  ] as const)('keeps the strict schema of %s, which is not that of the others', (provider, own, foreign) => {
    const message = configuration(WHOLE, DIALECTS[provider], 'pcma');
    expect(own['session.update'].safeParse(message).success).toBe(true);
    expect(foreign['session.update'].safeParse(message).success).toBe(false);
  });
});

describe('a change of a session', () => {
  it('never names the voice, and only what is to change', () => {
    const changed = { instructions: 'Be kind.', voice: 'cedar' };
    expect(JSON.stringify(change(changed))).toBe(
      '{"type":"session.update","session":{"type":"realtime","instructions":"Be kind."}}',
    );
    expect(JSON.stringify(change({ tools: [] }))).toBe(
      '{"type":"session.update","session":{"type":"realtime","tools":[]}}',
    );
  });
});

describe('what the client says', () => {
  it('is written as the protocol has it, with an id on everything but audio', async () => {
    connection = await readyByHand();
    const { server, model } = connection;
    model.audio('fwB/AA==');
    model.respond();
    model.respond({ instructions: 'Say sorry.', toolChoice: 'none' });
    model.cancel('resp_1');
    model.truncate('item_1', 0, 730);
    model.addText({ role: 'caller', text: 'The caller pressed 5.' });
    model.addText({ role: 'system', text: 'It is raining.' });
    model.addText({ role: 'agent', text: 'Hello.' });
    model.toolResult('call_1', '{"ok":true}');
    model.deleteItem('item_2');
    model.update({ instructions: 'Be kind.' });
    await server.message(11);
    for (const text of server.received) {
      const type: keyof typeof CLIENT_EVENTS = JSON.parse(text).type;
      expect(CLIENT_EVENTS[type].safeParse(JSON.parse(text)).success).toBe(true);
    }
    expect(server.received.slice(1)).toEqual([
      '{"type":"input_audio_buffer.append","audio":"fwB/AA=="}',
      '{"type":"response.create","event_id":"vb_2"}',
      '{"type":"response.create","event_id":"vb_3","response":{"instructions":"Say sorry.","tool_choice":"none"}}',
      '{"type":"response.cancel","event_id":"vb_4","response_id":"resp_1"}',
      '{"type":"conversation.item.truncate","event_id":"vb_5","item_id":"item_1","content_index":0,"audio_end_ms":730}',
      '{"type":"conversation.item.create","event_id":"vb_6","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"The caller pressed 5."}]}}',
      '{"type":"conversation.item.create","event_id":"vb_7","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"It is raining."}]}}',
      '{"type":"conversation.item.create","event_id":"vb_8","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello."}]}}',
      '{"type":"conversation.item.create","event_id":"vb_9","item":{"type":"function_call_output","call_id":"call_1","output":"{\\"ok\\":true}"}}',
      '{"type":"conversation.item.delete","event_id":"vb_10","item_id":"item_2"}',
      '{"type":"session.update","event_id":"vb_11","session":{"type":"realtime","instructions":"Be kind."}}',
    ]);
  });
});
