import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resample.js';
import { Stage } from './stage.js';

beforeAll(loadResampler);

const TOOLS = [
  { type: 'function', name: 'slots', parameters: { type: 'object', properties: {} } },
  { type: 'function', name: 'book' },
];
const BESIDE = `
responses:
  - output:
      - say: "Let me see."
      - {call: slots, arguments: {day: "Monday"}}
  - when: {after: slots}
    say: "We have {{output.time}}."
`;

function staged(script: string, session: object = { tools: TOOLS }): Stage {
  const stage = new Stage({}, { script });
  stage.send({ type: 'session.update', session: { type: 'realtime', ...session } });
  stage.fresh();
  return stage;
}

const output = (call_id: string, text = '{"time":"nine"}') => ({
  type: 'conversation.item.create',
  item: { type: 'function_call_output', call_id, output: text },
});

describe('a function call', () => {
  it('beside a message comes after it, with the events of the service in their order', () => {
    const stage = staged(BESIDE);
    stage.turn();
    stage.fresh();
    stage.settle();
    const types = stage.types().filter((type) => !/audio/.test(type));
    expect(types).toEqual([
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    const { response } = stage.last('response.done');
    expect(response.output.map(({ type }: { type: string }) => type)).toEqual(['message', 'function_call']);
    const done = stage.last('response.function_call_arguments.done');
    expect(done).toMatchObject({
      response_id: response.id,
      output_index: 1,
      item_id: response.output[1].id,
      call_id: response.output[1].call_id,
      name: 'slots',
      arguments: '{"day":"Monday"}',
    });
    const deltas = stage.events.filter(({ type }) => type === 'response.function_call_arguments.delta');
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map(({ delta }) => delta).join('')).toBe(done.arguments);
    expect(stage.last('response.output_item.done').item).toEqual({
      id: done.item_id,
      object: 'realtime.item',
      status: 'completed',
      type: 'function_call',
      call_id: done.call_id,
      name: 'slots',
      arguments: '{"day":"Monday"}',
    });
    // The call follows the message that was said before it.
    expect(stage.last('conversation.item.done').previous_item_id).toBe(response.output[0].id);
  });

  it('is answered when its output is there and the client asks, with what the output says', () => {
    const stage = staged(BESIDE);
    stage.turn();
    stage.settle();
    const { call_id } = stage.last('response.function_call_arguments.done');
    stage.send(output(call_id));
    expect(stage.last('conversation.item.done').item).toMatchObject({ type: 'function_call_output', call_id });
    stage.clock.advance(5000);
    expect(stage.events.filter(({ type }) => type === 'response.created')).toHaveLength(1);
    stage.send({ type: 'response.create' });
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('We have nine.');
    expect(stage.trace.find(({ type }) => type === 'tool-called')).toMatchObject({
      name: 'slots',
      callId: call_id,
      arguments: '{"day":"Monday"}',
      status: 'completed',
    });
    expect(stage.trace.find(({ type }) => type === 'item-created')).toMatchObject({
      role: 'function_call_output',
      callId: call_id,
      name: 'slots',
      text: '{"time":"nine"}',
    });
  });

  it('can stand before a message, or alone, and two in one response', () => {
    const stage = staged('responses: [{output: [{call: slots}, {say: "Done."}, {call: book}]}]');
    stage.turn();
    stage.settle();
    const { response } = stage.last('response.done');
    expect(response.output.map(({ type, name }: { type: string; name?: string }) => name ?? type)).toEqual([
      'slots',
      'message',
      'book',
    ]);
    expect(new Set(response.output.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  it('that is interrupted while its arguments are written is told as incomplete', () => {
    const stage = staged('responses: [{call: slots, arguments: {day: "Tuesday"}, takes: 400ms}]');
    stage.turn();
    stage.clock.advance(400 + 250);
    stage.hear(400, 'speech-started');
    const { item } = stage.last('response.output_item.done');
    expect(item).toMatchObject({ type: 'function_call', status: 'incomplete' });
    expect('{"day":"Tuesday"}'.startsWith(item.arguments)).toBe(true);
    expect(item.arguments.length).toBeLessThan(17);
    expect(stage.last('response.done').response.status).toBe('cancelled');
    expect(stage.trace.find(({ type }) => type === 'tool-called')).toMatchObject({ status: 'incomplete' });
  });

  it('is not made again when the response that made it is interrupted', () => {
    const stage = staged(
      'responses: [{output: [{call: slots}, {say: "One two three four five six."}]}, {say: "Next."}]',
    );
    stage.turn();
    stage.clock.advance(400);
    stage.hear(400, 'speech-started');
    stage.hear(400, 'speech-stopped');
    stage.settle();
    expect(stage.trace.filter(({ type }) => type === 'tool-called')).toHaveLength(1);
  });

  it('of a function that was not declared is a mistake of the script, and not made', () => {
    const stage = staged('responses: [{output: [{say: "Hm."}, {call: sluts}]}]');
    stage.turn();
    stage.settle();
    expect(stage.trace.find(({ type }) => type === 'script-mistake')).toMatchObject({
      message: 'the script calls "sluts", but the session has only slots, book',
    });
    expect(stage.last('response.done').response).toMatchObject({ status: 'completed', output: [{ type: 'message' }] });
  });

  it('to nothing that was called cannot be answered', () => {
    const stage = staged(BESIDE);
    stage.send(output('call_nowhere'));
    expect(stage.last('error').error.code).toBe('invalid_tool_call_id');
  });
});

describe('tool_choice', () => {
  it('none of a response keeps it from calling', () => {
    const stage = staged(BESIDE);
    stage.send({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    });
    stage.send({ type: 'response.create', response: { tool_choice: 'none' } });
    stage.settle();
    expect(stage.last('response.done').response.output).toHaveLength(1);
    expect(stage.trace.find(({ type }) => type === 'response-created')).toMatchObject({ toolChoice: 'none' });
  });

  it('required, or one by name, makes it call', () => {
    for (const [choice, name] of [
      ['required', 'slots'],
      [{ type: 'function', name: 'book' }, 'book'],
    ] as const) {
      const stage = staged('', { tools: TOOLS, tool_choice: choice });
      stage.turn();
      stage.settle();
      expect(stage.last('response.done').response.output).toMatchObject([{ type: 'function_call', name }]);
    }
  });
});

describe('a response of the client', () => {
  it('speaks the line that its instructions quote, out of band too', () => {
    const stage = staged('');
    stage.send({
      type: 'response.create',
      response: { conversation: 'none', instructions: 'Say exactly "One moment, please." Nothing else.' },
    });
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('One moment, please.');
    expect(stage.last('response.done').response.conversation_id).toBe(null);
    expect(stage.session.memory()).toEqual([]);
    expect(stage.trace.find(({ type }) => type === 'response-created')).toMatchObject({
      instructions: 'Say exactly "One moment, please." Nothing else.',
      outOfBand: true,
    });
  });
});

it('traces what the model is told: instructions, tools, items, deletions', () => {
  const stage = staged('', { instructions: 'Be brief.', tools: TOOLS });
  expect(stage.trace.findLast(({ type }) => type === 'session-updated')).toMatchObject({
    instructions: 'Be brief.',
    tools: ['slots', 'book'],
    toolChoice: 'auto',
    voice: 'alloy',
  });
  const say = (role: string, type: string) => ({
    type: 'conversation.item.create',
    item: { id: role, type: 'message', role, content: [{ type, text: `of ${role}` }] },
  });
  stage.send(say('system', 'input_text'));
  stage.send(say('assistant', 'output_text'));
  stage.send({ type: 'conversation.item.delete', item_id: 'system' });
  expect(stage.trace.filter(({ type }) => type.startsWith('item-'))).toMatchObject([
    { type: 'item-created', itemId: 'system', role: 'system', text: 'of system' },
    { type: 'item-created', itemId: 'assistant', role: 'assistant', text: 'of assistant' },
    { type: 'item-deleted', itemId: 'system' },
  ]);
});
