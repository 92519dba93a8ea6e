import { afterEach, describe, expect, it } from 'vitest';
import { serveAccount } from '../../../../src/simulator/account/server.js';
import {
  dialWebhook,
  type WebhookCall,
  type WebhookDialOptions,
  type WebhookRecord,
} from '../../../../src/simulator/phone/webhook/call.js';
import { webhookSignature } from '../../../../src/simulator/phone/webhook/request.js';
import { type SeenRequest, serveHttp, type TestServer } from '../../../helpers/http-server.js';
import { silentCaller } from '../../../helpers/phone.js';
import { type StreamAgent, type StreamServer, serveStreams } from '../../../helpers/stream-server.js';

let http: TestServer | undefined;
let streams: StreamServer | undefined;
afterEach(async () => {
  await http?.close();
  await streams?.close();
});

type Answer = string | ((form: URLSearchParams, request: SeenRequest) => string | { status: number });

/** A server whose paths answer with TwiML, written without the address of its streams: `STREAM`. */
async function serve(paths: Readonly<Record<string, Answer>>, agent: StreamAgent = {}): Promise<string> {
  streams = await serveStreams(agent);
  http = await serveHttp((response, request) => {
    const answer = paths[request.url.split('?')[0]!];
    const said = typeof answer === 'function' ? answer(new URLSearchParams(request.body), request) : answer;
    if (said === undefined) return response.writeHead(404).end();
    if (typeof said !== 'string') return response.writeHead(said.status).end();
    const body = `<Response>${said.replaceAll('STREAM', streams!.url)}</Response>`;
    return response.writeHead(200, { 'content-type': 'text/xml' }).end(body);
  });
  return http.url;
}

function call(url: string, options: Partial<WebhookDialOptions> = {}): WebhookCall {
  return dialWebhook({ url, caller: silentCaller(200), lingerMs: 0, seed: 7, ...options });
}

const asked = (): string[] => http!.seen.map(({ method, url }) => `${method} ${url}`);
const formOf = (path: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(http!.seen.find(({ url }) => url === path)!.body));
const rules = ({ lint }: WebhookRecord): string[] => lint.map(({ rule }) => rule);
const verbs = (record: WebhookRecord): string[] => record.verbs.map(({ verb }) => verb);

/** Closes as soon as it has started: the agent hangs up. */
const leaves: StreamAgent = { onStart: ({ socket }) => socket.close(1000) };

