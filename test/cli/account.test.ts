import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { serveHttp } from '../helpers/http-server.js';
import { serveStreams } from '../helpers/stream-server.js';
import { type TestWorld, testWorld } from '../helpers/world.js';
import { refusalOf, sdk } from '../simulator/account/client.js';

const SID = 'AC00000000000000000000000000000001';
const TOKEN = 'voicebridge';
const OURS = '+15557650100';
const THEIRS = '+15557650200';

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs the command on a free port until `act` is done, then as after Ctrl-C. */
async function withAccount(flags: string[], act: (url: string, world: TestWorld) => Promise<void>) {
  const world = testWorld({ argv: ['account', '--port', '0', ...flags] });
  const ended = main(world);
  const url = await until(() => world.err().match(/^listening on (http:\S+)$/m)?.[1]);
  await act(url, world);
  world.raise('SIGINT');
  await ended;
  expect(world.exitCode() ?? 0).toBe(0);
  return world;
}

async function refused(flags: string[]): Promise<string> {
  const world = testWorld({ argv: ['account', '--port', '0', ...flags] });
  await main(world);
  expect(world.exitCode()).toBe(2);
  return world.err();
}

describe('voicebridge account', () => {
  it('says how to point the SDK at it, and every request in one line without numbers and texts', async () => {
    const world = await withAccount(['--number', `${OURS}=https://example.com/voice`], async (url, world) => {
      expect(world.err()).toContain(`TWILIO_ACCOUNT_SID=${SID} TWILIO_AUTH_TOKEN=${TOKEN} TWILIO_API_URL=${url}`);
      const client = sdk(url, SID, SID, TOKEN);
      const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: OURS });
      expect(number!.voiceUrl).toBe('https://example.com/voice');
      await client.messages.create({ to: THEIRS, from: OURS, body: 'a secret' });
      expect((await refusalOf(client.calls.create({ to: THEIRS, from: THEIRS, url: 'https://e.com' }))).code).toBe(
        21210,
      );
    });
    const lines = world.err().split('\n');
    expect(lines.filter((line) => /^(GET|POST) /.test(line))).toEqual([
      'GET   IncomingPhoneNumbers.json  200  (PhoneNumber)',
      'POST  Messages.json  201  (To From Body)',
      'POST  Calls.json  400  (To From Url)  21210 https://www.twilio.com/docs/errors/21210',
    ]);
    expect(world.err()).not.toMatch(/secret|5557650200/);
    expect(world.out()).toBe('');
  });

  it('follows a call and its callbacks to the end, as JSON lines when asked', async () => {
    const flags = ['--json', '--number', OURS, '--person', `${THEIRS}=busy`];
    const world = await withAccount(flags, async (url, world) => {
      await sdk(url, SID, SID, TOKEN).calls.create({ to: THEIRS, from: OURS, twiml: '<Response/>' });
      await until(() => world.out().match(/"busy"/)?.[0]);
    });
    const events = world
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event, status }) => [event, status])).toEqual([
      ['listening', undefined],
      ['request', 201],
      ['call', 'initiated'],
      ['call', 'busy'],
    ]);
    expect(world.err()).toMatch(/^call {2}CA[0-9a-f]{32} {2}outbound-api {2}busy$/m);
  });

  it('lets people who answer speak: the TwiML is asked for, signed, and its stream is opened', async () => {
    const streams = await serveStreams({ onStart: ({ socket }) => socket.close(1000) });
    const seen: string[] = [];
    const server = await serveHttp((response, { url, body, headers }) => {
      const form = Object.fromEntries(new URLSearchParams(body));
      seen.push(url, form.Direction!);
      expect(twilio.validateRequest(TOKEN, String(headers['x-twilio-signature']), server.url + url, form)).toBe(true);
      const twiml = `<Response><Connect><Stream url="${streams.url}"/></Connect></Response>`;
      response.writeHead(200, { 'content-type': 'text/xml' }).end(twiml);
    });
    const flags = ['--number', OURS, '--person', `${THEIRS}=after 1ms`, '--caller', 'samples/caller.wav'];
    await withAccount(flags, async (url, world) => {
      const call = { to: THEIRS, from: OURS, url: `${server.url}/voice` };
      const { sid } = await sdk(url, SID, SID, TOKEN).calls.create(call);
      await until(() => world.err().match(/outbound-api {2}completed/)?.[0]);
      expect(JSON.parse(streams.streams[0]!.messages[1]!).start.callSid).toBe(sid);
    });
    expect(seen).toEqual(['/voice', 'outbound-api']);
    await server.close();
    await streams.close();
  });

  it('hangs up what still goes on when it is stopped', async () => {
    const streams = await serveStreams({});
    const flags = ['--number', OURS, '--person', `${THEIRS}=after 1ms`, '--caller', 'samples/caller.wav'];
    const world = await withAccount(flags, async (url, world) => {
      const twiml = `<Response><Connect><Stream url="${streams.url}"/></Connect></Response>`;
      await sdk(url, SID, SID, TOKEN).calls.create({ to: THEIRS, from: OURS, twiml });
      await until(() => streams.streams[0]?.messages.at(2));
      expect(world.err()).not.toMatch(/completed/);
    });
    expect(world.err()).toMatch(/outbound-api {2}completed/);
    expect(streams.streams[0]!.messages.at(-1)).toContain('"event":"stop"');
    await streams.close();
  });

  it('takes keys, another account, a trial, and faults', async () => {
    const key = 'SK0123456789abcdef0123456789abcdef';
    const sid = 'AC0123456789abcdef0123456789abcdef';
    const flags = ['--sid', sid, '--token', 't', '--key', `${key}=s`, '--trial', '--number', OURS];
    await withAccount([...flags, '--fault', '429,1,GET', '--application', 'https://e.com'], async (url) => {
      const client = sdk(url, sid, key, 's');
      expect((await refusalOf(client.calls.list())).code).toBe(20429);
      expect(await client.calls.list()).toEqual([]);
      expect(await client.applications.list()).toHaveLength(1);
      const call = client.calls.create({ to: THEIRS, from: OURS, twiml: '<Response/>' });
      expect((await refusalOf(call)).code).toBe(21219);
    });
  });

  it.each([
    ['--number', '5557650100'],
    ['--number', `${OURS}=nowhere`],
    ['--person', THEIRS],
    ['--person', `${THEIRS}=sometimes`],
    ['--sid', 'AC1'],
    ['--key', 'SK1=x'],
    ['--fault', 'explode'],
    ['--fault', '429,often'],
    ['--port', '70000'],
  ])('refuses %s %s', async (flag, value) => {
    expect(await refused([flag, value])).toContain('hint: voicebridge account --help');
  });
});
