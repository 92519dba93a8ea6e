import type { Clock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import type { Log } from '../../log.js';
import { DEFAULTS } from '../../options.js';
import { contentText, type McpContent } from './mcp-content.js';
import { ToolError } from './tool.js';

/** Where a server is, with nothing left to fill in. */
export type McpAddress =
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> };

export interface McpServerOptions {
  /** Where a command is started. */
  readonly baseDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Loads the SDK, which is an optional peer. */
  readonly load?: () => Promise<McpSdk>;
}

/**
 * What is used of the SDK. Its own types stand nowhere in ours, because programs that import us need not have it.
 */
export interface McpSdk {
  readonly Client: new (info: { name: string; version: string }) => McpClient;
  readonly stdio: (server: StdioServer) => StdioTransport;
  readonly http: (url: URL, headers: Readonly<Record<string, string>>) => unknown;
}

export interface McpClient {
  onclose?: (() => void) | undefined;
  connect(transport: unknown, options: { timeout: number }): Promise<void>;
  listTools(
    params: Record<string, never>,
    options: { timeout: number },
  ): Promise<{ tools: { name: string; description?: string | undefined; inputSchema: Record<string, unknown> }[] }>;
  callTool(
    params: { name: string; arguments: Record<string, unknown> },
    options: { signal: AbortSignal; timeout: number },
  ): Promise<McpContent & { isError?: boolean | undefined }>;
  close(): Promise<void>;
}

export interface StdioServer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface StdioTransport {
  readonly stderr: { on(event: 'data', listener: (data: unknown) => void): unknown } | null;
}

export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A call waits for a server that comes back this soon; otherwise the model is told at once. */
const WORTH_WAITING_MS = 1000;

/**
 * One MCP server, shared by all calls of the relay: started once, and started again when it is lost, after a pause that
 * doubles while that fails.
 *
 * ```
 * opening ──▶ open ──lost──▶ pausing ──▶ opening …          stop() from anywhere ──▶ stopped
 * ```
 */
export class McpServer {
  readonly name: string;
  readonly #address: McpAddress;
  readonly #options: McpServerOptions;
  #state: 'opening' | 'open' | 'pausing' | 'stopped' = 'opening';
  #client: McpClient | undefined;
  /** The outcome of the attempt that is being made, or comes next. */
  #opening: Promise<McpClient> | undefined;
  #openedAtMs = 0;
  #openAgainAtMs = 0;
  #failures = 0;
  #cancelPause: () => void = () => {};

  constructor(address: McpAddress, options: McpServerOptions) {
    this.#address = address;
    this.#options = options;
    this.name = 'url' in address ? new URL(address.url).host : address.command;
  }

  /** Starts it, once, and lists its tools. Throws `tool-unusable`. */
  async start(): Promise<readonly ListedTool[]> {
    try {
      const client = await this.#open();
      const { tools } = await client.listTools({}, { timeout: DEFAULTS.tools.timeoutMs });
      return tools.map(({ name, description = '', inputSchema }) => {
        const { $schema: _, ...parameters } = inputSchema;
        return { name, description, parameters };
      });
    } catch (error) {
      await this.stop();
      if (error instanceof VoicebridgeError) throw error;
      throw this.#unusable(reasonOf(error), 'start it by hand, and look at what it says', error);
    }
  }

