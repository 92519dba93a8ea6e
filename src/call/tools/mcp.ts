import { type Clock, systemClock } from '../../clock.js';
import type { Log } from '../../log.js';
import { DEFAULTS } from '../../options.js';
import type { McpConfig } from './config.js';
import { type Environment, fillIn, fillInAll } from './environment.js';
import { type ListedTool, type McpAddress, type McpSdk, McpServer } from './mcp-server.js';
import { chosen } from './names.js';
import type { Filler, Tool } from './tool.js';

export interface McpServersOptions {
  /** Folder of the configuration, where commands are started. */
  readonly baseDir: string;
  readonly env: Environment;
  readonly log: Log;
  readonly clock?: Clock;
  /** Loads the SDK; for tests. */
  readonly load?: () => Promise<McpSdk>;
}

interface Running {
  readonly server: McpServer;
  readonly tools: Promise<readonly ListedTool[]>;
  users: number;
}

/** Tools of a server that are in use until `release`. */
export interface McpTools {
  readonly tools: readonly Tool[];
  release(): Promise<void>;
}

/**
 * The MCP servers of a relay: each is started once, whoever uses it, and stopped when nobody does any more. Across a
 * reload of the configuration the new one is to be acquired before the old is released, so that a server it still names
 * goes on running.
 */
export class McpServers {
  readonly #options: McpServersOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: McpServersOptions) {
    this.#options = options;
  }

  /** Throws `tool-unusable`. */
  async acquire(config: McpConfig, filler?: Filler): Promise<McpTools> {
    const { baseDir, log, clock = systemClock, load } = this.#options;
    const address = addressOf(config, this.#options.env);
    const key = JSON.stringify(address);
    let running = this.#running.get(key);
    if (!running) {
      const server = new McpServer(address, { baseDir, log, clock, ...(load && { load }) });
      running = { server, tools: server.start(), users: 0 };
      this.#running.set(key, running);
    }
    const { server } = running;
    running.users++;
    let released: Promise<void> | undefined;
    const release = () => {
      released ??= this.#release(key, running);
      return released;
    };
    try {
      const listed = await running.tools;
      const tools = chosen(listed, config.tools, `the MCP server ${server.name}`);
      return { tools: tools.map((tool) => toTool(server, tool, config.timeout, filler)), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #release(key: string, running: Running): Promise<void> {
    if (--running.users > 0) return;
    if (this.#running.get(key) === running) this.#running.delete(key);
    await running.server.stop();
  }
}

function addressOf(
  { command, args = [], env: variables = {}, url, headers = {} }: McpConfig,
  env: Environment,
): McpAddress {
  if (command !== undefined) {
    const who = `the MCP server ${command}`;
    return { command, args, env: fillInAll(variables, env, who) };
  }
  const who = 'an MCP server';
  return { url: fillIn(url!, env, who), headers: fillInAll(headers, env, who) };
}

function toTool(
  server: McpServer,
  { name, description, parameters }: ListedTool,
  timeout?: number,
  filler?: Filler,
): Tool {
  const timeoutMs = timeout ?? DEFAULTS.tools.timeoutMs;
  return {
    declaration: { name: functionName(name), description, parameters },
    timeoutMs,
    ...(filler && { filler }),
    run: async (args, { signal }) => ({ output: await server.call(name, args, { signal, timeoutMs }) }),
  };
}

/** MCP allows names that models do not, such as `crm.lookup`. */
function functionName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}
