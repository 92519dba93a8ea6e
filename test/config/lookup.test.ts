import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.js';
import { type LookedUp, type LookupOptions, lookUp } from '../../src/config/lookup.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/who`;
}

const question = { callSid: 'CA1', from: '+15550100001', to: '+15550100002', parameters: { tier: 'gold' } };

function ask(url: string, options: Partial<LookupOptions> & { clock?: Clock } = {}): Promise<LookedUp> {
  return lookUp(
    { url, timeoutMs: 5000, clock: systemClock, wallClock: () => 1_700_000_000_500, fetch, ...options },
    question,
  );
}

describe('the lookup', () => {
  it('asks by POST, signed, and takes agent and variables from the answer', async () => {
    const asked: { body: string; headers: IncomingHttpHeaders; method: string | undefined }[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        asked.push({ body, headers: request.headers, method: request.method });
        response.end('{"agent":"sales","variables":{"shop":"Bikes","open":9,"vip":true,"none":null},"more":1}');
      });
    });
    expect(await ask(url, { secret: 'hush' })).toEqual({
      answer: { agent: 'sales', variables: { shop: 'Bikes', open: '9', vip: 'true' } },
    });
    const [{ body, headers, method }] = asked as [(typeof asked)[number]];
    expect(method).toBe('POST');
    expect(body).toBe('{"callSid":"CA1","from":"+15550100001","to":"+15550100002","parameters":{"tier":"gold"}}');
    // printf '1700000000.%s' "$body" | openssl dgst -sha256 -hmac hush
    expect(headers['x-voicebridge-signature']).toBe(
      't=1700000000,v1=a38d30c4c630d4902c633c072332179c43b88e6e2c20b1907acd6f887ccc436b',
    );
  });

  it.each<[string, RequestListener, string]>([
    ['another status', (_, response) => response.writeHead(404).end('nobody'), 'it answered HTTP 404'],
    ['no JSON', (_, response) => response.end('sales'), 'its answer is not JSON'],
    ['something else', (_, response) => response.end('["sales"]'), 'its answer is not {agent?, variables?}'],
    [
      'a deep variable',
      (_, response) => response.end('{"variables":{"a":{}}}'),
      'its answer is not {agent?, variables?}',
    ],
    ['too much', (_, response) => response.end(`"${'x'.repeat(70_000)}"`), 'its answer is larger than 65536 bytes'],
    ['a redirect', (_, response) => response.writeHead(302, { Location: '/else' }).end(), 'unexpected redirect'],
    ['a reset', (request) => request.socket.resetAndDestroy(), 'ECONNRESET'],
  ])('says why there is no answer: %s', async (_, answer, reason) => {
    expect(await ask(await serve(answer))).toEqual({ failed: reason });
  });

  it('needs no answer to be in it', async () => {
    expect(await ask(await serve((_, response) => response.end('{}')))).toEqual({ answer: { variables: {} } });
  });

  it('waits no longer than its timeout, even for a fetch that never ends', async () => {
    const clock = new VirtualClock();
    let aborted = false;
    const endless = ((_: string, { signal }: RequestInit) => {
      signal!.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => {});
    }) as typeof fetch;
    const found = ask('https://x.example', { clock, timeoutMs: 2000, fetch: endless });
    clock.advance(2000);
    expect(await found).toEqual({ failed: 'no answer within 2000 ms' });
    expect(aborted).toBe(true);
  });
});
