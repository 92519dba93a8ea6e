import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import WebSocket from 'ws';
import { parseModelScript } from '../../../src/simulator/model/script/file.js';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../../../src/simulator/model/server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { Client, VOICE } from './client.js';

const open: SimulatedModel[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((model) => model.close()));
});

async function serve(script: string, options: SimulatedModelOptions = {}): Promise<SimulatedModel> {
  const parsed = parseModelScript(`synthesise: false\n${script}`);
  const model = await serveModel({ voice: VOICE, thinkMs: 5, speed: [60, 80], script: parsed, ...options });
  open.push(model);
  return model;
}

/** Lets sockets deliver what they have. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

it('misbehaves in the n-th session only, refused ones counted', async () => {
  const model = await serve('sessions:\n  - {session: 1, refuse: 429}\n  - {session: 2, error: insufficient_quota}');
  const refused = new WebSocket(model.url);
  const [, response] = await once(refused, 'unexpected-response');
  expect(response.statusCode).toBe(429);
  const second = new Client(model.url);
  expect((await second.next('error')).error.code).toBe('insufficient_quota');
  expect((await second.closed).code).toBe(4000);
  const third = await Client.open(model.url);
  expect(model.sessions.map(({ number }) => number)).toEqual([3]);
  third.ws.terminate();
});

it.each([
  ['invalid_api_key', 3000],
  ['model_not_found', 4000],
])('begins a session with %s and closes it', async (code, closed) => {
  const model = await serve(`sessions: [{error: ${code}}]`);
  const client = new Client(`${model.url}?model=gpt-nothing`);
  expect((await client.next('error')).error.code).toBe(code);
  expect((await client.closed).code).toBe(closed);
});

it('never answers a ping when told so, and otherwise does', async () => {
  const model = await serve('sessions: [{session: 2, ignorePings: true}]');
  const pongs = async (): Promise<number> => {
    const client = await Client.open(model.url);
    let count = 0;
    client.ws.on('pong', () => count++);
    client.ws.ping();
    await settle();
    client.ws.terminate();
    return count;
  };
  expect([await pongs(), await pongs()]).toEqual([1, 0]);
});

it('hangs: nothing more is sent and no ping is answered, and the socket stays', async () => {
  const clock = new VirtualClock();
  const model = await serve('sessions: [{hangs: 3s}]', { clock });
  const client = await Client.open(model.url);
  clock.advance(3000);
  let pongs = 0;
  client.ws.on('pong', () => pongs++);
  client.ws.ping();
  client.send('{"type":"response.cancel"}');
  await settle();
  expect([pongs, client.types(), client.ws.readyState]).toEqual([0, ['session.created'], WebSocket.OPEN]);
  client.ws.terminate();
});

it('lets a session expire, or drops it, after a time', async () => {
  const clock = new VirtualClock();
  const model = await serve(
    'sessions:\n  - {session: 1, expires: 20s}\n  - {session: 2, drop: {after: 5s, code: 1012}}',
    {
      clock,
    },
  );
  const [first, second] = [await Client.open(model.url), await Client.open(model.url)];
  clock.advance(5000);
  expect((await second.closed).code).toBe(1012);
  clock.advance(15_000);
  expect((await first.next('error')).error.code).toBe('session_expired');
  expect(await first.closed).toEqual({ code: 1001, reason: 'session_expired' });
});

it('lets a session expire in the middle of an answer', async () => {
  const model = await serve('responses: [{expire: {after: 100ms}, say: {text: Long., tone: {hz: 300, ms: 3000}}}]');
  const client = await Client.open(model.url);
  client.send({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
  });
  client.send('{"type":"response.create"}');
  expect((await client.next('error')).error.code).toBe('session_expired');
  expect((await client.closed).code).toBe(1001);
  expect(client.types()).toContain('response.output_audio.delta');
  expect(client.types()).not.toContain('response.done');
});

it('answers the handshake of one session late', async () => {
  const clock = new VirtualClock();
  const model = await serve('sessions: [{session: 1, connectDelay: 5s}]', { clock });
  const slow = new Client(model.url);
  await settle();
  (await Client.open(model.url)).ws.terminate();
  expect(slow.ws.readyState).toBe(WebSocket.CONNECTING);
  clock.advance(5000);
  await slow.next('session.created');
  slow.ws.terminate();
});

it('remembers a session when it is over: what was truncated, and which words were left', async () => {
  const model = await serve('greeting: {say: One two three four.}');
  const client = await Client.open(model.url);
  client.send('{"type":"response.create"}');
  const { item_id } = await client.next('response.output_audio.done');
  await client.next('response.done');
  // Each word is hummed for 150 or 300 ms, with 30 ms between: three of them have ended at 690 ms.
  client.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: 700 });
  await client.next('conversation.item.truncated');
  client.ws.close();
  await client.closed;
  while (model.sessions.length > 0) await settle();
  const [session] = model.allSessions;
  expect(session).toMatchObject({ number: 1, isOpen: false });
  expect(session!.memory()).toEqual([
    { id: item_id, role: 'assistant', said: 'One two three', audioMs: 700, truncated: true },
  ]);
});
