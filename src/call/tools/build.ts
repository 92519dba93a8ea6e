import { resolve } from 'node:path';
import type { CarrierRest } from '../../carrier/carrier.js';
import type { Clock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import type { Log } from '../../log.js';
import { loadRecording } from '../recording.js';
import { collectDigits, hangUp, sendSms, transfer, wait } from './builtin.js';
import type { FillerConfig, ToolConfig, ToolsConfig } from './config.js';
import type { Environment } from './environment.js';
import type { McpServers } from './mcp.js';
import { holdAgainstModels } from './names.js';
import type { Filler, Tool } from './tool.js';

export type { ToolsConfig } from './config.js';

export interface BuildToolsOptions {
  /** Folder of the configuration: paths begin there, and commands are started there. */
  readonly baseDir: string;
  readonly env: Environment;
  readonly log: Log;
  /** Absent: this relay cannot ask the carrier for anything, and tools that have to are refused. */
  readonly rest?: CarrierRest | undefined;
  readonly clock?: Clock;
  /** Shared by the agents of a relay, and across a reload of its configuration; absent, these tools have their own. */
  readonly servers?: McpServers;
  /** Wraps the making of each tool, so that who has read the file can say where it stands. */
  readonly blamed?: BlamedTool | undefined;
}

/** @param index of the tool in the configuration */
export type BlamedTool = <Made>(index: number, make: () => Promise<Made>) => Promise<Made>;

export interface BuiltTools {
  readonly tools: readonly Tool[];
  /** Stops the servers that nobody else uses. To be called when no call has these tools any more. */
  close(): Promise<void>;
}

/**
 * Makes the tools of one agent, so that nothing of them has to be found, loaded or started during a call. Throws
 * `tool-unusable` for the first that cannot be used, and what `readWav` throws for the file of a filler.
 */
export async function buildTools(config: ToolsConfig, options: BuildToolsOptions): Promise<BuiltTools> {
  const releases: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(releases.splice(0).map((release) => release()));
  };
  try {
    const tools: Tool[] = [];
    const { blamed = (_index, made) => made() } = options;
    for (const [index, entry] of config.entries()) {
      tools.push(...(await blamed(index, () => make(entry, options, releases))));
    }
    for (const { name, reason } of await holdAgainstModels(tools)) {
      options.log.warn('the arguments of a tool cannot be checked before it runs', { tool: name, reason });
    }
    return { tools, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Kinds that need libraries load them here, so that a relay without them does not. */
async function make(
  entry: ToolConfig,
  options: BuildToolsOptions,
  releases: (() => Promise<void>)[],
): Promise<readonly Tool[]> {
  const { baseDir, env, clock } = options;
  switch (entry.type) {
    case 'hang_up':
      return [hangUp];
    case 'wait':
      return [wait];
    case 'collect_digits':
      return [collectDigits];
    case 'transfer':
      needsCarrier(entry.type, options);
      return [transfer(entry.targets)];
    case 'send_sms':
      return [sendSms(needsCarrier(entry.type, options), entry.from)];
    case 'http': {
      const { httpTool } = await import('./http.js');
      return [httpTool(entry, { env, ...(clock && { clock }), ...(await fillerOf(entry.filler, baseDir)) })];
    }
    case 'module': {
      const { moduleTools } = await import('./module.js');
      return moduleTools(entry, { baseDir, ...(await fillerOf(entry.filler, baseDir)) });
    }
    case 'mcp': {
      const { McpServers } = await import('./mcp.js');
      const servers = options.servers ?? new McpServers(options);
      const { filler } = await fillerOf(entry.filler, baseDir);
      const { tools, release } = await servers.acquire(entry, filler);
      releases.push(release);
      return tools;
    }
  }
}

function needsCarrier(tool: string, { rest }: BuildToolsOptions): CarrierRest {
  if (rest) return rest;
  throw new VoicebridgeError('tool-unusable', {
    tool: `the tool ${tool}`,
    reason: 'it asks the carrier, and there is no key for that',
    hint: 'export TWILIO_ACCOUNT_SID=… TWILIO_AUTH_TOKEN=…, or TWILIO_API_KEY and TWILIO_API_SECRET with the sid',
  });
}

/** Throws what `readWav` throws. */
export async function fillerOf(filler: FillerConfig | undefined, baseDir: string): Promise<{ filler?: Filler }> {
  if (!filler) return {};
  const { after: afterMs, say, file, text = '' } = filler;
  if (say !== undefined) return { filler: { afterMs, play: { say } } };
  if (file === undefined) return { filler: { afterMs, play: 'tone' } };
  return { filler: { afterMs, play: await loadRecording(resolve(baseDir, file), text) } };
}
