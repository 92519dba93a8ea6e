import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/relay/operator/commands.js';
import { ROUTES } from '../../../src/relay/operator/routes.js';
import { OperatorServer, TOKEN } from '../../helpers/operator-server.js';

let server: OperatorServer;

beforeEach(async () => {
  server = await new OperatorServer().start();
});

afterEach(() => server.stop());

describe('the operator’s API', () => {
  it('lists the calls that go on', async () => {
    server.addCall('CA1');
    server.addCall('CA2', { state: 'connecting', agent: undefined });
    const answer = await server.fetch('/calls');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      ...[200, 'application/json', 'no-store'],
    ]);
    expect(await answer.json()).toEqual({
      calls: [
        {
          ...{ callSid: 'CA1', streamSid: 'MZ1', state: 'talking', agent: 'desk' },
          ...{ startedAt: '2026-01-02T03:04:05.000Z', turns: { caller: 0, agent: 0 } },
        },
        {
          ...{ callSid: 'CA2', streamSid: 'MZ1', state: 'connecting' },
          ...{ startedAt: '2026-01-02T03:04:05.000Z', turns: { caller: 0, agent: 0 } },
        },
      ],
    });
  });

  it('shows one call with its lines, and not the parameters of its stream', async () => {
    const { control } = server.addCall('CA1');
    control.happens({ type: 'caller-said', itemId: 'c1', text: 'Hello?', final: true, startMs: 900 });
    const answer = await server.fetch('/calls/CA1');
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      ...{ callSid: 'CA1', from: '+15550100001', to: '+15550100002', tools: ['transfer'] },
      ...{ turns: { caller: 1, agent: 0 }, lines: [{ side: 'caller', text: 'Hello?', startMs: 900, final: true }] },
    });
    expect(text).not.toContain('secret');
    expect(control.listening).toBe(0);
  });

  it('gives the transcript as JSON, or as text to who asks for it', async () => {
    const { control } = server.addCall('CA1');
    control.happens(
      {
        ...{
          type: 'agent-said',
          itemId: 'i1',
          text: 'It costs eleven',
          unheard: 'pounds.',
          startMs: 2400,
          endMs: 3000,
        },
        ...{ interrupted: true, estimated: true },
      },
      // Written down late, said before.
      { type: 'caller-said', itemId: 'c1', text: 'What does it cost?', final: true, startMs: 1000 },
    );
    const json = await (await server.fetch('/calls/CA1/transcript')).json();
    expect(json).toMatchObject({ callSid: 'CA1', lines: [{ side: 'caller' }, { side: 'agent', unheard: 'pounds.' }] });
    const text = await server.fetch('/calls/CA1/transcript', { headers: { Accept: 'text/plain' } });
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await text.text()).toBe(
      '0:01.0  caller  What does it cost?\n0:02.4  agent   It costs eleven — [interrupted; not heard: pounds.]\n',
    );
  });

  it.each<[command: string, body: unknown, told: string]>([
    ['instructions', { text: 'Be brief.' }, 'update {"instructions":"Be brief."}'],
    ['instructions', { append: 'Be brief.' }, 'update {"instructions":"Be kind.\\n\\nBe brief."}'],
    ['say', { text: ' One moment. ' }, 'say "One moment."'],
    ['inject', { text: 'It rains.' }, 'inject "It rains." {"respond":false}'],
    ['inject', { text: 'It rains.', respond: true }, 'inject "It rains." {"respond":true}'],
    ['interrupt', {}, 'interrupt'],
    ['mute', { side: 'agent', muted: true }, 'mute "agent" true'],
    ['voice', { voice: 'cedar' }, 'setVoice "cedar"'],
    ['transfer', { number: '+15550100009' }, 'transfer {"number":"+15550100009"}'],
    [
      'transfer',
      { number: '+15550100009', callerId: '+15550100002', timeoutSeconds: 30 },
      'transfer {"number":"+15550100009","callerId":"+15550100002","timeoutSeconds":30}',
    ],
    ['transfer', { url: 'https://example.com/next' }, 'transfer {"url":"https://example.com/next"}'],
    ['hangup', {}, 'hangUp {"now":false}'],
    ['hangup', { now: true }, 'hangUp {"now":true}'],
  ])('takes POST %s %j', async (command, body, told) => {
    const { control } = server.addCall('CA1');
    const answer = await server.post(`/calls/CA1/${command}`, body);
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    expect(control.commands).toEqual([told]);
  });

  it('gives and takes tools by name, among those that the agent may have', async () => {
    const { control } = server.addCall('CA1');
    await server.post('/calls/CA1/tools', { enable: ['look_up'], disable: ['transfer'] });
    await server.post('/calls/CA1/tools', { disable: ['transfer'] });
    const names = control.commands.map((line) =>
      JSON.parse(line.slice(7)).tools.map((tool: { name: string }) => tool.name),
    );
    expect(names).toEqual([['look_up'], []]);
    expect(await server.refusal(server.post('/calls/CA1/tools', { enable: ['fly'] }))).toBe(
      '400 tool-unknown: the agent of this call has no tool fly: its tools are transfer, look_up',
    );
  });

  it('hangs up on DELETE, and takes a command without a body where none is needed', async () => {
    const { control } = server.addCall('CA1');
    expect((await server.fetch('/calls/CA1', { method: 'DELETE' })).status).toBe(202);
    expect((await server.fetch('/calls/CA1/interrupt', { method: 'POST' })).status).toBe(202);
    expect((await server.fetch('/calls/CA1/hangup', { method: 'POST' })).status).toBe(202);
    expect(control.commands).toEqual(['hangUp', 'interrupt', 'hangUp {"now":false}']);
  });

  it('steers the newest stream of a call, and the first again when that is gone', async () => {
    const first = server.addCall('CA1');
    const second = server.addCall('CA1');
    await server.post('/calls/CA1/interrupt', {});
    server.calls.remove(second.live, 'carrier-lost');
    await server.post('/calls/CA1/say', { text: 'Still here.' });
    expect([first.control.commands, second.control.commands]).toEqual([['say "Still here."'], ['interrupt']]);
    expect(await (await server.fetch('/calls')).json()).toMatchObject({ calls: [{ callSid: 'CA1' }] });
  });

  it('logs a transfer that fails later, without its number', async () => {
    const { control } = server.addCall('CA1');
    control.transferEnds = () =>
      Promise.reject(Object.assign(new Error('no +15550100009'), { code: 'transfer-refused' }));
    expect((await server.post('/calls/CA1/transfer', { number: '+15550100009' })).status).toBe(202);
    expect(server.written).toBe(
      'warn  a command of an operator failed callSid=CA1 command=transfer code=transfer-refused\n',
    );
  });
});

