import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { encodeAlaw } from '../../../src/audio/g711.js';
import { Random } from '../../../src/simulator/model/random.js';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../../../src/simulator/model/server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
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

it('begins with the session as the service shows it', async () => {
  const model = await serve();
  const client = await Client.open(`${model.url}?model=gpt-realtime-2.1`);
  const { session } = client.events[0]!;
  expect(session).toMatchObject({
    type: 'realtime',
    object: 'realtime.session',
    model: 'gpt-realtime-2.1',
    output_modalities: ['audio'],
    tools: [],
    tool_choice: 'auto',
    max_output_tokens: 'inf',
    tracing: null,
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: 24_000 },
        transcription: null,
        turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, idle_timeout_ms: null },
      },
      output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'alloy', speed: 1 },
    },
  });
  expect(session.id).toMatch(/^sess_[A-Za-z0-9]{21}$/);
  expect(model.sessions).toMatchObject([{ id: session.id, number: 1, isOpen: true }]);
  client.ws.close();
  await client.closed;
});

it('gives every event an id of its own and repeats them with the seed', async () => {
  const ids = async (seed: number): Promise<string[]> => {
    const model = await serve({ seed });
    const client = await Client.open(model.url);
    client.send(PCMU_SESSION);
    client.send('{"type":"response.create"}');
    await client.next('rate_limits.updated');
    client.ws.terminate();
    return client.events.map(({ event_id }) => event_id);
  };
  const first = await ids(3);
  expect(new Set(first).size).toBe(first.length);
  expect(await ids(3)).toEqual(first);
  expect(await ids(4)).not.toEqual(first);
});

it('hears 100 ms of audio before the session is configured and goes on', async () => {
  const model = await serve();
  const client = await Client.open(model.url);
  for (const event of appends(silence(100))) client.send(event);
  client.send(PCMU_SESSION);
  await client.next('session.updated');
  for (const event of appends(join(silence(500), speech(800), silence(800)))) client.send(event);
  await client.next('response.done');
  expect(client.types()).not.toContain('error');
  client.ws.terminate();
});

it('hears a caller in every input format', async () => {
  const model = await serve();
  const samples = join(silence(500), speech(800), silence(800));
  const l16 = new Int16Array(samples.length * 3);
  for (let at = 0; at < l16.length; at++) l16[at] = samples[Math.floor(at / 3)]!;
  const inputs: [object, Uint8Array][] = [
    [{ type: 'audio/pcma' }, encodeAlaw(samples)],
    [{ type: 'audio/pcm', rate: 24_000 }, new Uint8Array(l16.buffer)],
  ];
  for (const [format, bytes] of inputs) {
    const client = await Client.open(model.url);
    client.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { format, turn_detection: { type: 'server_vad', silence_duration_ms: 300 } } },
      },
    });
    for (let at = 0; at < bytes.length; at += 4800) {
      const audio = Buffer.from(bytes.subarray(at, at + 4800)).toString('base64');
      client.send({ type: 'input_audio_buffer.append', audio });
    }
    const started = await client.next('input_audio_buffer.speech_started');
    expect(started.audio_start_ms).toBeGreaterThan(100);
    expect(started.audio_start_ms).toBeLessThan(320);
    await client.next('response.created');
    client.ws.terminate();
  }
});

it('answers what is wrong with a frame and keeps the session', async () => {
  const model = await serve();
  const client = await Client.open(model.url);
  client.send('not json');
  expect((await client.next('error')).error.code).toBe('invalid_json');
  client.ws.send(Buffer.from([1, 2, 3]));
  expect((await client.next('error')).error).toEqual({
    type: 'invalid_request_error',
    code: 'invalid_event',
    message: 'Expected a text WebSocket message; binary frames are not supported.',
    param: null,
    event_id: null,
  });
  client.send('{"type":"session.update","event_id":"vb_3","session":{"type":"realtime","modalities":["audio"]}}');
  expect((await client.next('error')).error).toEqual({
    type: 'invalid_request_error',
    code: 'unknown_parameter',
    message: "Unknown parameter: 'session.modalities'.",
    param: 'session.modalities',
    event_id: 'vb_3',
  });
  client.send(PCMU_SESSION);
  await client.next('session.updated');
  client.ws.terminate();
});

