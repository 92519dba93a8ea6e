import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ModelConnection, type ModelEvent, plainSession } from '../../src/model/model.js';
import { type OpenAIModelOptions, openaiModel } from '../../src/model/openai.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

/** A server that the test plays by hand, message by message. */
class HandServer {
  readonly server: WebSocketServer;
  readonly received: string[] = [];
  headers: Record<string, unknown> = {};
  #socket: WebSocket | undefined;
  #waiting: (() => void)[] = [];

  /** `autoPong: false` makes a peer that is half open: it takes everything and answers no ping. */
  constructor(autoPong: boolean) {
    this.server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong });
    this.server.on('connection', (socket, request) => {
      this.#socket = socket;
      this.headers = request.headers;
      socket.on('message', (data) => {
        this.received.push(data.toString());
        for (const wake of this.#waiting.splice(0)) wake();
      });
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/realtime?model=test`;
  }

  async connected(): Promise<WebSocket> {
    while (!this.#socket) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#socket;
  }

  async say(...events: object[]): Promise<void> {
    const socket = await this.connected();
    for (const event of events) socket.send(JSON.stringify(event));
  }

  /** The n-th message the client sent. */
  async message(number: number): Promise<string> {
    while (this.received.length <= number) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.received[number]!;
  }

  close(): void {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
  }
}

const open: { server?: HandServer; model?: ModelConnection } = {};

afterEach(() => {
  open.model?.close();
  open.server?.close();
});

interface Connection {
  readonly server: HandServer;
  readonly model: ModelConnection;
  readonly clock: VirtualClock;
  /** The first event of this type, when it has come. */
  readonly event: (type: ModelEvent['type']) => Promise<ModelEvent>;
}

type Options = Partial<OpenAIModelOptions> & { readonly voice?: string };

async function connect({ voice, ...options }: Options = {}, autoPong = true): Promise<Connection> {
  const server = new HandServer(autoPong);
  await once(server.server, 'listening');
  const clock = new VirtualClock();
  const events: ModelEvent[] = [];
  const waiting: (() => void)[] = [];
  const openModel = openaiModel({
    url: server.url,
    audio: 'pcmu',
    clock,
    connectTimeoutMs: 5_000,
    pingEveryMs: 15_000,
    maxMessageBytes: 1_000_000,
    ...options,
  });
  const model = openModel(plainSession('Be brief.', voice), (event) => {
    events.push(event);
    for (const wake of waiting.splice(0)) wake();
  });
  open.server = server;
  open.model = model;
  const event = async (type: ModelEvent['type']): Promise<ModelEvent> => {
    for (;;) {
      const found = events.find((one) => one.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { server, model, clock, event };
}

async function ready(options: Options = {}, autoPong = true): Promise<Connection> {
  const connection = await connect(options, autoPong);
  await connection.server.say({ type: 'session.created' });
  await connection.server.message(0);
  await connection.server.say({ type: 'session.updated' });
  await connection.event('ready');
  return connection;
}

describe('the OpenAI Realtime client', () => {
  it('configures the session in the GA shape, µ-law both ways, and is ready when that was accepted', async () => {
    const { server } = await ready({ voice: 'marin' });
    expect(await server.message(0)).toBe(
      '{"type":"session.update","event_id":"vb_1","session":{"type":"realtime","output_modalities":["audio"],"instructions":"Be brief.","audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"server_vad","create_response":true,"interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin"}}}}',
    );
  });

  it('asks for 24 kHz linear audio with its rate', async () => {
    const { server, model } = await ready({ audio: 'pcm' });
    const { session } = JSON.parse(await server.message(0));
    expect(session.audio.input.format).toEqual({ type: 'audio/pcm', rate: 24_000 });
    expect(session.audio.output).toEqual({ format: { type: 'audio/pcm', rate: 24_000 } });
    expect(model.output).toEqual({ encoding: 'L16', rate: 24_000 });
  });

  it('sends the key as a bearer token, and no header when there is none', async () => {
    const withKey = await ready({ key: 'secret' });
    expect(withKey.server.headers.authorization).toBe('Bearer secret');
    expect(withKey.server.headers['sec-websocket-extensions']).toBeUndefined();
    open.model?.close();
    open.server?.close();
    const without = await ready();
    expect(without.server.headers.authorization).toBeUndefined();
  });

  it('writes each message as the protocol has it, with an id on everything but audio', async () => {
    const { server, model } = await ready();
    model.audio('fwB/AA==');
    model.respond();
    model.respond({ instructions: 'Say sorry.' });
    model.cancel('resp_1');
    model.truncate('item_1', 0, 730);
    model.addText({ role: 'caller', text: 'The caller pressed 5.' });
    await server.message(6);
    expect(server.received.slice(1)).toEqual([
      '{"type":"input_audio_buffer.append","audio":"fwB/AA=="}',
      '{"type":"response.create","event_id":"vb_2"}',
      '{"type":"response.create","event_id":"vb_3","response":{"instructions":"Say sorry."}}',
      '{"type":"response.cancel","event_id":"vb_4","response_id":"resp_1"}',
      '{"type":"conversation.item.truncate","event_id":"vb_5","item_id":"item_1","content_index":0,"audio_end_ms":730}',
      '{"type":"conversation.item.create","event_id":"vb_6","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"The caller pressed 5."}]}}',
    ]);
  });

  it('survives errors of messages that crossed, and says that they are benign', async () => {
    const { server, event } = await ready();
    await server.say({ type: 'error', error: { code: 'response_cancel_not_active', message: 'none' } });
    expect(await event('error')).toMatchObject({ benign: true });
  });

  it.each([
    ['a fatal error', { type: 'error', error: { code: 'session_expired', message: 'over' } }, 'session_expired: over'],
  ])('is closed by %s', async (_, message, reason) => {
    const { server, event } = await ready();
    await server.say(message);
    expect(await event('closed')).toEqual({ type: 'closed', reason });
  });

  it('is closed when its configuration is refused, whatever the code', async () => {
    const { server, event } = await connect();
    await server.say({ type: 'session.created' });
    await server.message(0);
    await server.say({ type: 'error', error: { code: 'unknown_parameter', message: "Unknown parameter: 'x'." } });
    expect(await event('closed')).toEqual({
      type: 'closed',
      reason: "unknown_parameter: Unknown parameter: 'x'.",
      cause: 'lost',
    });
  });

  it('is closed, once, when the server goes away', async () => {
    const { server, event } = await ready();
    (await server.connected()).terminate();
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'it closed the connection (1006)', cause: 'lost' });
  });

  it('is closed when no session comes in time', async () => {
    const { server, clock, event } = await connect({ connectTimeoutMs: 300 });
    await server.connected();
    clock.advance(300);
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'no session within 300 ms', cause: 'lost' });
  });

  it('is closed when nobody listens, with the reason', async () => {
    const { server, event, model } = await connect({ url: 'ws://127.0.0.1:1/v1/realtime' });
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'ECONNREFUSED', cause: 'lost' });
    model.audio('AAAA');
    model.close();
    server.close();
  });

  it('is closed by an HTTP answer instead of a handshake, with its status', async () => {
    const http = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { event } = await connect({ url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/` });
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'it answered HTTP 401', cause: 'lost' });
    http.close();
  });

  it('pings, and takes a missing pong for the end', async () => {
    const { clock, event } = await ready({}, false);
    clock.advance(15_000);
    clock.advance(15_000);
    expect(await event('closed')).toEqual({ type: 'closed', reason: 'it stopped answering pings', cause: 'lost' });
  });
});
