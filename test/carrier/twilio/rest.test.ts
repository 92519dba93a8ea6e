import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { twilioRest, twilioRestFromEnvironment } from '../../../src/carrier/twilio/rest.js';

// Requests and errors as https://www.twilio.com/docs/voice/api/call-resource and
// https://www.twilio.com/docs/messaging/api/message-resource show them.

const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const CALL = 'CA0123456789abcdef0123456789abcdef';

interface Seen {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers every request alike, and keeps what came as it came. `undefined`: never answers. */
async function account(answer: { status: number; body: string } | undefined) {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { authorization, 'content-type': contentType } = request.headers;
    seen.push({ line: `${request.method} ${request.url}`, authorization, contentType, body });
    if (!answer) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, baseUrl, rest: twilioRest({ accountSid: ACCOUNT, username: ACCOUNT, password: 'token', baseUrl }) };
}

const OK = { status: 200, body: `{"sid":"${CALL}"}` };
const refusedWith = (status: number, code: number) => ({
  status,
  body: `{"code":${code},"message":"The number +15550001111 is wrong","more_info":"https://x","status":${status}}`,
});

describe('twilioRest', () => {
  it('redirects a call to TwiML', async () => {
    const { rest, seen } = await account(OK);
    await rest.redirect(CALL, { twiml: '<Response><Hangup/></Response>' });
    expect(seen).toEqual([
      {
        line: `POST /2010-04-01/Accounts/${ACCOUNT}/Calls/${CALL}.json`,
        authorization: `Basic ${Buffer.from(`${ACCOUNT}:token`).toString('base64')}`,
        contentType: 'application/x-www-form-urlencoded',
        body: 'Twiml=%3CResponse%3E%3CHangup%2F%3E%3C%2FResponse%3E',
      },
    ]);
  });

  it('redirects a call to an address', async () => {
    const { rest, seen } = await account(OK);
    await rest.redirect(CALL, { url: 'https://h/next?a=1' });
    expect(seen[0]!.body).toBe('Url=https%3A%2F%2Fh%2Fnext%3Fa%3D1');
  });

  it('hangs up', async () => {
    const { rest, seen } = await account(OK);
    await rest.hangUp(CALL);
    expect(seen[0]).toMatchObject({
      line: `POST /2010-04-01/Accounts/${ACCOUNT}/Calls/${CALL}.json`,
      body: 'Status=completed',
    });
  });

  it('sends a message', async () => {
    const { rest, seen } = await account({ status: 201, body: '{"sid":"SM0123456789abcdef0123456789abcdef"}' });
    await rest.sendMessage({ from: '+15550002222', to: '+15550001111', body: 'Thursday, 9:00 & no later' });
    expect(seen[0]).toMatchObject({
      line: `POST /2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
      body: 'To=%2B15550001111&From=%2B15550002222&Body=Thursday%2C%209%3A00%20%26%20no%20later',
    });
  });

  it.each([
    ['there is no such call', { status: 404, body: '' }],
    ['there is no such call, in JSON', refusedWith(404, 20404)],
    ['the call is not in progress', refusedWith(400, 21220)],
  ])('takes a call as hung up when %s', async (_when, answer) => {
    const { rest } = await account(answer);
    await expect(rest.hangUp(CALL)).resolves.toBeUndefined();
  });

  it('does not take a wrong key for a call that is over', async () => {
    const { rest } = await account(refusedWith(401, 20003));
    await expect(rest.hangUp(CALL)).rejects.toMatchObject({
      code: 'carrier-refused',
      message: 'Twilio refused to hang up: error 20003',
      hint: 'https://www.twilio.com/docs/api/errors/20003',
    });
  });

  it('does not take a call that is over as redirected', async () => {
    const { rest } = await account(refusedWith(400, 21220));
    await expect(rest.redirect(CALL, { url: 'https://h/' })).rejects.toThrow(
      'Twilio refused to redirect the call: error 21220',
    );
  });

  it('names the error by its number and repeats nothing of it', async () => {
    const { rest } = await account(refusedWith(400, 21211));
    const sent = rest.sendMessage({ from: '+15550002222', to: '+15550001111', body: 'x' });
    await expect(sent).rejects.toThrow(/^Twilio refused to send the message: error 21211$/);
  });

  it('names the status when that is all there is', async () => {
    const { rest } = await account({ status: 503, body: '<html>' });
    await expect(rest.redirect(CALL, { url: 'https://h/' })).rejects.toThrow(
      /^Twilio refused to redirect the call: error HTTP 503$/,
    );
  });

  it('gives up on an API that does not answer', async () => {
    const { baseUrl } = await account(undefined);
    const rest = twilioRest({
      ...{ accountSid: ACCOUNT, username: ACCOUNT, password: 'token', baseUrl },
      requestTimeoutMs: 100,
    });
    await expect(rest.hangUp(CALL)).rejects.toMatchObject({
      code: 'carrier-unreachable',
      message: 'Twilio could not be asked to hang up: ECONNABORTED',
    });
  });

  it('says when nothing is there', async () => {
    const { baseUrl, rest } = await account(OK);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(baseUrl).toMatch(/^http/);
    await expect(rest.hangUp(CALL)).rejects.toThrow('Twilio could not be asked to hang up: ECONNREFUSED');
  });
});

describe('twilioRestFromEnvironment', () => {
  it('needs an account and a key', () => {
    expect(twilioRestFromEnvironment({})).toBeUndefined();
    expect(twilioRestFromEnvironment({ TWILIO_ACCOUNT_SID: ACCOUNT })).toBeUndefined();
    expect(twilioRestFromEnvironment({ TWILIO_AUTH_TOKEN: 'token' })).toBeUndefined();
    expect(twilioRestFromEnvironment({ TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_API_KEY: 'SK1' })).toBeUndefined();
  });

  it('signs in with the API key when there is one, and else with the auth token', async () => {
    const { baseUrl, seen } = await account(OK);
    const env = { TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: 'token', TWILIO_API_URL: `${baseUrl}/` };
    await twilioRestFromEnvironment(env)!.hangUp(CALL);
    await twilioRestFromEnvironment({ ...env, TWILIO_API_KEY: 'SK1', TWILIO_API_SECRET: 'secret' })!.hangUp(CALL);
    expect(seen.map(({ authorization }) => authorization)).toEqual([
      `Basic ${Buffer.from(`${ACCOUNT}:token`).toString('base64')}`,
      `Basic ${Buffer.from('SK1:secret').toString('base64')}`,
    ]);
    expect(new Set(seen.map(({ line }) => line))).toEqual(
      new Set([`POST /2010-04-01/Accounts/${ACCOUNT}/Calls/${CALL}.json`]),
    );
  });
});