it.each<[string, ClientOptions, string[]]>([
  ['the beta header', { headers: { 'OpenAI-Beta': 'realtime=v1' } }, []],
  ['the beta subprotocol', {}, ['realtime', 'openai-beta.realtime-v1']],
])('turns a client with %s away as the service does', async (_, options, protocols) => {
  const model = await serve();
  const client = new Client(model.url, options, protocols);
  expect((await client.next('error')).error.code).toBe('beta_api_shape_disabled');
  expect(await client.closed).toEqual({ code: 4000, reason: 'invalid_request_error.beta_api_shape_disabled' });
  expect(client.types()).toEqual(['error']);
});

it('lets in any key or none, unless it was given one', async () => {
  const open = await serve();
  (await Client.open(open.url)).ws.terminate();
  (await Client.open(open.url, { headers: { Authorization: 'Bearer anything' } })).ws.terminate();

  const locked = await serve({ key: 'sk-right' });
  (await Client.open(locked.url, { headers: { Authorization: 'Bearer sk-right' } })).ws.terminate();
  const wrong = new Client(locked.url, { headers: { Authorization: 'Bearer sk-wrong-and-long' } });
  const { error } = await wrong.next('error');
  expect(error.code).toBe('invalid_api_key');
  expect(error.message).toContain('Incorrect API key provided: sk-w***.');
  expect(await wrong.closed).toEqual({ code: 3000, reason: 'invalid_request_error.invalid_api_key' });
  const none = new Client(locked.url);
  expect((await none.next('error')).error.message).toBe('Missing bearer or basic authentication in header');
  expect(await none.closed).toEqual({ code: 3000, reason: 'invalid_request_error' });
});

it('answers 404 on another path and 426 to a plain request', async () => {
  const model = await serve();
  const status = async (url: string): Promise<number | undefined> => {
    const ws = new WebSocket(url);
    const [, response] = await once(ws, 'unexpected-response');
    return response.statusCode;
  };
  expect(await status(model.url.replace('/v1/realtime', '/v1/other'))).toBe(404);
  expect((await fetch(model.url.replace('ws:', 'http:'))).status).toBe(426);
});

