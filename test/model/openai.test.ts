import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DIALECTS } from '../../src/model/dialects.js';
import { connectByHand, type HandConnection, type HandOptions, readyByHand } from '../helpers/hand-server.js';

const open: HandConnection[] = [];

afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

async function connect(options: HandOptions = {}): Promise<HandConnection> {
  const connection = await connectByHand(options);
  open.push(connection);
  return connection;
}

async function ready(options: HandOptions = {}, autoPong = true): Promise<HandConnection> {
  const connection = await readyByHand(options, autoPong);
  open.push(connection);
  return connection;
}

const error = (code: string, message = 'no', more: object = {}): object => ({
  type: 'error',
  error: { type: 'invalid_request_error', code, message, ...more },
});

describe('opening a session of OpenAI Realtime', () => {
  it('is ready when its configuration was accepted, and asks for no compression', async () => {
    const { server, event } = await ready();
    expect(server.headers['sec-websocket-extensions']).toBeUndefined();
    expect(await event('ready')).toEqual({ type: 'ready' });
  });

  it('puts what was said before into the conversation before it is ready', async () => {
    const history = [
      { role: 'agent', text: 'Hello.' },
      { role: 'caller', text: 'My order?' },
    ] as const;
    const { server } = await ready({ session: { history } });
    await server.message(2);
    expect(server.received.slice(1)).toEqual([
      '{"type":"conversation.item.create","event_id":"vb_2","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello."}]}}',
      '{"type":"conversation.item.create","event_id":"vb_3","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"My order?"}]}}',
    ]);
  });

  it('sends the key as a bearer token, other headers as they are, and none when there is no key', async () => {
    expect((await ready({ key: 'secret' })).server.headers.authorization).toBe('Bearer secret');
    expect((await ready({ headers: { 'api-key': 'secret' } })).server.headers).toMatchObject({ 'api-key': 'secret' });
    expect((await ready()).server.headers.authorization).toBeUndefined();
  });

  it('tells how long the session may last, and nothing when the model does not say or the time has passed', async () => {
    const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
    const connection = await connect();
    await connection.server.say({ type: 'session.created', session: { expires_at: inAnHour } });
    await connection.server.message(0);
    await connection.server.say({ type: 'session.updated' });
    const { expiresInMs } = await connection.event('ready');
    expect(expiresInMs).toBeGreaterThan(3_540_000);
    expect(expiresInMs).toBeLessThanOrEqual(3_600_000);

    const late = await connect();
    await late.server.say({ type: 'session.created', session: { expires_at: 1_000 } });
    await late.server.message(0);
    await late.server.say({ type: 'session.updated' });
    expect(await late.event('ready')).toEqual({ type: 'ready' });
  });

  it.each([
    ['invalid_api_key', 'invalid_api_key', 'refused'],
    ['model_not_found', 'model_not_found: no', 'refused'],
    ['server_error', 'server_error: no', 'busy'],
    ['rate_limit_exceeded', 'rate_limit_exceeded: no', 'busy'],
  ])('is closed by %s instead of a session', async (code, reason, cause) => {
    const { server, event } = await connect();
    await server.say(error(code));
    expect(await event('closed')).toEqual({ type: 'closed', reason, cause });
  });

  it('is closed when its configuration is refused, whatever the code', async () => {
    const { server, event } = await connect();
    await server.say({ type: 'session.created' });
    await server.message(0);
    await server.say(error('unknown_parameter', "Unknown parameter: 'x'."));
    expect(await event('closed')).toEqual({
      type: 'closed',
      reason: "unknown_parameter: Unknown parameter: 'x'.",
      cause: 'refused',
    });
  });

  it.each([
    ['by an error', error('invalid_value', 'Invalid value.', { param: 'session.audio.input.format.type' })],
    [
      'by passing over it',
      { type: 'session.updated', session: { audio: { input: { format: { type: 'audio/pcm' } } } } },
    ],
  ])('asks for another format the next time when this one is refused %s', async (_, answer) => {
    let refusals = 0;
    const { server, event } = await connect({ onFormatRefused: () => refusals++ });
    await server.say({ type: 'session.created' });
    await server.message(0);
    await server.say(answer);
    expect(await event('closed')).toMatchObject({ cause: 'lost' });
    expect(refusals).toBe(1);
  });

  it('is closed when no session comes in time', async () => {
    const { server, clock, event } = await connect({ connectTimeoutMs: 300 });
    await server.connected();
    clock.advance(300);
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'no session within 300 ms', cause: 'lost' });
  });

  it('is closed when nobody listens, and does nothing from then on', async () => {
    const { event, model } = await connect({ url: 'ws://127.0.0.1:1/v1/realtime' });
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'ECONNREFUSED', cause: 'lost' });
    model.audio('AAAA');
    model.respond();
  });

  it.each([
    [401, '', 'it answered HTTP 401', 'refused'],
    [429, '', 'it answered HTTP 429', 'busy'],
    [429, '{"error":{"code":"insufficient_quota"}}', 'it answered HTTP 429 (insufficient_quota)', 'refused'],
    [503, '<html>', 'it answered HTTP 503', 'busy'],
  ])('is closed by HTTP %i %s instead of a handshake', async (status, body, reason, cause) => {
    const http = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { event } = await connect({ url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/` });
    expect(await event('closed')).toEqual({ type: 'closed', reason, cause });
    http.close();
  });
});

describe('a session of OpenAI Realtime that goes on', () => {
  it('survives errors of messages that crossed, and says that they are benign', async () => {
    const { server, event } = await ready();
    await server.say(error('response_cancel_not_active', 'none'));
    expect(await event('error')).toEqual({
      type: 'error',
      code: 'response_cancel_not_active',
      message: 'none',
      benign: true,
    });
  });

  it('goes on with what it was when an update is refused, and says so', async () => {
    const { server, event, model } = await ready();
    model.update({ instructions: 'Be kind.' });
    await server.message(1);
    await server.say(error('invalid_value', 'no such tool', { event_id: 'vb_2' }));
    expect(await event('error')).toMatchObject({ code: 'invalid_value', benign: true });
  });

  it('tells of an error that answers nothing it knows as one that matters', async () => {
    const { server, event } = await ready();
    await server.say(error('invalid_value', 'no', { event_id: 'vb_77' }));
    expect(await event('error')).toMatchObject({ benign: false });
  });

  it("adds up the pieces of the caller's words, and takes the whole when it comes", async () => {
    const { server, events } = await ready();
    const kind = 'conversation.item.input_audio_transcription';
    await server.say(
      { type: `${kind}.delta`, item_id: 'item_1', delta: 'My' },
      { type: `${kind}.delta`, item_id: 'item_2', delta: 'No' },
      { type: `${kind}.delta`, item_id: 'item_1', delta: ' order' },
      { type: `${kind}.completed`, item_id: 'item_1', transcript: 'My order?' },
      { type: `${kind}.delta`, item_id: 'item_1', delta: 'Again' },
    );
    await expect.poll(() => events.length).toBe(6);
    expect(events.slice(1)).toEqual([
      { type: 'caller-text', itemId: 'item_1', text: 'My', final: false },
      { type: 'caller-text', itemId: 'item_2', text: 'No', final: false },
      { type: 'caller-text', itemId: 'item_1', text: 'My order', final: false },
      { type: 'caller-text', itemId: 'item_1', text: 'My order?', final: true },
      { type: 'caller-text', itemId: 'item_1', text: 'Again', final: false },
    ]);
  });

  it('does not confuse the ledger with function calls, and tells only of those that were finished', async () => {
    const { server, events } = await ready();
    const call = { id: 'item_2', type: 'function_call', call_id: 'call_1', name: 'lookup', arguments: '{"id":7}' };
    const done = { type: 'response.output_item.done', response_id: 'resp_1' };
    await server.say(
      { ...done, item: { id: 'item_1', type: 'message', status: 'completed' } },
      { ...done, item: { ...call, status: 'incomplete' } },
      { ...done, item: { ...call, status: 'completed' } },
    );
    await expect.poll(() => events.length).toBe(3);
    expect(events.slice(1)).toEqual([
      { type: 'item-done', responseId: 'resp_1', itemId: 'item_1' },
      {
        type: 'tool-call',
        responseId: 'resp_1',
        itemId: 'item_2',
        callId: 'call_1',
        name: 'lookup',
        args: '{"id":7}',
      },
    ]);
  });

  it.each([
    ['session_expired', 'session_expired: over', 'expired'],
    ['insufficient_quota', 'insufficient_quota: over', 'refused'],
  ])('is closed by %s', async (code, reason, cause) => {
    const { server, event } = await ready();
    await server.say(error(code, 'over'));
    expect(await event('closed')).toEqual({ type: 'closed', reason, cause });
  });

  it.each([
    [1001, 'session_expired', 'expired'],
    [1001, '', 'lost'],
    [1012, '', 'busy'],
    [4000, 'invalid_request_error.beta_api_shape_disabled', 'refused'],
  ])('is closed by a close frame with %i %s', async (code, reason, cause) => {
    const { server, event } = await ready();
    (await server.connected()).close(code, reason);
    expect(await event('closed')).toEqual({ type: 'closed', reason: `it closed the connection (${code})`, cause });
  });

  it('is closed, once, when the server goes away', async () => {
    const { server, event, events } = await ready();
    (await server.connected()).terminate();
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'it closed the connection (1006)', cause: 'lost' });
    expect(events.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });

  it('pings, and takes a missing pong for the end', async () => {
    const { clock, event } = await ready({}, false);
    clock.advance(15_000);
    clock.advance(15_000);
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'it stopped answering pings', cause: 'lost' });
  });
});

describe('xAI', () => {
  const dialect = DIALECTS.xai;

  it('asks for a lost conversation by its name, and does not seed it when it gets it', async () => {
    const history = [{ role: 'agent', text: 'Hello.' }] as const;
    const connection = await connect({ dialect, session: { history, resume: 'conv_7' } });
    const { server } = connection;
    await server.say({ type: 'conversation.created', conversation: { id: 'conv_7' } });
    await server.message(0);
    expect(server.path).toBe('/v1/realtime?model=test&conversation_id=conv_7');
    await server.say({ type: 'session.updated' });
    expect(await connection.event('ready')).toEqual({ type: 'ready', conversationId: 'conv_7', resumed: true });
    connection.model.respond();
    expect(await server.message(1)).toBe('{"type":"response.create","event_id":"vb_2"}');
  });

  it('seeds the conversation when it gets another one', async () => {
    const history = [{ role: 'agent', text: 'Hello.' }] as const;
    const connection = await connect({ dialect, session: { history, resume: 'conv_7' } });
    await connection.server.say({ type: 'conversation.created', conversation: { id: 'conv_8' } });
    await connection.server.message(0);
    await connection.server.say({ type: 'session.updated' });
    expect(await connection.event('ready')).toEqual({ type: 'ready', conversationId: 'conv_8' });
    expect(await connection.server.message(1)).toContain('"text":"Hello."');
  });

  it.each([
    ['its number', error('unknown_event', 'what?', { event_id: 'vb_2' })],
    ['its name', error('invalid_value', "Invalid value: 'conversation.item.truncate'.")],
  ])('is not told to truncate again after it has refused to, known by %s', async (_, answer) => {
    const { server, model, event } = await ready({ dialect });
    model.truncate('item_1', 0, 500);
    await server.message(1);
    await server.say(answer);
    await event('error');
    model.truncate('item_2', 0, 500);
    model.respond();
    expect(await server.message(2)).toBe('{"type":"response.create","event_id":"vb_3"}');
  });

  it('goes on truncating after an item was not there', async () => {
    const { server, model, event } = await ready({ dialect });
    model.truncate('item_1', 0, 500);
    await server.message(1);
    await server.say(error('item_truncate_invalid_item_id', 'no item', { event_id: 'vb_2' }));
    await event('error');
    model.truncate('item_2', 0, 500);
    expect(await server.message(2)).toContain('"item_id":"item_2"');
  });

  it('speaks a line word for word, which others cannot', async () => {
    const { server, model } = await ready({ dialect });
    model.say?.('Goodbye.');
    expect(await server.message(1)).toBe(
      '{"type":"conversation.item.create","event_id":"vb_2","item":{"type":"force_message","role":"assistant","interruptible":true,"content":[{"type":"output_text","text":"Goodbye."}]}}',
    );
    expect((await ready()).model.say).toBeUndefined();
  });
});