describe('an incoming call', () => {
  it('asks the webhook with the fields of Twilio, opens the stream, and tells what becomes of it', async () => {
    const url = await serve({
      '/voice':
        '<Connect action="/ended"><Stream url="STREAM" name="agent" statusCallback="/status"><Parameter name="who" value="me"/></Stream></Connect>',
      '/ended': '<Hangup/>',
      '/status': () => ({ status: 204 }),
      '/over': () => ({ status: 204 }),
    });
    const record = await call(`${url}/voice`, {
      ...{ from: '+15550100100', to: '+15550100002', authToken: '12345', statusCallback: `${url}/over` },
    }).done;
    expect(formOf('/voice')).toEqual({
      ...{ AccountSid: expect.stringMatching(/^AC[0-9a-f]{32}$/), ApiVersion: '2010-04-01' },
      ...{
        CallSid: record.callSid,
        CallStatus: 'ringing',
        Direction: 'inbound',
        StirVerstat: 'TN-Validation-Passed-A',
      },
      ...{ From: '+15550100100', Caller: '+15550100100', To: '+15550100002', Called: '+15550100002' },
      ...{
        FromCity: '',
        FromState: '',
        FromZip: '',
        FromCountry: '',
        ToCity: '',
        ToState: '',
        ToZip: '',
        ToCountry: '',
      },
      ...{ CallerCity: '', CallerState: '', CallerZip: '', CallerCountry: '' },
      ...{ CalledCity: '', CalledState: '', CalledZip: '', CalledCountry: '' },
    });
    expect(formOf('/ended').CallStatus).toBe('completed');
    expect(formOf('/over')).toMatchObject({ CallStatus: 'completed', CallDuration: '1', SequenceNumber: '0' });
    const told = http!.seen.filter(({ url: path }) => path === '/status').map(({ body }) => new URLSearchParams(body));
    expect(told.map((form) => form.get('StreamEvent'))).toEqual(['stream-started', 'stream-stopped']);
    expect(told[0]!.get('StreamName')).toBe('agent');
    expect(told[0]!.get('Timestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    for (const { url: path, body, headers } of http!.seen) {
      const form = Object.fromEntries(new URLSearchParams(body));
      expect(headers['x-twilio-signature']).toBe(webhookSignature('12345', url + path, form));
    }
    const [stream] = streams!.streams;
    expect(JSON.parse(stream!.messages[1]!).start).toMatchObject({
      ...{ callSid: record.callSid, customParameters: { who: 'me' }, streamSid: told[0]!.get('StreamSid') },
    });
    expect(stream!.messages.at(-1)).toContain('"event":"stop"');
    expect(record).toMatchObject({
      status: 'completed',
      lint: [],
      talk: { endReason: 'hangup', callSid: record.callSid },
    });
    expect(record.talk!.events.filter(({ type }) => type === 'webhook').length).toBeGreaterThanOrEqual(2);
  });

  it('is connected again when the action says so: a new stream of the same call', async () => {
    let ended = 0;
    const connect = '<Connect action="/ended"><Stream url="STREAM"/></Connect>';
    const url = await serve({ '/voice': connect, '/ended': () => (++ended === 1 ? connect : '<Hangup/>') }, leaves);
    const record = await call(`${url}/voice`, { caller: silentCaller(5000) }).done;
    expect(asked()).toEqual(['POST /voice', 'POST /ended', 'POST /ended']);
    expect(formOf('/ended').CallStatus).toBe('in-progress');
    const starts = streams!.streams.map(({ messages }) => JSON.parse(messages[1]!));
    expect(starts.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['1', '1']);
    expect(new Set(starts.map(({ streamSid }) => streamSid)).size).toBe(2);
    expect(new Set(starts.map(({ start }) => start.callSid)).size).toBe(1);
    expect(record.talk).toMatchObject({
      endReason: 'server-closed',
      streamSids: starts.map(({ streamSid }) => streamSid),
    });
    expect(verbs(record)).toEqual(['Connect', 'Connect', 'Hangup']);
  });

  it('ends when no verb is left behind the stream', async () => {
    const url = await serve({ '/voice': '<Connect><Stream url="STREAM"/></Connect>' }, leaves);
    const record = await call(`${url}/voice`, { caller: silentCaller(5000) }).done;
    expect(record.talk!.endReason).toBe('server-closed');
  });

  it('counts the dead air of a pause behind the stream, until the caller has enough of it', async () => {
    const url = await serve({ '/voice': '<Connect><Stream url="STREAM"/></Connect><Pause length="40"/>' }, leaves);
    const record = await call(`${url}/voice`, { caller: silentCaller(300) }).done;
    expect(rules(record)).toEqual(['twiml/dead-air']);
    expect(record.talk!.lint.map(({ rule }) => rule)).toContain('twiml/dead-air');
    expect(record.talk!.endReason).toBe('hangup');
    expect(record.deadAirMs).toBeGreaterThan(50);
  });

  it('goes on behind a stream that is refused, and says so', async () => {
    const url = await serve({
      '/voice': '<Connect action="/ended"><Stream url="STREAM/elsewhere" statusCallback="/status"/></Connect>',
      '/ended': '<Hangup/>',
      '/status': () => ({ status: 204 }),
    });
    const record = await call(`${url}/voice`).done;
    expect(rules(record)).toEqual(['handshake/refused']);
    expect(formOf('/status')).toMatchObject({
      StreamEvent: 'stream-error',
      StreamError: '31920 - Stream - WebSocket - Handshake Error',
    });
    expect(verbs(record)).toEqual(['Connect', 'Hangup']);
    expect(record).not.toHaveProperty('talk');
  });

  it('never opens a stream that Twilio would not', async () => {
    const url = await serve({ '/voice': '<Connect><Stream url="https://example.com/"/></Connect>' });
    const record = await call(`${url}/voice`).done;
    expect(record.lint).toMatchObject([{ rule: 'stream/not-wss', code: 31922, level: 'error' }]);
  });

  it('warns of callbacks that fail, and goes on', async () => {
    const url = await serve({
      '/voice': '<Connect><Stream url="STREAM" statusCallback="/status"/></Connect>',
      '/status': () => ({ status: 500 }),
    });
    const record = await call(`${url}/voice`).done;
    expect(record.lint.map(({ code }) => code)).toEqual([15003, 15003]);
    expect(record.talk!.endReason).toBe('hangup');
  });

  it('asks the fallback with code and address of what failed', async () => {
    const url = await serve({
      '/voice': () => ({ status: 500 }),
      '/fallback': '<Connect><Stream url="STREAM"/></Connect>',
    });
    const record = await call(`${url}/voice`, { fallbackUrl: `${url}/fallback` }).done;
    expect(formOf('/fallback')).toMatchObject({ ErrorCode: '11200', ErrorUrl: `${url}/voice` });
    expect(record.talk!.endReason).toBe('hangup');
  });

  it('is over when webhook and fallback fail', async () => {
    const url = await serve({ '/voice': () => ({ status: 404 }), '/fallback': '<Say>' });
    const record = await call(`${url}/voice`, { fallbackUrl: `${url}/fallback` }).done;
    expect(rules(record)).toEqual(['webhook/status', 'twiml/not-xml']);
    expect(record).not.toHaveProperty('talk');
  });

  it('refuses an answer of another type', async () => {
    http = await serveHttp((response) => response.setHeader('content-type', 'application/json').end('{}'));
    const record = await call(`${http.url}/voice`).done;
    expect(record.lint).toMatchObject([{ rule: 'webhook/content-type', code: 12300 }]);
  });
});

describe('the other verbs', () => {
  it('are followed in their order, addresses counted from their document', async () => {
    const url = await serve({
      '/a/voice': '<Say>one</Say><Play digits="1"/><Redirect method="GET">../b/next</Redirect><Say>never</Say>',
      '/b/next': '<Pause length="0"/><Hangup/>',
    });
    const record = await call(`${url}/a/voice`).done;
    expect(verbs(record)).toEqual(['Say', 'Play', 'Redirect', 'Pause', 'Hangup']);
    expect(asked()[1]).toMatch(/^GET \/b\/next\?AccountSid=AC/);
    expect(record).toMatchObject({ status: 'completed', durationSeconds: 1 });
  });

  it.each([
    ['<Reject reason="busy"/>', 'busy'],
    ['<Reject/>', 'no-answer'],
  ] as const)('%s ends a call that was never answered: %s', async (twiml, status) => {
    const url = await serve({ '/voice': twiml });
    expect(await call(`${url}/voice`).done).toMatchObject({ status, durationSeconds: 0 });
  });

  it('hands the digits that are pressed to the action of a Gather, and goes on without them', async () => {
    const url = await serve({
      '/voice': '<Gather numDigits="1" action="/menu"/><Say>never</Say>',
      '/menu': '<Gather timeout="0"/><Hangup/>',
    });
    const record = await call(`${url}/voice`, { digits: ['42'] }).done;
    expect(formOf('/menu').Digits).toBe('4');
    expect(verbs(record)).toEqual(['Gather', 'Gather', 'Hangup']);
  });

  it.each([
    ['busy', 'busy'],
    [{ afterMs: 10, talksMs: 20 }, 'completed'],
  ] as const)('tells the action of a Dial what became of it: %j is %s', async (answers, status) => {
    const url = await serve({ '/voice': '<Dial action="/dialled">+15550100009</Dial>', '/dialled': '<Hangup/>' });
    await call(`${url}/voice`, { answers }).done;
    expect(formOf('/dialled')).toMatchObject({ DialCallStatus: status, DialBridged: String(status === 'completed') });
  });

  it('are reported when they are not followed', async () => {
    const url = await serve({ '/voice': '<Record/><Hangup/>' });
    expect(rules(await call(`${url}/voice`).done)).toEqual(['twiml/not-followed']);
  });
});

describe('a stream of <Start>', () => {
  it('hears both sides in turn, beside whatever the call does', async () => {
    const url = await serve({
      '/voice':
        '<Start><Stream url="STREAM" track="both_tracks" name="ear"><Parameter name="a" value="b"/></Stream></Start><Pause length="60"/>',
    });
    const record = await call(`${url}/voice`).done;
    const messages = streams!.streams[0]!.messages.map((text) => JSON.parse(text));
    expect(messages[1].start).toMatchObject({ tracks: ['inbound', 'outbound'], customParameters: { a: 'b' } });
    const media = messages.filter(({ event }) => event === 'media');
    expect(
      media.slice(0, 4).map(({ sequenceNumber, media: { track, chunk } }) => [sequenceNumber, track, chunk]),
    ).toEqual([
      ['2', 'inbound', '1'],
      ['3', 'outbound', '1'],
      ['4', 'inbound', '2'],
      ['5', 'outbound', '2'],
    ]);
    expect(messages.at(-1).event).toBe('stop');
    expect(record.talk!.endReason).toBe('hangup');
  });

  it('ends when the server says anything', async () => {
    const url = await serve(
      { '/voice': '<Start><Stream url="STREAM" statusCallback="/status"/></Start><Pause length="60"/>', '/status': '' },
      { onStart: (stream) => stream.mark('hello') },
    );
    const record = await call(`${url}/voice`).done;
    expect(record.lint).toMatchObject([{ rule: 'stream/one-way', code: 31924 }]);
    const told = http!.seen.map(({ body }) => new URLSearchParams(body).get('StreamEvent'));
    expect(told).toEqual([null, 'stream-started', 'stream-error']);
  });
});

describe('what an account does to a call', () => {
  it('redirects it: the stream gets its stop, and the new TwiML is followed', async () => {
    const connect = '<Connect action="/ended"><Stream url="STREAM"/></Connect>';
    const url = await serve({ '/voice': connect, '/transfer': '<Say>a</Say><Hangup/>', '/ended': '<Hangup/>' });
    const live = call(`${url}/voice`, { caller: silentCaller(5000) });
    live.on((event) => {
      if (event.type === 'frame' && event.chunk === 3) live.redirect({ url: `${url}/transfer`, method: 'POST' });
    });
    const record = await live.done;
    expect(asked()).toEqual(['POST /voice', 'POST /transfer']);
    expect(streams!.streams[0]!.messages.at(-1)).toContain('"event":"stop"');
    expect(verbs(record)).toEqual(['Connect', 'Say', 'Hangup']);
    expect(record.talk!.endReason).toBe('server-closed');
  });

  it('is done through its REST API by a server that knows the call only from its webhook', async () => {
    await using account = await serveAccount({
      numbers: ['+15550100001'],
      people: { '+15550100009': { answers: 'after 50ms', hangsUp: 'after 100ms' } },
    });
    const { accountSid, authToken } = account;
    const post = (callSid: string, fields: Record<string, string>) =>
      fetch(`${account.url}/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
        body: new URLSearchParams(fields),
      });
    const twiml = '<Response><Dial><Number>+15550100009</Number></Dial></Response>';
    const url = await serve(
      { '/voice': '<Connect><Stream url="STREAM"/></Connect>' },
      { onStart: ({ messages }) => void post(JSON.parse(messages[1]!).start.callSid, { Twiml: twiml }) },
    );
    const record = await call(`${url}/voice`, {
      ...{ account: account.registry, accountSid, caller: silentCaller(5000), to: '+15550100001' },
    }).done;
    expect(verbs(record)).toEqual(['Connect', 'Dial', 'Dial']);
    expect(record.verbs.at(-1)!.text).toMatch(/^over: completed/);
    const child = account.calls.find(({ direction }) => direction === 'outbound-dial');
    expect(child).toMatchObject({ to: '+15550100009', status: 'completed', parentCallSid: record.callSid });
    expect(account.calls.find(({ callSid }) => callSid === record.callSid)!.status).toBe('completed');
  });

  it('hangs it up: the stream gets its stop, and the call is over', async () => {
    const url = await serve({ '/voice': '<Connect><Stream url="STREAM"/></Connect>' });
    await using account = await serveAccount({ numbers: ['+15550100001'] });
    const { registry } = account;
    const begun = {
      ...registry,
      begin: (entry, live) => {
        registry.begin(entry, live);
        setTimeout(() => live.hangUp(), 100);
      },
    } satisfies typeof registry;
    const record = await call(`${url}/voice`, { account: begun, caller: silentCaller(5000) }).done;
    expect(streams!.streams[0]!.messages.at(-1)).toContain('"event":"stop"');
    expect(record).toMatchObject({ status: 'completed', talk: { endReason: 'server-closed' } });
  });
});

it('ends when the caller gives up before anybody has answered', async () => {
  http = await serveHttp(() => {});
  const waiting = call(`${http.url}/voice`);
  setTimeout(() => waiting.hangUp(), 50);
  expect(await waiting.done).toMatchObject({ status: 'canceled', durationSeconds: 0 });
});

it('refuses an address that is no webhook', async () => {
  await expect(call('ws://127.0.0.1:1/').done).rejects.toMatchObject({ code: 'usage' });
});
