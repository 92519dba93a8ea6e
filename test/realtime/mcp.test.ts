import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { McpConfig } from '../../src/call/tools/config.js';
import { McpServers, type McpServersOptions } from '../../src/call/tools/mcp.js';
import type { Tool } from '../../src/call/tools/tool.js';
import { lineLog } from '../../src/log.js';
import { CALL, fakeControl } from '../helpers/fake-control.js';

const SERVER = fileURLToPath(new URL('../fixtures/mcp-server.mjs', import.meta.url));
const baseDir = dirname(SERVER);
const STDIO: McpConfig = { type: 'mcp', command: process.execPath, args: ['mcp-server.mjs'] };

const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function open(config: McpConfig = STDIO, more: Partial<McpServersOptions> = {}) {
  const lines: string[] = [];
  const env = { KEY: 'k-123' };
  const servers = new McpServers({ baseDir, env, log: lineLog((line) => lines.push(line)), ...more });
  const used = await servers.acquire(config);
  cleanUp.push(used.release);
  return { servers, lines, ...used };
}

function call(tools: readonly Tool[], name: string, args: Record<string, unknown> = {}, signal?: AbortSignal) {
  const tool = tools.find(({ declaration }) => declaration.name === name)!;
  return tool
    .run(args, {
      ...{ callId: 'c1', call: CALL, control: fakeControl(), log: lineLog(() => {}) },
      signal: signal ?? new AbortController().signal,
    })
    .then(({ output }) => output);
}

describe('an MCP server on stdin and stdout', () => {
  it('gives an agent its tools, under names that models take', async () => {
    const { tools } = await open();
    const [echo, lookup] = tools;
    expect(echo!.declaration).toEqual({
      name: 'echo',
      description: 'The tool echo.',
      parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    });
    expect(echo!.timeoutMs).toBe(10_000);
    expect(lookup!.declaration.name).toBe('stock_lookup');
    expect(await call(tools, 'echo', { text: 'hällo' })).toBe('hällo');
    expect(await call(tools, 'stock_lookup', { part: 'pads' })).toBe('12 of pads');
    expect(await call(tools, 'nothing')).toBe('{"ok":true}');
    expect(await call(tools, 'picture')).toBe('the brake\n[image/png, 300 bytes: cannot be told on the phone]');
    await expect(call(tools, 'refuse')).rejects.toMatchObject({
      name: 'ToolError',
      message: 'part 7 is not made any more',
    });
    await expect(call(tools, 'echo', { text: 1 })).rejects.toMatchObject({ name: 'ToolError' });
  });

  it('gets the variables it is given, and no others of the relay', async () => {
    process.env.SHOP_KEY = 'of the relay';
    cleanUp.push(() => delete process.env.SHOP_KEY);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a configuration says
    const given = await open({ ...STDIO, env: { SHOP_KEY: '${KEY}' } });
    expect(JSON.parse(await call(given.tools, 'about'))).toMatchObject({ key: 'k-123', path: true });
    const bare = await open();
    expect(JSON.parse(await call(bare.tools, 'about')).key).toBeUndefined();
  });

  it('is told when a call of it has been given up', async () => {
    const { tools } = await open();
    const abort = new AbortController();
    const given = call(tools, 'forever', {}, abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(given).rejects.not.toMatchObject({ name: 'ToolError' });
    await expect.poll(() => call(tools, 'cancelled')).toBe('1');
  });

  it('is one process for all who use it, and ends with the last of them', async () => {
    const { servers, tools, release } = await open();
    const again = await servers.acquire({ ...STDIO, tools: ['about'] });
    const { pid } = JSON.parse(await call(tools, 'about')) as { pid: number };
    expect(JSON.parse(await call(again.tools, 'about')).pid).toBe(pid);
    await release();
    await release();
    expect(JSON.parse(await call(again.tools, 'about')).pid).toBe(pid);
    await again.release();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(call(again.tools, 'about')).rejects.toThrow('the tool is not available at the moment');
  });

  it('is started again when it dies', async () => {
    const { tools, lines } = await open();
    const { pid } = JSON.parse(await call(tools, 'about')) as { pid: number };
    await expect(call(tools, 'die')).rejects.toMatchObject({
      name: 'ToolError',
      message: 'the tool was lost while it was working',
    });
    // A call that comes while it is being started waits for it.
    expect(JSON.parse(await call(tools, 'about')).pid).not.toBe(pid);
    expect(lines).toEqual([
      `warn  tool server lost server=${process.execPath}\n`,
      `info  tool server is back server=${process.execPath}\n`,
    ]);
  });

  it.each<[string, McpConfig, Partial<McpServersOptions>, string, string]>([
    [
      'there is no such command',
      { type: 'mcp', command: 'no-such-command' },
      {},
      'the MCP server no-such-command cannot be used: there is no such command',
      'start it by hand, and look at what it says',
    ],
    [
      'it ends with a word why',
      { ...STDIO, args: ['mcp-server.mjs', '--broken'] },
      {},
      `the MCP server ${process.execPath} cannot be used: it said: Error: SHOP_KEY is not set`,
      'start it by hand, and look at what it says',
    ],
    [
      'it ends without a word',
      { ...STDIO, args: ['mcp-server.mjs', '--dumb'] },
      {},
      `the MCP server ${process.execPath} cannot be used: it ended at once`,
      'start it by hand, and look at what it says',
    ],
    [
      'the SDK is not installed',
      STDIO,
      { load: () => Promise.reject(new Error('ERR_MODULE_NOT_FOUND')) },
      `the MCP server ${process.execPath} cannot be used: the package @modelcontextprotocol/client is not installed`,
      'npm install @modelcontextprotocol/client',
    ],
  ])('cannot be used when %s', async (_when, config, more, message, hint) => {
    await expect(open(config, more)).rejects.toMatchObject({ code: 'tool-unusable', message, hint });
  });
});