  /** Calls a tool of it; an abort tells the server too. Rejects with ToolError for what the model may know. */
  async call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<string> {
    const ask = (client: McpClient): ReturnType<McpClient['callTool']> =>
      // The signal comes first; the SDK's own limit is 60 s unless told.
      client.callTool({ name, arguments: { ...args } }, { signal, timeout: timeoutMs + 1000 });
    let result: Awaited<ReturnType<typeof ask>>;
    try {
      const client = await this.#ready();
      try {
        result = await ask(client);
      } catch (error) {
        if (!isSessionGone(error)) throw error;
        // The server has forgotten the session, so it has not done anything either.
        await this.#lost(client);
        result = await ask(await this.#ready());
      }
    } catch (error) {
      throw signal.aborted || error instanceof ToolError ? error : new ToolError(sentenceOf(error), { cause: error });
    }
    const text = contentText(result);
    if (result.isError) throw new ToolError(text || 'the tool failed');
    return text || '{"ok":true}';
  }

  async stop(): Promise<void> {
    const wasOpening = this.#state === 'opening';
    const client = this.#client;
    this.#state = 'stopped';
    this.#client = undefined;
    this.#cancelPause();
    await client?.close();
    // What is being opened closes itself when it sees the state.
    if (wasOpening) await this.#opening?.catch(() => {});
  }

  async #ready(): Promise<McpClient> {
    const { clock } = this.#options;
    if (this.#state === 'open') return this.#client!;
    const isSoon = this.#state === 'opening' || this.#openAgainAtMs - clock.now() <= WORTH_WAITING_MS;
    if (this.#state === 'stopped' || !isSoon) throw new ToolError('the tool is not available at the moment');
    return this.#opening!;
  }

  #open(): Promise<McpClient> {
    this.#state = 'opening';
    this.#opening = this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<McpClient> {
    const { baseDir, clock, load = loadSdk } = this.#options;
    const address = this.#address;
    const sdk = await this.#load(load);
    let said = '';
    let transport: unknown;
    if ('url' in address) {
      transport = sdk.http(new URL(address.url), address.headers);
    } else {
      const stdio = sdk.stdio({ ...address, cwd: baseDir });
      // What a server says about its start helps to repair it; what it says later may be about callers.
      stdio.stderr?.on('data', (data) => {
        if (this.#state === 'opening') said = `${said}${String(data)}`.slice(-1000);
      });
      transport = stdio;
    }
    const client = new sdk.Client({ name: 'voicebridge', version: '1' });
    try {
      await client.connect(transport, { timeout: DEFAULTS.tools.timeoutMs });
    } catch (error) {
      await client.close().catch(() => {});
      const lastLine = said.trim().split('\n').at(-1);
      throw lastLine ? new Error(`it said: ${lastLine}`, { cause: error }) : error;
    }
    if (this.#state === 'stopped') {
      await client.close();
      throw new ToolError('the tool is not available at the moment');
    }
    this.#state = 'open';
    this.#client = client;
    this.#openedAtMs = clock.now();
    client.onclose = () => void this.#lost(client);
    return client;
  }

  async #load(load: () => Promise<McpSdk>): Promise<McpSdk> {
    try {
      return await load();
    } catch (error) {
      const reason = 'the package @modelcontextprotocol/client is not installed';
      throw this.#unusable(reason, 'npm install @modelcontextprotocol/client', error);
    }
  }

  async #lost(client: McpClient): Promise<void> {
    if (this.#state !== 'open' || this.#client !== client) return;
    const { clock, log } = this.#options;
    const [shortest, longest] = DEFAULTS.tools.restartAfterMs;
    // One that lived long is as good as new; one that dies soon after every start waits longer and longer.
    this.#failures = clock.now() - this.#openedAtMs >= longest ? 0 : this.#failures;
    this.#client = undefined;
    log.warn('tool server lost', { server: this.name });
    this.#openLater(shortest);
    await client.close().catch(() => {});
  }

  #openLater(shortestMs: number): void {
    const { clock, log } = this.#options;
    const afterMs = Math.min(shortestMs * 2 ** this.#failures++, DEFAULTS.tools.restartAfterMs[1]);
    this.#state = 'pausing';
    this.#openAgainAtMs = clock.now() + afterMs;
    this.#opening = new Promise((resolve, reject) => {
      this.#cancelPause = clock.at(this.#openAgainAtMs, () => {
        const opened = this.#open();
        opened.then(
          () => log.info('tool server is back', { server: this.name }),
          () => this.#state === 'opening' && this.#openLater(shortestMs),
        );
        opened.then(resolve, reject);
      });
    });
    // Nobody may be waiting for it.
    this.#opening.catch(() => {});
  }

  #unusable(reason: string, hint: string, cause: unknown): VoicebridgeError {
    return new VoicebridgeError('tool-unusable', { tool: `the MCP server ${this.name}`, reason, hint }, { cause });
  }
}

async function loadSdk(): Promise<McpSdk> {
  const [{ Client, StreamableHTTPClientTransport }, { StdioClientTransport, getDefaultEnvironment }] =
    await Promise.all([import('@modelcontextprotocol/client'), import('@modelcontextprotocol/client/stdio')]);
  return {
    Client,
    stdio: ({ command, args, env, cwd }) =>
      new StdioClientTransport({
        ...{ command, cwd, args: [...args], stderr: 'pipe' },
        env: { ...getDefaultEnvironment(), ...env },
      }),
    http: (url, headers) => new StreamableHTTPClientTransport(url, { requestInit: { headers, redirect: 'error' } }),
  };
}

/** A server answers 404 for a session it does not know, after which a client has to begin a new one. */
function isSessionGone(error: unknown): boolean {
  return (error as { status?: unknown }).status === 404;
}

function sentenceOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: unknown };
  if (code === 'CONNECTION_CLOSED') return 'the tool was lost while it was working';
  return name === 'ProtocolError' ? 'the tool refused the call' : 'the tool cannot be reached';
}

function reasonOf(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException & { cause?: { code?: string } };
  if (code === 'ENOENT') return 'there is no such command';
  if (code === 'CONNECTION_CLOSED') return 'it ended at once';
  if (code === 'REQUEST_TIMEOUT') return 'it did not answer in time';
  return cause?.code && message === 'fetch failed' ? `it cannot be reached (${cause.code})` : message.split('\n')[0]!;
}
