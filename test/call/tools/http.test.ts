import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpToolConfig } from '../../../src/call/tools/config.js';
import { type HttpToolOptions, httpTool, webhookSignature } from '../../../src/call/tools/http.js';
import { systemClock } from '../../../src/clock.js';
import { lineLog } from '../../../src/log.js';
import { CALL, fakeControl } from '../../helpers/fake-control.js';
import { type SeenRequest, serveHttp, type TestServer } from '../../helpers/http-server.js';

const servers: TestServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(answer: (response: ServerResponse, request: SeenRequest) => unknown): Promise<TestServer> {
  const server = await serveHttp(answer);
  servers.push(server);
  return server;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const json = (body: string) => (response: ServerResponse) => response.writeHead(200, JSON_TYPE).end(body);

/** Answers each request with the next of these. */
function oneAfterTheOther(...answers: ((response: ServerResponse) => unknown)[]) {
  return (response: ServerResponse) => answers.shift()!(response);
}

function call(
  url: string,
  more: Partial<HttpToolConfig> = {},
  options: Partial<HttpToolOptions> = {},
  args: Record<string, unknown> = { day: 'Monday' },
) {
  const abort = new AbortController();
  const lines: string[] = [];
  const tool = httpTool(
    { type: 'http', name: 'book', description: 'Books.', url, ...more },
    { env: { SECRET: 'whsec', KEY: 'k-123' }, wallClock: () => 1_760_000_000_900, ...options },
  );
  const answer = tool.run(args, {
    ...{ callId: 'call_1', call: CALL, control: fakeControl(), signal: abort.signal },
    log: lineLog((line) => lines.push(line)),
  });
  return { tool, answer, abort, lines };
}

describe('httpTool', () => {
  it('sends the name, the arguments and the call as JSON, and passes the answer on as it is', async () => {
    const server = await serve(json('{ "id": 7,\n "ok": true }'));
    expect(await call(`${server.url}/book?x=1`).answer).toEqual({ output: '{ "id": 7,\n "ok": true }' });
    const { method, url, headers, body } = server.seen[0]!;
    expect(`${method} ${url}`).toBe('POST /book?x=1');
    expect(body).toBe(
      '{"name":"book","arguments":{"day":"Monday"},"call":{"callSid":"CA0123456789abcdef0123456789abcdef","from":"+15550001111","to":"+15550002222","parameters":{"shop":"north"}}}',
    );
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'call_1' });
    expect(headers).not.toHaveProperty('x-voicebridge-signature');
  });

  it('puts the arguments and the call into the query of a GET', async () => {
    const server = await serve(json('[]'));
    const args = { day: 'Monday', people: 2, tags: ['a', 'b'] };
    await call(`${server.url}/free?shop=1`, { method: 'GET' }, {}, args).answer;
    expect(server.seen[0]).toMatchObject({
      method: 'GET',
      url: '/free?shop=1&day=Monday&people=2&tags=%5B%22a%22%2C%22b%22%5D&call.callSid=CA0123456789abcdef0123456789abcdef&call.from=%2B15550001111&call.to=%2B15550002222&call.parameters.shop=north',
      body: '',
    });
    expect(server.seen[0]!.headers).not.toHaveProperty('content-type');
  });

  it('signs the time and the body, as the README shows how to check', async () => {
    const server = await serve(json('{}'));
    await call(server.url, { secretEnv: 'SECRET' }).answer;
    const { headers, body } = server.seen[0]!;
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-voicebridge-signature']))!;
    expect(t).toBe('1760000000');
    expect(createHmac('sha256', 'whsec').update(`${t}.${body}`).digest('hex')).toBe(v1);
    expect(createHmac('sha256', 'other').update(`${t}.${body}`).digest('hex')).not.toBe(v1);
  });

  it('signs the path and the query of a request without a body', async () => {
    const server = await serve(json('{}'));
    await call(`${server.url}/free`, { method: 'GET', secretEnv: 'SECRET' }).answer;
    const { headers, url } = server.seen[0]!;
    expect(headers['x-voicebridge-signature']).toBe(webhookSignature('whsec', 1_760_000_000_000, url));
  });

  it('sends further headers, with keys from the environment', async () => {
    const server = await serve(json('{}'));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a configuration says
    const headers = { authorization: 'Bearer ${KEY}', 'idempotency-key': 'mine' };
    await call(server.url, { headers }).answer;
    expect(server.seen[0]!.headers).toMatchObject({ authorization: 'Bearer k-123', 'idempotency-key': 'call_1' });
  });

  it('cannot be made without a variable that it needs', () => {
    expect(() => call('http://h/', { secretEnv: 'NO_SECRET' })).toThrow(
      'the tool book cannot be used: the environment variable NO_SECRET is not set',
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a configuration says
    expect(() => call('http://h/${NO_PATH}')).toThrow('the environment variable NO_PATH is not set');
  });

  it.each<[string, string | undefined, string, string]>([
    ['text', 'text/plain; charset=utf-8', 'Monday is free', 'Monday is free'],
    ['JSON of a kind', 'application/problem+json', '{"a":1}', '{"a":1}'],
    ['an answer without a type', undefined, 'yes', 'yes'],
    ['an empty answer', undefined, '', '{"ok":true}'],
  ])('passes on %s', async (_what, type, body, output) => {
    const server = await serve((response) => response.writeHead(200, type ? { 'content-type': type } : {}).end(body));
    expect(await call(server.url).answer).toEqual({ output });
  });

  it.each<[string, (response: ServerResponse) => unknown, string]>([
    ['a server error', (r) => r.writeHead(500, JSON_TYPE).end('{"error":"at db.js:12"}'), 'the service answered 500'],
    ['a refusal', (r) => r.writeHead(404).end('<html>'), 'the service answered 404'],
    ['a refusal with a reason', (r) => r.writeHead(409, JSON_TYPE).end('{"error":"Monday is full"}'), 'Monday is full'],
    [
      'a refusal whose reason is no text',
      (r) => r.writeHead(409).end('{"error":{"at":1}}'),
      'the service answered 409',
    ],
    ['a redirect', (r) => r.writeHead(302, { location: 'http://169.254.0.1/' }).end(), 'the service answered 302'],
    [
      'something that is not text',
      (r) => r.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.alloc(10)),
      'the service answered with something that is not text',
    ],
    [
      'an answer that is too long',
      (r) => r.writeHead(200).end('x'.repeat(2001)),
      'the answer of the service is too long',
    ],
    [
      'an answer that breaks off',
      (r) => {
        r.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => r.destroy(), 10);
      },
      'the service broke off its answer',
    ],
    ['a connection that breaks off', (r) => r.destroy(), 'the service cannot be reached'],
  ])('tells the model of %s', async (_what, answer, message) => {
    const server = await serve(answer);
    const { answer: answered } = call(server.url, {}, { maxResponseBytes: 2000 });
    await expect(answered).rejects.toMatchObject({ name: 'ToolError', message });
    expect(server.seen).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => unknown, string]>([
    ['a status', (r) => r.writeHead(500).end('at db.js:12'), 'the service answered 500'],
    [
      'no word of the service',
      (r) => r.writeHead(409, JSON_TYPE).end('{"error":"Ann owes 5"}'),
      'the service answered 409',
    ],
    ['what broke', (r) => r.destroy(), 'the service cannot be reached: UND_ERR_SOCKET'],
  ])('tells the log %s', async (_what, answer, reason) => {
    const { answer: answered, lines } = call((await serve(answer)).url);
    await expect(answered).rejects.toThrow();
    expect(lines).toEqual([`warn  tool not answered tool=book callId=call_1 reason="${reason}"\n`]);
  });

  it('says when nothing is there', async () => {
    const server = await serve(json('{}'));
    await server.close();
    await expect(call(server.url).answer).rejects.toThrow(/^the service cannot be reached$/);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['does not answer', () => {}],
    ['does not end its answer', (response) => response.writeHead(200).write('half')],
  ])('lets go of a service that %s when it is told to stop', async (_what, answer) => {
    const server = await serve(answer);
    const asked = call(server.url, { retry: 'safe' });
    await expect.poll(() => server.seen.length).toBe(1);
    asked.abort.abort();
    await expect(asked.answer).rejects.toThrow();
    await server.abandoned;
    expect(server.seen).toHaveLength(1);
  });

  describe('asks again', () => {
    /** A clock whose pauses are over at once. */
    function hurried() {
      const pausesMs: number[] = [];
      const at = (atMs: number, act: () => void) => {
        pausesMs.push(atMs);
        return systemClock.at(0, act);
      };
      return { pausesMs, clock: { now: () => 0, at } };
    }
    const busy = (status: number) => (response: ServerResponse) => response.writeHead(status).end();

    it('when that is safe and the service could not answer, under the same key', async () => {
      const server = await serve(oneAfterTheOther(busy(503), busy(429), json('{"id":7}')));
      const { clock, pausesMs } = hurried();
      const asked = call(server.url, { retry: 'safe' }, { clock });
      expect(await asked.answer).toEqual({ output: '{"id":7}' });
      expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['call_1', 'call_1', 'call_1']);
      expect(pausesMs).toEqual([200, 800]);
      expect(asked.lines).toEqual([
        'info  tool asked again tool=book callId=call_1 reason="the service answered 503"\n',
        'info  tool asked again tool=book callId=call_1 reason="the service answered 429"\n',
      ]);
    });

    it('when the connection broke', async () => {
      const server = await serve(oneAfterTheOther((response) => response.destroy(), json('{"id":7}')));
      expect(await call(server.url, { retry: 'safe' }, hurried()).answer).toEqual({ output: '{"id":7}' });
    });

    it('twice and no more', async () => {
      const server = await serve(busy(503));
      await expect(call(server.url, { retry: 'safe' }, hurried()).answer).rejects.toThrow('the service answered 503');
      expect(server.seen).toHaveLength(3);
    });

    it('not after a refusal', async () => {
      const server = await serve(busy(404));
      await expect(call(server.url, { retry: 'safe' }).answer).rejects.toThrow('the service answered 404');
      expect(server.seen).toHaveLength(1);
    });

    it.each([undefined, 'never' as const])('not when retry is %s', async (retry) => {
      const server = await serve(busy(503));
      await expect(call(server.url, { retry }).answer).rejects.toThrow('the service answered 503');
      expect(server.seen).toHaveLength(1);
    });
  });
});
