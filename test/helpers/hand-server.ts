import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ModelConnection, type ModelEvent, type ModelSession, plainSession } from '../../src/model/model.js';
import { type OpenAIModelOptions, openaiModel } from '../../src/model/openai.js';
import { VirtualClock } from './virtual-clock.js';

/** A server that the test plays by hand, message by message. */
export class HandServer {
  readonly server: WebSocketServer;
  readonly received: string[] = [];
  headers: Record<string, unknown> = {};
  path: string | undefined;
  #socket: WebSocket | undefined;
  #waiting: (() => void)[] = [];

  /** `autoPong: false` makes a peer that is half open: it takes everything and answers no ping. */
  constructor(autoPong: boolean) {
    this.server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong });
    this.server.on('connection', (socket, request) => {
      this.#socket = socket;
      this.headers = request.headers;
      this.path = request.url;
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

export interface HandConnection {
  readonly server: HandServer;
  readonly model: ModelConnection;
  readonly clock: VirtualClock;
  readonly events: ModelEvent[];
  /** The first event of this type, when it has come. */
  readonly event: <Type extends ModelEvent['type']>(type: Type) => Promise<ModelEvent & { type: Type }>;
  close(): void;
}

export type HandOptions = Partial<OpenAIModelOptions> & { readonly session?: Partial<ModelSession> };

/** Our client and a server for it to talk to, on a clock that stands still. */
export async function connectByHand(
  { session, ...options }: HandOptions = {},
  autoPong = true,
): Promise<HandConnection> {
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
  const model = openModel({ ...plainSession('Be brief.'), ...session }, (event) => {
    events.push(event);
    for (const wake of waiting.splice(0)) wake();
  });
  return {
    ...{ server, model, clock, events },
    async event<Type extends ModelEvent['type']>(type: Type) {
      for (;;) {
        const found = events.find((one) => one.type === type);
        if (found) return found as ModelEvent & { type: Type };
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close() {
      model.close();
      server.close();
    },
  };
}

export async function readyByHand(options: HandOptions = {}, autoPong = true): Promise<HandConnection> {
  const connection = await connectByHand(options, autoPong);
  await connection.server.say({ type: 'session.created' });
  await connection.server.message(0);
  await connection.server.say({ type: 'session.updated' });
  await connection.event('ready');
  return connection;
}
