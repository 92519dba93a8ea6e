import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { VoicebridgeError } from '../../../src/errors.js';
import { dial } from '../../../src/simulator/phone/call.js';
import { silentCaller } from '../../helpers/phone.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that does this with every connection. */
function serveTcp(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream`));
  });
}

async function failure(url: string, more: { handshakeTimeoutMs?: number; signal?: AbortSignal } = {}) {
  const error = await dial({ url, caller: silentCaller(1000), ...more }).done.catch((error: unknown) => error);
  if (!(error instanceof VoicebridgeError)) throw new Error('not a VoicebridgeError', { cause: error });
  return error;
}

it('says that nobody listens', async () => {
  const url = await serveTcp(() => {});
  for (const close of closing.splice(0)) close();
  const error = await failure(url);
  expect(error).toMatchObject({ code: 'connect-refused', exit: 3 });
  expect(error.message).toBe(`${url} refused the connection`);
});

it.each([404, 200, 301, 401, 500])('repeats the status of an answer that is not 101: %i', async (status) => {
  const server = createHttpServer((_, response) => response.writeHead(status).end('no'));
  server.on('upgrade', (_, socket) =>
    socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
  );
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const error = await failure(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(error.code).toBe('handshake-status');
  expect(error.message).toContain(`answered HTTP ${status} instead of 101`);
});

it.each([
  ['answers something that is not HTTP', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
  ['hangs up instead of answering', (socket: Socket) => socket.end()],
  ['resets the connection', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
  [
    'upgrades with the wrong key',
    (socket: Socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
        ),
      ),
  ],
])('says that a server does not speak WebSocket when it %s', async (_, behave) => {
  const error = await failure(await serveTcp(behave));
  expect(error).toMatchObject({ code: 'handshake-invalid', exit: 3 });
  expect(error.message).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/stream does not speak WebSocket: \S/);
});

it('says that TLS is not spoken', async () => {
  const url = await serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const error = await failure(url.replace('ws:', 'wss:'));
  expect(error.message).toContain('it does not speak TLS: try ws:// instead of wss://');
});

it('gives up a server that never answers', async () => {
  const error = await failure(await serveTcp(() => {}), { handshakeTimeoutMs: 60 });
  expect(error.code).toBe('connect-timeout');
  expect(error.message).toContain('did not answer the WebSocket handshake within 60 ms');
});

it('says that there is no such host', async () => {
  const error = await failure('ws://nowhere.invalid/stream', { handshakeTimeoutMs: 12_000 });
  expect(error.code).toBe('connect-failed');
  expect(error.message).toMatch(/cannot be reached: .*(host)/);
});

it.each(['http://127.0.0.1/', 'nonsense', 'ws://'])('refuses the address "%s"', async (url) => {
  expect(await failure(url)).toMatchObject({ code: 'usage', exit: 2 });
});

it('can be given up while nobody answers, or before it began', async () => {
  const url = await serveTcp(() => {});
  const call = dial({ url, caller: silentCaller(1000) });
  call.on(({ type }) => {
    if (type === 'connecting') setTimeout(() => call.hangUp(), 10);
  });
  await expect(call.done).rejects.toMatchObject({ code: 'call-given-up' });
  expect(await failure(url, { signal: AbortSignal.abort() })).toMatchObject({ code: 'call-given-up' });
});
