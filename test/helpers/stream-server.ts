import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a small voice agent is told about one stream, and what it may do. */
export interface TestStream {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Every message of the phone, in order, as text. */
  readonly messages: string[];
  streamSid: string;
  media(audio: Uint8Array): void;
  mark(name: string): void;
  clear(): void;
}

export interface StreamAgent {
  onOpen?: (stream: TestStream) => void;
  onStart?: (stream: TestStream) => void;
  /** Caller audio, decoded. */
  onMedia?: (stream: TestStream, audio: Buffer) => void;
  onMark?: (stream: TestStream, name: string) => void;
  onStop?: (stream: TestStream) => void;
}

export interface StreamServer {
  /** `ws://127.0.0.1:port/media-stream` */
  readonly url: string;
  readonly streams: readonly TestStream[];
  close(): Promise<void>;
}

/** A media-stream server on loopback in a few lines, independent of the relay: an agent for tests of the phone and of commands. */
export async function serveStreams(agent: StreamAgent = {}): Promise<StreamServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/media-stream', perMessageDeflate: false });
  const streams: TestStream[] = [];
  server.on('connection', (socket, request) => {
    const stream = streamOn(socket, request);
    streams.push(stream);
    socket.on('error', () => {});
    socket.on('message', (data) => hear(agent, stream, String(data)));
    agent.onOpen?.(stream);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/media-stream`,
    streams,
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}

/** Says `audio` as soon as the stream has started, and a mark `said` behind it. */
export function speakingAgent(audio: Uint8Array): StreamAgent {
  return {
    onStart: (stream) => {
      stream.media(audio);
      stream.mark('said');
    },
  };
}

/** Sends every frame straight back. */
export const echoAgent: StreamAgent = { onMedia: (stream, audio) => stream.media(audio) };

function streamOn(socket: WebSocket, request: IncomingMessage): TestStream {
  const send = (message: object): void => socket.send(JSON.stringify(message));
  return {
    socket,
    request,
    messages: [],
    streamSid: '',
    media(audio) {
      send({ event: 'media', streamSid: this.streamSid, media: { payload: Buffer.from(audio).toString('base64') } });
    },
    mark(name) {
      send({ event: 'mark', streamSid: this.streamSid, mark: { name } });
    },
    clear() {
      send({ event: 'clear', streamSid: this.streamSid });
    },
  };
}

function hear(agent: StreamAgent, stream: TestStream, text: string): void {
  stream.messages.push(text);
  const message = JSON.parse(text);
  if (message.event === 'start') {
    stream.streamSid = message.streamSid;
    agent.onStart?.(stream);
  } else if (message.event === 'media') agent.onMedia?.(stream, Buffer.from(message.media.payload, 'base64'));
  else if (message.event === 'mark') agent.onMark?.(stream, message.mark.name);
  else if (message.event === 'stop') agent.onStop?.(stream);
}
