import { beforeEach, describe, expect, it } from 'vitest';
import { type McpClient, type McpSdk, McpServer } from '../../../src/call/tools/mcp-server.js';
import { silentLog } from '../../../src/log.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

/** Attempts to connect, one after the other: whether each succeeds. The last counts for all that follow. */
function sdk(...outcomes: boolean[]) {
  const clients: McpClient[] = [];
  class FakeClient implements McpClient {
    onclose?: () => void;
    constructor() {
      clients.push(this);
    }
    async connect(): Promise<void> {
      if (!(outcomes.length > 1 ? outcomes.shift() : outcomes[0])) throw new Error('not yet');
    }
    listTools = async () => ({ tools: [{ name: 'a', inputSchema: { $schema: 'x', type: 'object' } }] });
    callTool = async () => ({ content: [{ type: 'text', text: String(clients.indexOf(this)) }] });
    async close(): Promise<void> {}
  }
  const made: McpSdk = { Client: FakeClient, stdio: () => ({ stderr: null }), http: () => undefined };
  return { clients, load: async () => made };
}

let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock();
});

async function start(...outcomes: boolean[]) {
  const { clients, load } = sdk(...outcomes);
  const address = { command: 'stock', args: [], env: {} };
  const server = new McpServer(address, { baseDir: '.', clock, log: silentLog, load });
  const tools = await server.start();
  const signal = new AbortController().signal;
  return {
    ...{ server, clients, tools },
    call: () => server.call('a', {}, { signal, timeoutMs: 1000 }),
    lose: () => clients.at(-1)!.onclose!(),
    async settle(ms: number): Promise<void> {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('McpServer', () => {
  it('shows a model the schema of a tool without what names the dialect', async () => {
    const { tools } = await start(true);
    expect(tools).toEqual([{ name: 'a', description: '', parameters: { type: 'object' } }]);
  });

  it('is started again after pauses that double while that fails, up to 30 s', async () => {
    const { clients, lose, settle } = await start(true, false);
    lose();
    const pausesMs: number[] = [];
    for (let attempt = 2; attempt <= 10; attempt++) {
      const fromMs = clock.now();
      while (clients.length < attempt) await settle(10);
      pausesMs.push(clock.now() - fromMs);
    }
    expect(pausesMs).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('lets a call wait for a server that will soon be back', async () => {
    const { call, lose, settle } = await start(true);
    lose();
    const answer = call();
    await settle(250);
    expect(await answer).toBe('1');
  });

  it('answers at once for a server that will not', async () => {
    const { call, lose, settle } = await start(true, false);
    lose();
    for (const ms of [250, 500, 1000]) await settle(ms);
    await expect(call()).rejects.toThrow('the tool is not available at the moment');
  });

  it('tells a call that waited for it when it does not come back', async () => {
    const { call, lose, settle } = await start(true, false);
    lose();
    const answer = call();
    const refused = expect(answer).rejects.toThrow(/^the tool cannot be reached$/);
    await settle(250);
    await refused;
  });

  it('waits longer and longer for one that dies soon after every start', async () => {
    const { clients, lose, settle } = await start(true);
    lose();
    await settle(250);
    expect(clients).toHaveLength(2);
    lose();
    await settle(499);
    expect(clients).toHaveLength(2);
    await settle(1);
    expect(clients).toHaveLength(3);
  });

  it('takes one that lived for 30 s for a good one', async () => {
    const { clients, lose, settle } = await start(true);
    lose();
    await settle(250);
    await settle(30_000);
    lose();
    await settle(250);
    expect(clients).toHaveLength(3);
  });

  it('does nothing more when it has been stopped', async () => {
    const { server, clients, call, lose, settle } = await start(true);
    lose();
    await server.stop();
    await settle(60_000);
    expect(clients).toHaveLength(1);
    await expect(call()).rejects.toThrow('the tool is not available at the moment');
    await server.stop();
  });
});