it('refuses a transfer that a relay without an account could not make', async () => {
  const other = await new OperatorServer().start({ withoutAccount: true });
  const { control } = other.addCall('CA1');
  const answer = await other.post('/calls/CA1/transfer', { number: '+15550100009' });
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    {
      code: 'account-missing',
      detail: 'the relay has no account of the carrier: start it with TWILIO_ACCOUNT_SID',
    },
  ]);
  expect(control.commands).toEqual([]);
  await other.stop();
});

describe('the operator’s API refuses', () => {
  it.each<[command: string, body: unknown, sentence: string]>([
    ['say', {}, 'text is missing: a text'],
    ['say', { text: '  ' }, 'text must not be empty'],
    ['say', { text: 7 }, 'text must be a text'],
    ['say', { text: 'x'.repeat(8_001) }, 'text must be at most 8000 characters'],
    ['say', { text: 'Hello', loud: true }, 'loud is not known here'],
    ['say', ['Hello'], 'the body must be a JSON object'],
    ['mute', { side: 'both', muted: 'yes' }, 'side must be one of "caller", "agent"; muted must be true or false'],
    ['instructions', {}, 'the body needs either text or append'],
    ['instructions', { text: 'a', append: 'b' }, 'the body needs either text or append'],
    ['tools', {}, 'the body needs a name in enable or disable'],
    ['tools', { enable: ['a'], disable: ['a'] }, 'the body has a name in both lists'],
    ['tools', { enable: 'a' }, 'enable must be a list'],
    ['transfer', {}, 'the body needs either number or url'],
    ['transfer', { number: '0123' }, 'number must be a number like +15550100001'],
    ['transfer', { url: 'file:///etc/passwd' }, 'url must be an http(s) address'],
    [
      'transfer',
      { url: 'https://example.com', timeoutSeconds: 9 },
      'the body has callerId or timeoutSeconds, which belong to number, beside url',
    ],
    ['transfer', { number: '+15550100001', timeoutSeconds: 1 }, 'timeoutSeconds must be at least 5'],
    ['voice', { voice: '' }, 'voice must not be empty'],
    ['hangup', { now: 1 }, 'now must be true or false'],
  ])('%s %j', async (command, body, sentence) => {
    const { control } = server.addCall('CA1');
    const refusal = await server.refusal(server.post(`/calls/CA1/${command}`, body));
    expect(refusal).toBe(`400 body-invalid: ${sentence}`);
    expect(control.commands).toEqual([]);
  });

  it('a body with the place of each mistake', async () => {
    server.addCall('CA1');
    const answer = await server.post('/calls/CA1/mute', { side: 'both' });
    expect(await answer.json()).toMatchObject({
      errors: [
        { pointer: '/side', detail: 'must be one of "caller", "agent"' },
        { pointer: '/muted', detail: 'is missing: true or false' },
      ],
    });
  });

  it('what is not JSON, by its type and by its text', async () => {
    server.addCall('CA1');
    const post = (type: string | undefined, body: string): Promise<string> => {
      const headers = type === undefined ? undefined : { 'Content-Type': type };
      return server.refusal(server.fetch('/calls/CA1/say', { method: 'POST', headers, body }));
    };
    const json = JSON.stringify({ text: 'Hello' });
    expect(await post('text/plain', json)).toBe('415 body-not-json: send the body as Content-Type: application/json');
    expect(await post('application/jsonp', json)).toMatch(/^415 /);
    expect(await post('application/json; charset=utf-8', '{"text":')).toBe('400 body-invalid: the body is not JSON');
  });

  it('a body that is too large, whether it says so or not', async () => {
    server.addCall('CA1');
    const text = 'x'.repeat(70_000);
    const sentence = '413 body-too-large: the body is larger than 65536 bytes';
    expect(await server.refusal(server.post('/calls/CA1/say', { text }))).toBe(sentence);
    // In chunks, so without a Content-Length.
    const body = new ReadableStream({
      start(controller) {
        for (let piece = 0; piece < 8; piece++) controller.enqueue(new Uint8Array(16_384).fill(32));
        controller.close();
      },
    });
    const headers = { 'Content-Type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    expect(await server.refusal(server.fetch('/calls/CA1/say', init))).toBe(sentence);
  });

  it('a call that it does not know, one that is over, and one that is not there yet', async () => {
    const { live } = server.addCall('CA1');
    server.calls.remove(live, 'caller');
    server.addCall('CA2', { control: undefined });
    server.addCall('CA3', { session: undefined });
    expect(await server.refusal(server.fetch('/calls/CA9'))).toBe(
      '404 call-unknown: there is no call CA9; GET /calls lists those that are going on',
    );
    expect(await server.refusal(server.post('/calls/CA1/say', { text: 'Hello' }))).toBe(
      '409 call-over: the call CA1 is over',
    );
    expect(await server.refusal(server.fetch('/calls/CA1/events'))).toBe('409 call-over: the call CA1 is over');
    expect(await server.refusal(server.fetch('/calls/CA2'))).toBe(
      '409 call-not-ready: the call is still being connected',
    );
    expect(await server.refusal(server.post('/calls/CA3/instructions', { append: 'x' }))).toBe(
      '409 call-not-ready: the agent of this call is not chosen yet',
    );
  });

  it('a command that comes as the call ends', async () => {
    const { control } = server.addCall('CA1');
    control.say = () => {
      throw Object.assign(new Error('over'), { code: 'call-over' });
    };
    expect(await server.refusal(server.post('/calls/CA1/say', { text: 'Hello' }))).toBe(
      '409 call-over: the call is over',
    );
  });

  it('to say what went wrong inside, and goes on', async () => {
    const { control } = server.addCall('CA1');
    control.say = () => {
      throw new TypeError('secret');
    };
    expect(await server.refusal(server.post('/calls/CA1/say', { text: 'Hello' }))).toBe(
      '500 internal: the relay failed to do this; its log says more',
    );
    expect(server.written).toBe('error a request of an operator failed path=/calls/CA1/say reason=TypeError\n');
    expect((await server.fetch('/calls')).status).toBe(200);
  });

  it('a method that a path does not have, and names those it has', async () => {
    server.addCall('CA1');
    for (const [path, allow] of [
      ['/calls', 'GET'],
      ['/calls/CA1', 'GET, DELETE'],
      ['/calls/CA1/say', 'POST'],
      ['/openapi.json', 'GET'],
    ] as const) {
      const answer = await server.fetch(path, { method: 'PUT' });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, allow]);
      await answer.text();
    }
  });

  it('a path that there is not', async () => {
    server.addCall('CA1');
    for (const path of [
      '/calls/',
      '/calls/CA1/dance',
      '/calls/CA1/say/',
      '/calls/CA1/say/x',
      '/calls/%20',
      '/calls/a.b',
    ]) {
      expect([path, await server.refusal(server.post(path, {}))]).toEqual([
        ...[path, '404 not-found: there is no such path; GET /openapi.json describes them all'],
      ]);
    }
  });

  it('a cross-origin page: no answer carries a header that would let one read it', async () => {
    server.addCall('CA1');
    const preflight = await server.fetch('/calls/CA1/say', {
      method: 'OPTIONS',
      headers: { Origin: 'https://example.com' },
    });
    const answer = await server.fetch('/calls', { headers: { Origin: 'https://example.com' } });
    for (const { headers } of [preflight, answer]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect(preflight.status).toBe(405);
  });
});

