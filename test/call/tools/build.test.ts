import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BuildToolsOptions, buildTools, type ToolsConfig } from '../../../src/call/tools/build.js';
import { McpServers } from '../../../src/call/tools/mcp.js';
import { toolsShape } from '../../../src/config/tools-shape.js';
import { lineLog } from '../../../src/log.js';
import { fakeControl } from '../../helpers/fake-control.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const REST = { redirect: async () => {}, hangUp: async () => {}, sendMessage: async () => {} };

/** Builds what a voicebridge.yaml says under `tools:`. */
async function build(written: unknown, more: Partial<BuildToolsOptions> = {}) {
  const lines: string[] = [];
  // What the configuration is read into is what the tools are made from: the compiler says so too.
  const config: ToolsConfig = toolsShape.parse(written);
  const log = lineLog((line) => lines.push(line));
  return { lines, ...(await buildTools(config, { baseDir: ROOT, env: {}, log, rest: REST, ...more })) };
}

const http = { name: 'prices', description: 'Prices.', url: 'https://h/prices' };
const MCP = { command: process.execPath, args: ['test/fixtures/mcp-server.mjs'], tools: ['echo', 'about'] };

describe('buildTools', () => {
  it('makes every kind, in the order of the configuration', async () => {
    const { tools, close } = await build([
      'hang_up',
      'wait',
      'collect_digits',
      { transfer: { sales: { number: '+15550003333', description: 'for new customers' } } },
      { send_sms: { from: '+15550004444' } },
      { http },
      { module: 'samples/tools/appointments.js' },
      { mcp: MCP },
    ]);
    expect(tools.map(({ declaration }) => declaration.name)).toEqual([
      ...['hang_up', 'wait', 'collect_digits', 'transfer', 'send_sms', 'prices', 'free_times', 'book', 'echo', 'about'],
    ]);
    await close();
  });

  it('reads times and fillers', async () => {
    const { tools } = await build([
      { http: { ...http, timeout: '3s', filler: { after: '800ms', say: 'One moment.' } } },
      { module: { path: 'samples/tools/appointments.js', names: ['book'], filler: { after: '1s', tone: true } } },
    ]);
    expect(tools.map(({ timeoutMs, filler }) => [timeoutMs, filler])).toEqual([
      [3000, { afterMs: 800, play: { say: 'One moment.' } }],
      [10_000, { afterMs: 1000, play: 'tone' }],
    ]);
  });

  it('loads the file of a filler as the caller will hear it', async () => {
    const file = 'samples/agent/go-ahead.wav';
    const [tool] = (await build([{ http: { ...http, filler: { after: '1s', file, text: 'Go ahead.' } } }])).tools;
    const { payload, text } = tool!.filler!.play as { payload: string; text: string };
    expect(text).toBe('Go ahead.');
    // 8 000 bytes a second of a sentence.
    expect(Buffer.from(payload, 'base64').length).toBeGreaterThan(4000);
    const gone = build([{ http: { ...http, filler: { after: '1s', file: 'gone.wav', text: 'x' } } }]);
    await expect(gone).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('shares one MCP server among agents, and stops it with the last', async () => {
    const servers = new McpServers({ baseDir: ROOT, env: {}, log: lineLog(() => {}) });
    const [one, two] = await Promise.all([build([{ mcp: MCP }], { servers }), build([{ mcp: MCP }], { servers })]);
    const pid = async ({ tools }: typeof one): Promise<number> => {
      const control = fakeControl();
      const context = { callId: 'c1', call: control.info, control, log: lineLog(() => {}) };
      const { output } = await tools[1]!.run({}, { ...context, signal: new AbortController().signal });
      return (JSON.parse(output) as { pid: number }).pid;
    };
    const shared = await pid(one);
    expect(await pid(two)).toBe(shared);
    await one.close();
    expect(await pid(two)).toBe(shared);
    await two.close();
    expect(() => process.kill(shared, 0)).toThrow('ESRCH');
  });

  it('stops what it has started when something later cannot be used', async () => {
    const servers = new McpServers({ baseDir: ROOT, env: {}, log: lineLog(() => {}) });
    const { tools, release } = await servers.acquire({ type: 'mcp', ...MCP });
    await expect(build([{ mcp: MCP }, { module: 'gone.js' }], { servers })).rejects.toThrow('the module gone.js');
    await release();
    const control = fakeControl();
    const context = { callId: 'c1', call: control.info, control, log: lineLog(() => {}) };
    const asked = tools[0]!.run({ text: 'x' }, { ...context, signal: new AbortController().signal });
    await expect(asked).rejects.toThrow('the tool is not available at the moment');
  });

  it('says of which tools the arguments cannot be checked', async () => {
    const parameters = { type: 'object', not: { required: ['a'] } };
    const { lines } = await build([{ http: { ...http, parameters } }]);
    expect(lines).toEqual([
      'warn  the arguments of a tool cannot be checked before it runs tool=prices reason="not is not supported in Zod (except { not: {} } for never)"\n',
    ]);
  });

  it.each<[string, unknown, string]>([
    [
      'two tools of one name',
      [{ http }, { http }],
      'the tool prices cannot be used: the agent has another of this name',
    ],
    [
      'a secret that is not set',
      [{ http: { ...http, secretEnv: 'SECRET' } }],
      'the tool prices cannot be used: the environment variable SECRET is not set',
    ],
  ])('refuses %s', async (_what, written, message) => {
    await expect(build(written)).rejects.toMatchObject({ code: 'tool-unusable', message });
  });

  it.each([
    ['transfer', { transfer: { sales: { number: '+15550003333', description: 'x' } } }],
    ['send_sms', { send_sms: { from: '+15550004444' } }],
  ])('refuses %s without a key for the carrier', async (name, entry) => {
    await expect(build([entry], { rest: undefined })).rejects.toMatchObject({
      message: `the tool ${name} cannot be used: it asks the carrier, and there is no key for that`,
      hint: expect.stringContaining('TWILIO_ACCOUNT_SID'),
    });
  });
});
