import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { main } from '../../src/cli/main.js';
import { type TestWorld, type TestWorldOptions, testWorld } from '../helpers/world.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-serve-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (text: string, name = 'voicebridge.yaml'): Promise<void> => writeFile(join(folder, name), text);

const SHOP = `agents:
  sales: {instructions: Sell.}
  support: {instructions: Help.}
routes:
  - {path: /voice/support, agent: support}
  - agent: sales
server: {port: 0, publicUrl: "https://voice.example.com"}
`;

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Serves until `act` is done. */
async function serving(
  argv: readonly string[],
  act: (url: string, world: TestWorld) => Promise<void>,
  options: TestWorldOptions = {},
): Promise<TestWorld> {
  const world = testWorld({ argv: ['serve', ...argv], cwd: folder, ...options });
  const ended = main(world);
  const url = await Promise.race([
    until(() => world.err().match(/^listening on (http:\S+)/m)?.[1]),
    ended.then(() => Promise.reject(new Error(world.err()))),
  ]);
  await act(url, world);
  world.raise('SIGINT');
  await ended;
  expect(world.exitCode() ?? 0).toBe(0);
  return world;
}

async function refused(argv: readonly string[], options: TestWorldOptions = {}): Promise<TestWorld> {
  const world = testWorld({ argv: ['serve', ...argv], cwd: folder, ...options });
  await main(world);
  return world;
}

async function streamAt(url: string, path: string): Promise<string> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams({ CallSid: 'CA1' }) });
  return answer.text();
}

