import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { loadResampler } from '../../../src/audio/resample.js';
import { type SimulatedModelOptions, serveModel } from '../../../src/simulator/model/server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { Client, VOICE } from './client.js';
import { Stage } from './stage.js';

beforeAll(loadResampler);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((model) => model.close()));
});

async function serve(options: SimulatedModelOptions) {
  const model = await serveModel({ voice: VOICE, thinkMs: 5, speed: [60, 80], ...options });
  open.push(model);
  return model;
}

async function statusOf(url: string, options: ClientOptions = {}): Promise<number> {
  const ws = new WebSocket(url, options);
  const [, response] = await Promise.race([
    once(ws, 'unexpected-response'),
    once(ws, 'open').then(() => [undefined, { statusCode: 101 }]),
  ]);
  ws.on('error', () => {});
  ws.terminate();
  return response.statusCode;
}

describe('azure', () => {
  it('lives at a path of its own, wants a deployment, and takes its key in api-key or as a bearer', async () => {
    const model = await serve({ dialect: 'azure', key: 'right' });
    expect(model.url).toMatch(/\/openai\/v1\/realtime$/);
    const url = `${model.url}?model=my-deployment`;
    expect(await statusOf(url, { headers: { 'api-key': 'right' } })).toBe(101);
    expect(await statusOf(url, { headers: { authorization: 'Bearer right' } })).toBe(101);
    expect(await statusOf(url, { headers: { 'api-key': 'wrong' } })).toBe(401);
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(model.url, { headers: { 'api-key': 'right' } })).toBe(400);
    expect(await statusOf(url.replace('/openai', ''), { headers: { 'api-key': 'right' } })).toBe(404);
  });

  it('is a key header that openai does not look at', async () => {
    const model = await serve({ key: 'right' });
    const client = new Client(model.url, { headers: { 'api-key': 'right' } });
    expect((await client.next('error')).error.message).toBe('Missing bearer or basic authentication in header');
  });

  it('speaks like openai', () => {
    const stage = new Stage({}, { dialect: 'azure' });
    stage.turn();
    stage.settle();
    expect(stage.last('response.done').response.status).toBe('completed');
  });
});

const XAI = {
  voice: 'eve',
  instructions: 'Be brief.',
  turn_detection: { type: 'server_vad', silence_duration_ms: 300 },
  resumption: { enabled: true },
  audio: {
    input: { format: { type: 'audio/pcmu' }, transcription: { model: 'grok-transcribe', language_hint: 'en' } },
    output: { format: { type: 'audio/pcmu' } },
  },
};

describe('xai', () => {
  const grok = (more: object = {}): Stage => {
    const stage = new Stage({}, { dialect: 'xai', script: 'caller: ["turn on the lights"]', ...more });
    stage.send({ type: 'session.update', session: XAI });
    return stage;
  };

  it('names the conversation, and shows voice and turn detection at the top of the session', () => {
    const stage = grok();
    expect(stage.events.slice(0, 2).map(({ type }) => type)).toEqual(['session.created', 'conversation.created']);
    expect(stage.events[1]!.conversation).toEqual({
      id: stage.session.conversation.id,
      object: 'realtime.conversation',
    });
    const { session } = stage.last('session.updated');
    expect(session).toMatchObject({
      voice: 'eve',
      instructions: 'Be brief.',
      turn_detection: { type: 'server_vad', silence_duration_ms: 300 },
      resumption: { enabled: true },
      audio: { input: { format: { type: 'audio/pcmu' } }, output: { format: { type: 'audio/pcmu' } } },
    });
    expect(session.audio.input).not.toHaveProperty('turn_detection');
    expect(session.audio.output).not.toHaveProperty('voice');
  });

  it.each([
    ['session.audio.input.turn_detection', { audio: { input: { turn_detection: null } } }],
    ['session.audio.output.voice', { audio: { output: { voice: 'marin' } } }],
    ['session.audio.input.noise_reduction', { audio: { input: { noise_reduction: { type: 'near_field' } } } }],
    ['session.tracing', { tracing: 'auto' }],
  ])('refuses %s, which belongs to openai', (param, session) => {
    const stage = grok();
    stage.send({ type: 'session.update', session });
    expect(stage.last('error').error).toMatchObject({ code: 'unknown_parameter', param });
  });

  it.each([
    ['session.voice', { voice: 'eve' }],
    ['session.turn_detection', { turn_detection: null }],
    ['session.resumption', { resumption: { enabled: true } }],
  ])('has %s, which openai refuses', (param, session) => {
    const stage = new Stage();
    stage.send({ type: 'session.update', session: { type: 'realtime', ...session } });
    expect(stage.last('error').error).toMatchObject({ code: 'unknown_parameter', param });
  });

  it('tells the words of the caller cumulatively, and then whole', () => {
    const stage = grok();
    stage.turn();
    const told = stage.events.filter(({ type }) => type.includes('input_audio_transcription'));
    expect(told.map(({ type, transcript }) => [type.split('.').at(-1), transcript])).toEqual([
      ['updated', 'turn'],
      ['updated', 'turn on'],
      ['updated', 'turn on the'],
      ['updated', 'turn on the lights'],
      ['completed', 'turn on the lights'],
    ]);
  });

  it('says a forced line as it is', () => {
    const stage = grok();
    const item = {
      type: 'force_message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Sure, go ahead.' }],
    };
    stage.send({ type: 'conversation.item.create', item });
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('Sure, go ahead.');
    const other = new Stage();
    other.send({ type: 'conversation.item.create', item });
    expect(other.last('error').error.param).toBe('item.type');
  });

  it('goes on with a conversation whose session is over, once, and within its time', async () => {
    const clock = new VirtualClock();
    const model = await serve({ dialect: 'xai', clock });
    const idOf = (client: Client): string =>
      client.events.find(({ type }) => type === 'conversation.created')!.conversation.id;
    const connect = async (query = ''): Promise<Client> => {
      const client = await Client.open(`${model.url}?model=grok-voice-latest${query}`);
      await client.next('conversation.created');
      client.send({ type: 'session.update', session: XAI });
      await client.next('session.updated');
      return client;
    };
    const leave = async (client: Client): Promise<void> => {
      client.ws.close();
      await client.closed;
      while (model.sessions.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const first = await connect();
    first.send({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'I am Ann.' }] },
    });
    await first.next('conversation.item.done');
    await leave(first);

    const second = await connect(`&conversation_id=${idOf(first)}`);
    expect(idOf(second)).toBe(idOf(first));
    expect(model.sessions[0]!.memory()).toMatchObject([{ role: 'user', text: 'I am Ann.' }]);
    await leave(second);

    clock.advance(30 * 60_000 + 1);
    const third = await connect(`&conversation_id=${idOf(first)}`);
    expect(idOf(third)).not.toBe(idOf(first));
    expect(model.sessions[0]!.memory()).toEqual([]);
    third.ws.terminate();
  });

  it('refuses a wrong key at the handshake', async () => {
    const model = await serve({ dialect: 'xai', key: 'right' });
    expect(await statusOf(model.url, { headers: { authorization: 'Bearer wrong' } })).toBe(401);
    expect(await statusOf(model.url, { headers: { authorization: 'Bearer right' } })).toBe(101);
  });
});