it.each(['GET // HTTP/1.1', 'GET http://[bad/v1/realtime HTTP/1.1', 'GET /v1/realtime?%zz HTTP/1.1'])(
  'survives the request line %s',
  async (requestLine) => {
    const model = await serve();
    const socket = connect(model.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `${requestLine}\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.destroy();
    (await Client.open(model.url)).ws.terminate();
  },
);

it('refuses a port that is taken with one sentence', async () => {
  const model = await serve();
  await expect(serveModel({ voice: VOICE, port: model.port })).rejects.toThrow(
    `port ${model.port} on 127.0.0.1 is already in use`,
  );
});

it('closes politely, and soon also when a client does not answer', async () => {
  const model = await serve();
  const client = await Client.open(model.url);
  const deaf = await Client.open(model.url);
  deaf.ws.pause();
  await model.close();
  expect((await client.closed).code).toBe(1001);
  expect(model.sessions).toEqual([]);
  deaf.ws.terminate();
});

describe('a fault', () => {
  it.each([401, 403, 404, 500])('refuses the upgrade with %i', async (status) => {
    const model = await serve({ faults: { refuse: status } });
    const ws = new WebSocket(model.url);
    const [, response] = await once(ws, 'unexpected-response');
    expect(response.statusCode).toBe(status);
  });

  it('answers the handshake late', async () => {
    const clock = new VirtualClock();
    const model = await serve({ clock, connectDelayMs: 300 });
    const client = new Client(model.url);
    let isOpen = false;
    client.ws.on('open', () => {
      isOpen = true;
    });
    await Promise.race([once(client.ws, 'upgrade'), new Promise((resolve) => setTimeout(resolve, 50))]);
    clock.advance(299);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isOpen).toBe(false);
    clock.advance(1);
    await client.next('session.created');
    client.ws.terminate();
  });

  it('never answers the handshake, and still closes at once', async () => {
    const model = await serve({ faults: { silent: 'handshake' } });
    const client = new Client(model.url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.ws.readyState).toBe(WebSocket.CONNECTING);
    await model.close();
    await client.closed;
  });

  it('opens the session and says nothing', async () => {
    const model = await serve({ faults: { silent: 'session' } });
    const client = new Client(model.url);
    await once(client.ws, 'open');
    client.send(PCMU_SESSION);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.events).toEqual([]);
    client.ws.terminate();
  });

  it('cuts the connection in the middle of an answer', async () => {
    const model = await serve({ faults: { drop: { afterAudioMs: 100 } } });
    const client = await Client.open(model.url);
    client.send('{"type":"response.create"}');
    expect((await client.closed).code).toBe(1006);
    expect(client.types()).toContain('response.output_audio.delta');
    expect(client.types()).not.toContain('response.done');
  });

  it('ignores a close', async () => {
    const model = await serve({ faults: { ignoreClose: true } });
    const client = await Client.open(model.url);
    client.ws.close(1000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.ws.readyState).toBe(WebSocket.CLOSING);
    client.ws.terminate();
  });

  it('drops everybody on request', async () => {
    const model = await serve();
    const clients = [await Client.open(model.url), await Client.open(model.url)];
    model.dropAll();
    expect((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([1006, 1006]);
  });
});

it('ends a session that has lasted too long', async () => {
  const model = await serve({ maxSessionMs: 30 });
  const client = await Client.open(model.url);
  expect((await client.next('error')).error.code).toBe('session_expired');
  expect((await client.closed).code).toBe(1001);
});

it('pings as often as the service does', async () => {
  const clock = new VirtualClock();
  const model = await serve({ clock });
  const client = await Client.open(model.url);
  const pinged = once(client.ws, 'ping');
  clock.advance(20_260);
  await pinged;
  client.ws.terminate();
});

it('closes a connection that sends more than 15 MiB at once', async () => {
  const model = await serve();
  const client = await Client.open(model.url);
  client.send(`{"type":"input_audio_buffer.append","audio":"${'A'.repeat(15 * 1024 * 1024)}"}`);
  expect((await client.closed).code).toBe(1009);
});

it('survives 2 000 random and mutated messages while another session goes on', async () => {
  const model = await serve();
  const wild = await Client.open(model.url);
  const calm = await Client.open(model.url);
  calm.send(PCMU_SESSION);
  const seeds = [
    JSON.stringify(PCMU_SESSION),
    '{"type":"response.create","response":{"output_modalities":["text"],"conversation":"none"}}',
    '{"type":"response.cancel"}',
    '{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":10}',
    '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}',
    '{"type":"input_audio_buffer.append","audio":"//8A"}',
    '{"type":"input_audio_buffer.commit"}',
  ];
  const random = new Random(7);
  for (const message of fc.sample(fc.oneof(fc.json(), fc.string(), fc.uint8Array({ maxLength: 200 })), 800))
    wild.ws.send(message);
  for (let count = 0; count < 1200; count++) {
    const letters = [...seeds[count % seeds.length]!];
    for (let change = 0; change <= count % 4; change++) {
      const at = random.integer(0, letters.length - 1);
      letters.splice(at, random.integer(0, 3), String.fromCharCode(random.integer(32, 126)));
    }
    wild.send(letters.join(''));
  }
  wild.send('{"type":"nope","event_id":"the_end"}');
  for (;;) if ((await wild.next('error')).error.event_id === 'the_end') break;
  calm.send('{"type":"response.create"}');
  expect((await calm.next('response.done')).response.status).toBe('completed');
  expect(calm.types()).not.toContain('error');
  wild.ws.terminate();
  calm.ws.terminate();
});