describe('voicebridge serve', () => {
  it('takes the voicebridge.yaml that lies there, and says so in one line', async () => {
    await write(SHOP);
    const world = await serving([], async (url) => {
      const twiml = await streamAt(url, '/voice/support');
      expect(twiml).toContain('<Stream url="wss://voice.example.com/media-stream"');
      expect(twiml).toContain('<Parameter name="agent" value="support"/>');
      expect(await streamAt(url, '/voice')).toContain('<Parameter name="agent" value="sales"/>');
      expect((await fetch(`${url}/voice/other`, { method: 'POST' })).status).toBe(404);
    });
    expect(world.err()).toContain('using voicebridge.yaml: 2 agents, sales, support\n');
  });

  it('leaves it aside when a flag describes an agent of its own', async () => {
    await write(SHOP);
    const world = await serving(['--instructions', 'Be brief.', '--port', '0'], async (url) => {
      expect(await streamAt(url, '/voice')).not.toContain('<Parameter');
    });
    expect(world.err()).toContain('voicebridge.yaml is not used: --instructions describes an agent of its own\n');
  });

  it('needs no file', async () => {
    const world = await serving(['--port', '0'], async () => {});
    expect(world.err()).toMatch(/^using the embedded simulated model at ws:/);
  });

  it('lets flags override the environment, and the environment the file', async () => {
    await write(SHOP.replace('port: 0', 'port: 1, host: 192.0.2.1'), 'shop.yaml');
    const env = {
      VOICEBRIDGE_CONFIG: 'shop.yaml',
      VOICEBRIDGE_HOST: '192.0.2.2',
      VOICEBRIDGE_PUBLIC_URL: 'https://env.example.com',
    };
    await serving(
      ['--host', '127.0.0.1', '--port', '0'],
      async (url) => {
        expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
        expect(await streamAt(url, '/voice')).toContain('wss://env.example.com/');
      },
      { env },
    );
  });

  it('takes so many calls as a flag, the environment or the file says, in this order', async () => {
    await write(SHOP.replace('port: 0', 'port: 0, maxCalls: 1'));
    const taken = async (argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number> => {
      let open = 0;
      await serving(
        argv,
        async (url) => {
          const sockets = await Promise.all(
            [1, 2, 3, 4].map(async () => {
              const socket = new WebSocket(`${url.replace('http', 'ws')}/media-stream`);
              await Promise.race([once(socket, 'open').then(() => open++), once(socket, 'error')]);
              return socket;
            }),
          );
          for (const socket of sockets) socket.terminate();
        },
        { env },
      );
      return open;
    };
    expect(await taken([], {})).toBe(1);
    expect(await taken([], { VOICEBRIDGE_MAX_CALLS: '2' })).toBe(2);
    expect(await taken(['--max-calls', '3'], { VOICEBRIDGE_MAX_CALLS: '2' })).toBe(3);
  });

  it('says which address signatures are made for, unless it was told', async () => {
    const env = { TWILIO_AUTH_TOKEN: '12345' };
    const untold = await serving(['--port', '0'], async () => {}, { env });
    expect(untold.err()).toMatch(
      /^warning: signatures are checked for http:\/\/127\.0\.0\.1:\d+: say --public-url with the address Twilio calls$/m,
    );
    const told = await serving(['--port', '0', '--public-url', 'https://voice.example.com'], async () => {}, { env });
    expect(told.err()).not.toContain('warning');
  });

  it('reads the file again on SIGHUP, for new calls, and keeps the old one when it is broken', async () => {
    await write(SHOP);
    const world = await serving([], async (url, world) => {
      await write(SHOP.replace('voice/support', 'voice/help'));
      world.raise('SIGHUP');
      await until(() => (world.err().includes('reloaded voicebridge.yaml for new calls: 2 agents') ? true : undefined));
      expect(await streamAt(url, '/voice/help')).toContain('value="support"');
      await write('agents: {}');
      world.raise('SIGHUP');
      await until(() => (world.err().includes('not reloaded') ? true : undefined));
      expect(await streamAt(url, '/voice/help')).toContain('value="support"');
      await write(SHOP.replace('port: 0', 'port: 9'));
      world.raise('SIGHUP');
      await until(() => (world.err().includes('counts from the next start') ? true : undefined));
    });
    expect(world.err()).toContain(
      'not reloaded, the configuration before it stays: voicebridge.yaml, line 1: agents takes names, each with an agent behind it, not an empty map\n',
    );
  });

  it('leaves a call that goes on with the agent it began with', async () => {
    await write(SHOP);
    const world = await serving([], async (url, world) => {
      const call = async (callSid: string): Promise<WebSocket> => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/media-stream`);
        await once(socket, 'open');
        const start = {
          accountSid: 'AC1',
          streamSid: `MZ${callSid}`,
          callSid,
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: {},
        };
        socket.send(JSON.stringify({ event: 'start', sequenceNumber: '1', start, streamSid: start.streamSid }));
        await until(() => (world.err().includes(`call started callSid=${callSid}`) ? true : undefined));
        return socket;
      };
      const before = await call('CA1');
      await write(SHOP.replaceAll('sales', 'shop'));
      world.raise('SIGHUP');
      await until(() => (world.err().includes('reloaded') ? true : undefined));
      const after = await call('CA2');
      await until(() => (/model ready callSid=CA1/.test(world.err()) ? true : undefined));
      expect(before.readyState).toBe(WebSocket.OPEN);
      before.terminate();
      after.terminate();
    });
    expect(world.err()).toMatch(/callSid=CA1 streamSid=MZCA1 agent=sales$/m);
    expect(world.err()).toMatch(/callSid=CA2 streamSid=MZCA2 agent=shop$/m);
  });

  it.each<[string, string[], Record<string, string>, string, string]>([
    [
      'a file that is not there',
      ['--config', 'gone.yaml'],
      {},
      'there is no file gone.yaml',
      'voicebridge init writes one',
    ],
    ['a folder', ['--config', '.'], {}, '. cannot be read: it is a folder', 'check its permissions'],
    [
      'a file and an agent',
      ['--config', 'a.yaml', '--no-greet'],
      {},
      '--config and --no-greet cannot be used together',
      '',
    ],
    ['a key that is not set', ['--model', 'xai'], {}, 'the model xai needs a key and XAI_API_KEY is not set', ''],
    [
      'an unknown model',
      ['--model', 'gpt'],
      {},
      '--model gpt is neither sim, openai, azure, xai nor a ws(s):// address',
      '',
    ],
    [
      'azure without a resource',
      ['--model', 'azure'],
      {},
      '--model azure needs AZURE_OPENAI_RESOURCE and AZURE_OPENAI_DEPLOYMENT in the environment',
      '',
    ],
    [
      'a port that is none',
      [],
      { VOICEBRIDGE_PORT: 'eighty' },
      'VOICEBRIDGE_PORT eighty is not a port (0 to 65535)',
      '',
    ],
    [
      'an address of the relay that is none',
      ['--public-url', 'voice.example.com'],
      {},
      '--public-url voice.example.com is not an address like https://voice.example.com',
      '',
    ],
    ['no calls at all', ['--max-calls', '0'], {}, '--max-calls 0 is not a whole number from 1 to 100000', ''],
    [
      'a number of calls that is none',
      [],
      { VOICEBRIDGE_MAX_CALLS: 'many' },
      'VOICEBRIDGE_MAX_CALLS many is not a whole number from 1 to 100000',
      '',
    ],
  ])('refuses %s', async (_, argv, env, sentence, hint) => {
    const world = await refused(argv, { env });
    expect(world.err()).toContain(`error: ${sentence}\n`);
    expect(world.err()).toContain(hint);
    expect(world.exitCode()).toBe(2);
  });

  it('refuses a file with a mistake, and starts nothing', async () => {
    await write('agents:\n  sales: {instructions: Sell., voise: marin}');
    const world = await refused([]);
    expect(world.err()).toContain(
      'error: voicebridge.yaml, line 2: agents.sales has no "voise", did you mean "voice"?',
    );
    expect(world.exitCode()).toBe(2);
  });
});

describe('the tools of a voicebridge.yaml', () => {
  const withTools = (tools: string): string =>
    `agents:\n  sales:\n    instructions: Sell.\n    tools:\n${tools}\nserver: {port: 0}\n`;

  it('are made ready before the first call', async () => {
    await write(
      withTools('      - hang_up\n      - http: {name: stock, description: Stock., url: "https://shop.example/stock"}'),
    );
    await serving([], async () => {});
  });

  it('are told with their line when they cannot be', async () => {
    await write(withTools('      - transfer: {desk: {number: "+15550100001", description: The desk.}}'));
    const world = await refused([]);
    expect(world.err()).toContain(
      'error: voicebridge.yaml, line 5: agents.sales.tools[0]: the tool transfer cannot be used: it asks the carrier, and there is no key for that\n',
    );
    expect(world.err()).toContain('hint: export TWILIO_ACCOUNT_SID=… TWILIO_AUTH_TOKEN=…');
    const env = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: '12345' };
    await serving([], async () => {}, { env });
  });
});

describe('voicebridge serve --check', () => {
  it('tells every mistake at once', async () => {
    await write('agents:\n  sales:\n    instructions: Sell.\n    voice: 5\n    maxCall: 1s\n');
    const world = await refused(['--check', '--json']);
    expect(world.err()).toBe(
      'error: voicebridge.yaml, line 4: agents.sales.voice takes the name of a voice, not 5\n' +
        'error: voicebridge.yaml, line 5: agents.sales.maxCall takes a time from 10s to 24h, not "1s"\n' +
        'voicebridge.yaml has 2 mistake(s)\n',
    );
    expect(JSON.parse(world.out())).toMatchObject({
      schema: 'voicebridge-check/1',
      ok: false,
      mistakes: [{ line: 4 }, { line: 5 }],
    });
    expect(world.exitCode()).toBe(2);
  });

  it('tells what is missing beside the file, and only warns of keys', async () => {
    await write(
      'agents:\n  sales:\n    instructions: Sell.\n    apology: {file: sorry.wav, text: Sorry.}\nmodels:\n  main: {provider: openai}\n',
    );
    const world = await refused(['--check']);
    expect(world.err()).toBe(
      `error: voicebridge.yaml, line 4: agents.sales.apology.file: there is no file ${join(folder, 'sorry.wav')}\n` +
        'warning: OPENAI_API_KEY is not set in this environment\nvoicebridge.yaml has 1 mistake(s)\n',
    );
    expect(world.exitCode()).toBe(2);
  });

  it('tells which tools could not be used, and runs and starts none', async () => {
    await writeFile(join(folder, 'loud.js'), 'process.exitCode = 77; export const tools = [];');
    await write(`agents:
  sales:
    instructions: Sell.
    tools:
      - transfer: {desk: {number: "+15550100001", description: The desk.}}
      - http: {name: a, description: A., url: "https://x.example", secretEnv: A_SECRET, headers: {Key: "\${A_KEY}"}}
      - http: {name: b, description: B., url: "https://x.example", parameters: {type: object, properties: {c: {type: strng}}}}
      - module: ./loud.js
      - module: ./none.js
      - mcp: {command: /nowhere, env: {B_KEY: "\${B_KEY}"}, filler: {after: 1s, file: none.wav, text: None.}}
`);
    const world = await refused(['--check', '--json']);
    expect(world.err()).toBe(
      `error: voicebridge.yaml, line 9: agents.sales.tools[4]: the module ./none.js cannot be used: there is no such file
error: voicebridge.yaml, line 10: agents.sales.tools[5]: there is no file ${join(folder, 'none.wav')}
warning: voicebridge.yaml, line 7: agents.sales.tools[2]: the arguments of a tool cannot be checked before it runs: Unsupported type: strng
warning: A_SECRET is not set in this environment
warning: A_KEY is not set in this environment
warning: B_KEY is not set in this environment
warning: TWILIO_ACCOUNT_SID is not set in this environment
voicebridge.yaml has 2 mistake(s)
`,
    );
    expect(process.exitCode).toBeUndefined();
    expect(JSON.parse(world.out())).toMatchObject({
      ok: false,
      unset: ['A_SECRET', 'A_KEY', 'B_KEY', 'TWILIO_ACCOUNT_SID'],
    });
  });

  it('finds nothing in a file that is right', async () => {
    await write(SHOP);
    const world = await refused(['--check']);
    expect(world.err()).toBe('voicebridge.yaml has no mistakes\n');
    expect(world.exitCode() ?? 0).toBe(0);
  });

  it('finds nothing in the sample', async () => {
    const sample = fileURLToPath(new URL('../../samples/voicebridge.yaml', import.meta.url));
    const world = await refused(['--check', '--config', sample]);
    expect(world.err()).toBe(`${sample} has no mistakes\n`);
    // The packaged one, in a folder that has none.
    const elsewhere = await refused(['--check', '--config', 'samples/voicebridge.yaml']);
    expect(elsewhere.err()).toBe('samples/voicebridge.yaml has no mistakes\n');
  });

  it('needs a file', async () => {
    const world = await refused(['--check']);
    expect(world.err()).toContain('error: there is no file voicebridge.yaml\n');
    expect(world.exitCode()).toBe(2);
  });
});
