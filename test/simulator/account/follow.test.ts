import { afterEach, describe, expect, it } from 'vitest';
import { followOutbound } from '../../../src/simulator/account/follow.js';
import { type AccountOptions, serveAccount } from '../../../src/simulator/account/server.js';
import type { WebhookCall } from '../../../src/simulator/phone/webhook/call.js';
import { type SeenRequest, serveHttp, type TestServer } from '../../helpers/http-server.js';
import { silentCaller } from '../../helpers/phone.js';
import { type StreamServer, serveStreams } from '../../helpers/stream-server.js';
import { sdk } from './client.js';
import { ACCOUNT, OURS, THEIRS, TOKEN } from './setup.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** An account in real time whose answered calls are followed by a phone, a server of TwiML, and one of streams. */
async function world(options: AccountOptions, paths: Readonly<Record<string, string>>) {
  const streams: StreamServer = await serveStreams({});
  const server: TestServer = await serveHttp((response, { url }: SeenRequest) => {
    const body = `<Response>${(paths[url] ?? '').replaceAll('STREAM', streams.url)}</Response>`;
    response.writeHead(200, { 'content-type': 'text/xml' }).end(body);
  });
  const calls: WebhookCall[] = [];
  const account = await serveAccount({
    ...{ accountSid: ACCOUNT, authToken: TOKEN, numbers: [OURS] },
    onAnswered: followOutbound(
      () => ({ caller: silentCaller(10_000), lingerMs: 0, seed: 7, authToken: TOKEN }),
      (call) => calls.push(call),
    ),
    ...options,
  });
  open.push(streams, server, account);
  const client = sdk(account.url, ACCOUNT, ACCOUNT, TOKEN);
  const until = async (look: () => unknown): Promise<void> => {
    while (!look()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { streams, server, account, client, calls, until };
}

describe('an outbound call that a phone follows', () => {
  it('opens its stream, is redirected by the SDK, goes on, and is over', async () => {
    const { streams, server, account, client, calls, until } = await world(
      { people: { [THEIRS]: { answers: 'after 10ms' } } },
      { '/voice': '<Connect><Stream url="STREAM"/></Connect>', '/next': '<Hangup/>' },
    );
    const { sid } = await client.calls.create({ to: THEIRS, from: OURS, url: `${server.url}/voice` });
    await until(() => streams.streams[0]?.messages.some((message) => message.includes('"media"')));
    expect(JSON.parse(streams.streams[0]!.messages[1]!).start).toMatchObject({ callSid: sid, accountSid: ACCOUNT });
    expect((await client.calls(sid).fetch()).status).toBe('in-progress');
    await client.calls(sid).update({ url: `${server.url}/next` });
    const record = await calls[0]!.done;
    expect(streams.streams[0]!.messages.at(-1)).toContain('"event":"stop"');
    expect(record).toMatchObject({ callSid: sid, status: 'completed', from: OURS, to: THEIRS });
    const forms = server.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(server.seen.map(({ url }) => url)).toEqual(['/voice', '/next']);
    for (const form of forms) {
      expect(form).toMatchObject({ CallSid: sid, Direction: 'outbound-api', CallStatus: 'in-progress', From: OURS });
    }
    expect(await client.calls(sid).fetch()).toMatchObject({ status: 'completed', duration: '1' });
    expect(account.calls).toHaveLength(1);
  });

  it('has a stream of its own: no two calls draw the same sid', async () => {
    const { streams, account, calls } = await world({}, {});
    const twiml = `<Response><Connect><Stream url="${streams.url}"/></Connect></Response>`;
    const follow = followOutbound(
      () => ({ caller: silentCaller(20), lingerMs: 0 }),
      (call) => calls.push(call),
    );
    const entry = { accountSid: ACCOUNT, from: OURS, to: THEIRS, direction: 'outbound-api' as const };
    const sids = ['CA1111111111111111111111111111111a', 'CA2222222222222222222222222222222b'];
    await Promise.all(sids.map((callSid) => follow({ ...entry, callSid }, { twiml }, account.registry)));
    const drawn = streams.streams.map(({ messages }) => JSON.parse(messages[1]!).start.streamSid);
    expect(new Set(drawn).size).toBe(2);
  });

  it('asks with what detection has found, or follows the TwiML it was given without asking', async () => {
    const { server, account, calls } = await world({}, { '/voice': '<Hangup/>' });
    const entry = { accountSid: ACCOUNT, from: OURS, to: THEIRS, direction: 'outbound-api' as const };
    const follow = followOutbound(
      () => ({ caller: silentCaller(1000), lingerMs: 0, seed: 7 }),
      (call) => calls.push(call),
    );
    const url = `${server.url}/voice`;
    const parameters = { room: 'support' };
    await follow(
      { ...entry, callSid: 'CA1' },
      { url, method: 'POST', parameters, answeredBy: 'machine_end_beep' },
      account.registry,
    );
    await follow({ ...entry, callSid: 'CA2' }, { twiml: '<Response><Hangup/></Response>' }, account.registry);
    expect(server.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toMatchObject([
      { CallSid: 'CA1', AnsweredBy: 'machine_end_beep', room: 'support', Direction: 'outbound-api' },
    ]);
    expect(account.calls.map(({ callSid, status }) => [callSid, status])).toEqual([
      ['CA1', 'completed'],
      ['CA2', 'completed'],
    ]);
  });
});
