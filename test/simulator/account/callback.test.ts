import { describe, expect, it } from 'vitest';
import { Callbacks, signature } from '../../../src/simulator/account/callback.js';
import { listener } from './client.js';

describe('the signature of a callback', () => {
  it('is that of the documentation', () => {
    // https://www.twilio.com/docs/usage/webhooks/webhooks-security, with the token 12345
    const form = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+12349013030',
      Digits: '1234',
      From: '+12349013030',
      To: '+18005551212',
    };
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    expect(signature('12345', url, form)).toBe('0/KCTR6DLpKmkAf8muzZqo1nDgQ=');
    expect(signature('12346', url, form)).not.toBe('0/KCTR6DLpKmkAf8muzZqo1nDgQ=');
  });

  it('leaves credentials out, and the port of https alone', () => {
    const plain = signature('12345', 'https://example.com/a');
    expect(signature('12345', 'https://user:secret@example.com:8443/a')).toBe(plain);
    expect(signature('12345', 'http://example.com:8080/a')).not.toBe(signature('12345', 'http://example.com/a'));
  });
});

describe('callbacks', () => {
  it('bring their credentials, and are noted with what was answered', async () => {
    const server = await listener();
    const callbacks = new Callbacks('12345', () => 'token');
    callbacks.send('CA1', `${server.url.replace('http://', 'http://user:secret@')}/a`, 'POST', { CallSid: 'CA1' });
    await callbacks.idle();
    expect(server.seen[0]!.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('user:secret').toString('base64')}`,
      'i-twilio-idempotency-token': 'token',
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    });
    expect(callbacks.sent.map(({ status }) => status)).toEqual([204]);
    await server.close();
  });

  it('that reach nobody say why, and do not hold up the next', async () => {
    const gone = await listener();
    await gone.close();
    const server = await listener();
    const callbacks = new Callbacks('12345', () => 'token');
    callbacks.send('CA1', `${gone.url}/a`, 'POST', {});
    callbacks.send('CA1', `${server.url}/b`, 'POST', {});
    await callbacks.idle();
    expect(callbacks.sent.map(({ status, error }) => status ?? error)).toEqual(['ECONNREFUSED', 204]);
    await server.close();
  });

  it('are given up when the account closes', async () => {
    const callbacks = new Callbacks('12345', () => 'token');
    // A listener that accepts and never answers.
    const { createServer } = await import('node:net');
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    callbacks.send('CA1', `http://127.0.0.1:${port}/`, 'POST', {});
    callbacks.send('CA1', `http://127.0.0.1:${port}/`, 'POST', {});
    await callbacks.close();
    expect(callbacks.sent.length).toBeLessThanOrEqual(1);
    silent.close();
  });
});