describe('the operator’s token', () => {
  const paths = ROUTES.filter(({ open }) => !open).map(({ method, path }) => [
    method,
    path.replace('{callSid}', 'CA1'),
  ]);

  it.each(paths)('is needed for %s %s', async (method, path) => {
    const { control } = server.addCall('CA1');
    const ask = (authorization?: string): Promise<Response> =>
      fetch(`${server.url}${path}`, { method, headers: authorization ? { Authorization: authorization } : {} });
    const answer = await ask();
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="voicebridge"']);
    expect(await server.refusal(ask(`Bearer ${TOKEN}x`))).toBe(
      '401 token-wrong: this is not the operator token of this relay',
    );
    expect(await server.refusal(ask(`Basic ${TOKEN}`))).toMatch(/^401 token-missing/);
    expect(control.commands).toEqual([]);
  });

  it('is asked for before anything is said about a path, a method or a body', async () => {
    for (const [method, path] of [
      ['GET', '/calls/CA9/dance'],
      ['PUT', '/calls'],
      ['POST', '/calls/CA9/say'],
    ]) {
      expect((await fetch(`${server.url}${path}`, { method })).status).toBe(401);
    }
  });

  it('that is wrong is told to the log, without the token', async () => {
    await fetch(`${server.url}/calls`, { headers: { Authorization: 'Bearer guessed' } });
    expect(server.written).toBe('warn  a request with a wrong operator token was refused path=/calls\n');
  });

  it('may be written with any capitals in front of it, and not twice', async () => {
    const ask = async (authorization: string): Promise<number> =>
      (await fetch(`${server.url}/calls`, { headers: { Authorization: authorization } })).status;
    expect(await ask(`bearer ${TOKEN}`)).toBe(200);
    expect(await ask(`Bearer ${TOKEN}, Bearer ${TOKEN}`)).toBe(401);
  });

  it('is not needed for the description, which says nothing about a call', async () => {
    expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200);
  });
});

it('has a test body for every command', () => {
  for (const { body, example } of COMMANDS) expect(body.safeParse(example).success).toBe(true);
});

it('survives a client that goes away in the middle of its body', async () => {
  server.addCall('CA1');
  await new Promise<void>((resolve) => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json', 'Content-Length': '100' };
    const asked = request(`${server.url}/calls/CA1/say`, { method: 'POST', headers });
    asked.on('error', () => resolve());
    asked.write('{"text":');
    setTimeout(() => asked.destroy(new Error('gone')), 20);
  });
  expect((await server.fetch('/calls')).status).toBe(200);
  expect(server.written).toBe('');
});
