import { afterEach, expect, it } from 'vitest';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../../../src/simulator/model/server.js';
import { appends, Client, join, silence, speech, VOICE } from './client.js';

const open: SimulatedModel[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((model) => model.close()));
});

async function serve(options: SimulatedModelOptions = {}): Promise<SimulatedModel> {
  const model = await serveModel({ voice: VOICE, thinkMs: 5, speed: [60, 80], ...options });
  open.push(model);
  return model;
}

const PCMU_SESSION = {
  type: 'session.update',
  event_id: 'vb_1',
  session: {
    type: 'realtime',
    output_modalities: ['audio'],
    audio: {
      input: { format: { type: 'audio/pcmu' }, turn_detection: { type: 'server_vad', silence_duration_ms: 300 } },
      output: { format: { type: 'audio/pcmu' }, voice: 'marin' },
    },
  },
};

it('greets an empty conversation with the events of the service in their order', async () => {
  const model = await serve();
  const client = await Client.open(model.url);
  client.send(PCMU_SESSION);
  client.send('{"type":"response.create"}');
  await client.next('rate_limits.updated');
  const order = client.types().filter((type, at, all) => type !== all[at - 1]);
  const deltas = order.filter((type) => type.endsWith('.delta'));
  expect(new Set(deltas)).toEqual(new Set(['response.output_audio.delta', 'response.output_audio_transcript.delta']));
  expect(order.filter((type) => !type.endsWith('.delta'))).toEqual([
    'session.created',
    'session.updated',
    'response.created',
    'response.output_item.added',
    'conversation.item.added',
    'response.content_part.added',
    'response.output_audio.done',
    'response.output_audio_transcript.done',
    'response.content_part.done',
    'conversation.item.done',
    'response.output_item.done',
    'response.done',
    'rate_limits.updated',
  ]);
  client.ws.terminate();
});

it('answers a turn of the caller that its voice activity detector has found', async () => {
  const model = await serve();
  const client = await Client.open(model.url);
  client.send(PCMU_SESSION);
  for (const event of appends(join(silence(500), speech(1000), silence(900)))) client.send(event);
  const started = await client.next('input_audio_buffer.speech_started');
  const stopped = await client.next('input_audio_buffer.speech_stopped');
  expect(started.audio_start_ms).toBeGreaterThan(100);
  expect(started.audio_start_ms).toBeLessThan(320);
  expect(stopped.audio_end_ms).toBeGreaterThan(1500);
  expect(stopped.audio_end_ms).toBeLessThan(2200);
  const done = await client.next('response.done');
  expect(done.response.status).toBe('completed');
  expect(done.response.output[0].content[0].transcript).toBe('We are open from nine to five.');
  client.ws.terminate();
});
