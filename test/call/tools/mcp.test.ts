import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { McpConfig } from '../../../src/call/tools/config.js';
import { McpServers, type McpServersOptions, type McpTools } from '../../../src/call/tools/mcp.js';
import type { McpSdk } from '../../../src/call/tools/mcp-server.js';
import { lineLog } from '../../../src/log.js';
import { CALL, fakeControl } from '../../helpers/fake-control.js';

// Servers that are processes of their own are in test/realtime/mcp.test.ts.

interface Workshop {
  readonly url: string;
  close(): Promise<void>;
}

const fixture = new URL('../../fixtures/mcp-workshop.mjs', import.meta.url).href;
const baseDir = fileURLToPath(new URL('.', import.meta.url));
// biome-ignore lint/suspicious/noTemplateCurlyInString: what a configuration says
const headers = { authorization: 'Bearer ${KEY}' };

const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function serve(port = 0): Promise<Workshop> {
  const { serveWorkshop } = (await import(fixture)) as { serveWorkshop(port: number): Promise<Workshop> };
  const served = await serveWorkshop(port);
  cleanUp.push(served.close);
  return served;
}

async function open(config: Partial<McpConfig>, more: Partial<McpServersOptions> = {}) {
  const lines: string[] = [];
  const env = { KEY: 'k-123' };
  const servers = new McpServers({ baseDir, env, log: lineLog((line) => lines.push(line)), ...more });
  const used = await servers.acquire({ type: 'mcp', headers, ...config });
  cleanUp.push(used.release);
  return { servers, lines, ...used };
}

function call({ tools }: McpTools, name: string, args: Record<string, unknown> = {}, signal?: AbortSignal) {
  const tool = tools.find(({ declaration }) => declaration.name === name)!;
  return tool
    .run(args, {
      ...{ callId: 'c1', call: CALL, control: fakeControl(), log: lineLog(() => {}) },
      signal: signal ?? new AbortController().signal,
    })
    .then(({ output }) => output);
}

describe('McpServers', () => {
  it('give an agent the tools of a server, under names that models take', async () => {
    const used = await open({ url: (await serve()).url });
    const [echo, lookup] = used.tools;
    expect(echo!.declaration).toEqual({
      name: 'echo',
      description: 'The tool echo.',
      parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    });
    expect(echo!.timeoutMs).toBe(10_000);
    expect(lookup!.declaration.name).toBe('stock_lookup');
    expect(await call(used, 'echo', { text: 'hällo' })).toBe('hällo');
    expect(await call(used, 'stock_lookup', { part: 'pads' })).toBe('12 of pads');
    expect(await call(used, 'nothing')).toBe('{"ok":true}');
    expect(await call(used, 'picture')).toBe('the brake\n[image/png, 300 bytes: cannot be told on the phone]');
  });

  it('tell the model what a tool has to say of a failure', async () => {
    const used = await open({ url: (await serve()).url });
    await expect(call(used, 'refuse')).rejects.toMatchObject({
      name: 'ToolError',
      message: 'part 7 is not made any more',
    });
    await expect(call(used, 'echo', { text: 1 })).rejects.toMatchObject({ name: 'ToolError' });
  });

  it('give only the tools that are named', async () => {
    const { url } = await serve();
    const { tools } = await open({ url, tools: ['stock.lookup'], timeout: 700 });
    expect(tools.map(({ declaration, timeoutMs }) => [declaration.name, timeoutMs])).toEqual([['stock_lookup', 700]]);
    await expect(open({ url, tools: ['gone'] })).rejects.toMatchObject({
      message: `the MCP server ${new URL(url).host} cannot be used: it has no tool gone`,
      hint: expect.stringContaining('it has: echo, stock.lookup, about'),
    });
  });

  it('tell the server when a call of it has been given up', async () => {
    const used = await open({ url: (await serve()).url });
    const before = Number(await call(used, 'cancelled'));
    const abort = new AbortController();
    const given = call(used, 'forever', {}, abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(given).rejects.not.toMatchObject({ name: 'ToolError' });
    await expect.poll(() => call(used, 'cancelled')).toBe(String(before + 1));
  });

  it('begin a new session when the server has forgotten the old one', async () => {
    const first = await serve();
    const used = await open({ url: first.url });
    await first.close();
    await expect(call(used, 'echo', { text: 'hello' })).rejects.toThrow(/^the tool cannot be reached$/);
    await serve(Number(new URL(first.url).port));
    expect(await call(used, 'echo', { text: 'again' })).toBe('again');
    expect(used.lines.map((line) => line.slice(0, 25))).toEqual([
      'warn  tool server lost se',
      'info  tool server is back',
    ]);
  });

  it('say at once that a tool is not available once nobody uses its server', async () => {
    const used = await open({ url: (await serve()).url });
    await used.release();
    await expect(call(used, 'echo', { text: 'x' })).rejects.toThrow('the tool is not available at the moment');
  });

  it('refuse a server that refuses the key, is not there, or needs a key that is not set', async () => {
    const served = await serve();
    const { url } = served;
    await expect(open({ url, headers: {} })).rejects.toMatchObject({ code: 'tool-unusable' });
    await expect(open({ url }, { env: {} })).rejects.toThrow(
      'an MCP server cannot be used: the environment variable KEY is not set',
    );
    await served.close();
    await expect(open({ url })).rejects.toThrow(
      `the MCP server ${new URL(url).host} cannot be used: it cannot be reached (ECONNREFUSED)`,
    );
  });

  it('say what to install when the SDK is not there', async () => {
    const load = (): Promise<McpSdk> => Promise.reject(new Error('ERR_MODULE_NOT_FOUND'));
    await expect(open({ url: 'http://h/mcp' }, { load })).rejects.toMatchObject({
      message: 'the MCP server h cannot be used: the package @modelcontextprotocol/client is not installed',
      hint: 'npm install @modelcontextprotocol/client',
    });
  });
});
