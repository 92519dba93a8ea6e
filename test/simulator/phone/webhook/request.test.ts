import { afterEach, describe, expect, it } from 'vitest';
import { WebhookClient, webhookSignature } from '../../../../src/simulator/phone/webhook/request.js';
import { serveHttp, type TestServer } from '../../../helpers/http-server.js';

let server: TestServer | undefined;
afterEach(() => server?.close());

describe('the signature of a webhook', () => {
  // https://www.twilio.com/docs/usage/webhooks/webhooks-security#explore-the-algorithm-yourself
  it('is the one of Twilio’s own example', () => {
    const form = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+12349013030',
      Digits: '1234',
      From: '+12349013030',
      To: '+18005551212',
    };
    expect(webhookSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form)).toBe(
      '0/KCTR6DLpKmkAf8muzZqo1nDgQ=',
    );
  });

  it('leaves out credentials, and the port of https but not that of http', () => {
    const plain = webhookSignature('12345', 'https://example.com/voice');
    expect(webhookSignature('12345', 'https://me:secret@example.com:8443/voice')).toBe(plain);
    expect(webhookSignature('12345', 'http://example.com:8080/voice')).not.toBe(
      webhookSignature('12345', 'http://example.com/voice'),
    );
  });
});

it('asks as Twilio asks', async () => {
  server = await serveHttp((response) => response.writeHead(200, { 'content-type': 'text/xml' }).end('<Response/>'));
  const url = `${server.url}/voice`;
  const answer = await new WebhookClient('12345').ask({ url, method: 'POST', form: { From: '+1555', To: 'a b' } });
  expect(answer).toMatchObject({ url, status: 200, contentType: 'text/xml' });
  const { method, body, headers } = server.seen[0]!;
  expect({ method, body }).toEqual({ method: 'POST', body: 'From=%2B1555&To=a+b' });
  expect(headers).toMatchObject({
    'user-agent': 'TwilioProxy/1.1',
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'x-twilio-signature': webhookSignature('12345', url, { From: '+1555', To: 'a b' }),
  });
  expect(headers['i-twilio-idempotency-token']).toMatch(/^[0-9a-f-]{36}$/);
});

it('puts the fields of a GET into the address, and signs that', async () => {
  server = await serveHttp((response) => response.end());
  await new WebhookClient('12345').ask({ url: `${server.url}/voice?a=1`, method: 'GET', form: { From: '+1555' } });
  expect(server.seen[0]!.url).toBe('/voice?a=1&From=%2B1555');
  expect(server.seen[0]!.headers['x-twilio-signature']).toBe(
    webhookSignature('12345', `${server.url}/voice?a=1&From=%2B1555`),
  );
});

it('follows redirects, 307 with the form, 302 without', async () => {
  server = await serveHttp((response, { url }) => {
    if (url === '/one') response.writeHead(307, { location: '/two' }).end();
    else if (url === '/two') response.writeHead(302, { location: '/three' }).end();
    else response.end('there');
  });
  const answer = await new WebhookClient(undefined).ask({ url: `${server.url}/one`, method: 'POST', form: { a: '1' } });
  expect(answer).toMatchObject({ url: `${server.url}/three`, status: 200 });
  expect(server.seen.map(({ method, body }) => `${method} ${body}`)).toEqual(['POST a=1', 'POST a=1', 'GET ']);
  expect(server.seen[0]!.headers).not.toHaveProperty('x-twilio-signature');
});

it('keeps cookies for as long as the call lasts', async () => {
  server = await serveHttp((response, { url }) => {
    response.setHeader('set-cookie', url === '/first' ? ['call=7; Path=/', 'b=2'] : ['b=; Max-Age=0']);
    response.end();
  });
  const client = new WebhookClient(undefined);
  for (const path of ['/first', '/second', '/third']) {
    await client.ask({ url: server.url + path, method: 'POST', form: {} });
  }
  expect(server.seen.map(({ headers }) => headers.cookie)).toEqual([undefined, 'call=7; b=2', 'call=7']);
});

it.each([
  ['webhook/status', 403, '/voice answered HTTP 403'],
  ['webhook/status', 500, '/voice answered HTTP 500'],
] as const)('calls it %s when the answer is %i', async (rule, status, message) => {
  server = await serveHttp((response) => response.writeHead(status).end());
  const answer = await new WebhookClient(undefined).ask({ url: `${server.url}/voice`, method: 'POST', form: {} });
  expect(answer).toEqual({ rule, status, message: `${server.url}${message}` });
});

it('gives up on redirects in a circle, on silence, and on nobody', async () => {
  server = await serveHttp((response, { url }) => {
    if (url === '/circle') response.writeHead(302, { location: '/circle' }).end();
  });
  const client = new WebhookClient(undefined, 100);
  const ask = (url: string) => client.ask({ url, method: 'POST', form: {} });
  expect(await ask(`${server.url}/circle`)).toMatchObject({ rule: 'webhook/redirects' });
  expect(await ask(`${server.url}/silence`)).toMatchObject({
    rule: 'webhook/timeout',
    message: `${server.url}/silence has not answered within 0.1 s`,
  });
  expect(await ask('http://127.0.0.1:1/voice')).toMatchObject({ rule: 'webhook/unreachable' });
});
