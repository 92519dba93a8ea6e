import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buildTools, fillerOf } from '../../call/tools/build.js';
import type { CarrierRest } from '../../carrier/carrier.js';
import type { Finding, WrittenConfig } from '../../config/read.js';
import type { ToolShape } from '../../config/tools-shape.js';
import { VoicebridgeError } from '../../errors.js';
import { type Log, silentLog } from '../../log.js';

export interface CheckToolsOptions {
  /** Folder of the configuration. */
  readonly baseDir: string;
  /** Every variable that the tools name, so that what is checked is the file alone. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a transfer needs to be made ready; nothing is asked of it. */
const REST = {} as CarrierRest;

/**
 * What keeps the tools of a configuration from working, as far as it shows without running a module or starting a server
 * of the user.
 */
export async function checkTools(
  written: WrittenConfig,
  options: CheckToolsOptions,
): Promise<{ readonly mistakes: readonly Finding[]; readonly warnings: readonly Finding[] }> {
  const mistakes: Finding[] = [];
  const warnings: Finding[] = [];
  for (const [agent, { tools = [] }] of Object.entries(written.config.agents)) {
    for (const [index, tool] of tools.entries()) {
      const path = ['agents', agent, 'tools', index];
      const where = `agents.${agent}.tools[${index}]`;
      const warn: Log['warn'] = (sentence, { reason } = {}) =>
        void warnings.push(written.at(path, `${where}: ${sentence}: ${reason}`));
      try {
        await checkTool(tool, options, { ...silentLog, warn });
      } catch (error) {
        if (!(error instanceof VoicebridgeError)) throw error;
        mistakes.push(written.at(path, `${where}: ${error.message}`));
      }
    }
  }
  return { mistakes, warnings };
}

async function checkTool(tool: ToolShape, { baseDir, env }: CheckToolsOptions, log: Log): Promise<void> {
  if (tool.type === 'module') {
    const there = await access(resolve(baseDir, tool.path)).then(
      () => true,
      () => false,
    );
    if (!there) throw unusable(`the module ${tool.path}`, 'there is no such file');
    await fillerOf(tool.filler, baseDir);
  } else if (tool.type === 'mcp') {
    await import('@modelcontextprotocol/client').catch((error) => {
      const reason =
        'the package @modelcontextprotocol/client is not installed: npm install @modelcontextprotocol/client';
      throw unusable(`the MCP server ${tool.url ?? tool.command}`, reason, error);
    });
    await fillerOf(tool.filler, baseDir);
  } else {
    const built = await buildTools([tool], { baseDir, env, log, rest: REST });
    await built.close();
  }
}

function unusable(tool: string, reason: string, cause?: unknown): VoicebridgeError {
  return new VoicebridgeError('tool-unusable', { tool, reason, hint: '' }, { cause });
}
