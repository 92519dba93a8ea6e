import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isVoicebridge } from '../../../src/cli/simulate/endpoint.js';

const servers: Server[] = [];

async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('isVoicebridge', () => {
  it('knows a relay by its health answer', async () => {
    const url = await serving((_, response) => response.end('{"name":"voicebridge","calls":0}'));
    expect(await isVoicebridge(url)).toBe(true);
  });

  it.each<[string, RequestListener]>([
    ['something else with JSON', (_, response) => response.end('{"name":"jenkins"}')],
    ['JSON that is null', (_, response) => response.end('null')],
    ['a page', (_, response) => response.end('<html>')],
    ['a 503', (_, response) => response.writeHead(503).end('{"name":"voicebridge"}')],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/' }).end()],
    ['a server that hangs up', (request) => request.socket.destroy()],
    ['a server that never answers', () => {}],
  ])('is not taken in by %s', async (_, answer) => {
    expect(await isVoicebridge(await serving(answer))).toBe(false);
  });

  it('is not taken in by a port where nobody listens', async () => {
    const url = await serving(() => {});
    const server = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    expect(await isVoicebridge(url)).toBe(false);
  });
});
