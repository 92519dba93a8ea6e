import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { ModuleConfig } from './config.js';
import { type ToolDefinition, toResult } from './define.js';
import { chosen } from './names.js';
import type { Filler, Tool } from './tool.js';

export interface ModuleOptions {
  /** Folder of the configuration. */
  readonly baseDir: string;
  readonly filler?: Filler;
  /** How long loading it may take. */
  readonly readyWithinMs?: number;
}

/**
 * The tools that a JavaScript module exports: `export const tools = [...]`, or a default export, a list or a function that
 * returns one. A file that has changed is loaded anew. Throws `tool-unusable` with the path for whatever is wrong with it.
 */
export async function moduleTools(
  config: ModuleConfig,
  { baseDir, filler, readyWithinMs = DEFAULTS.tools.timeoutMs }: ModuleOptions,
): Promise<Tool[]> {
  const path = resolve(baseDir, config.path);
  const who = `the module ${config.path}`;
  const definitions = await load(path, who, readyWithinMs);
  return chosen(definitions, config.names, who).map((definition) => ({
    declaration: {
      name: definition.name,
      description: definition.description,
      parameters: definition.parameters ?? { type: 'object', properties: {} },
    },
    timeoutMs: config.timeout ?? definition.timeoutMs ?? DEFAULTS.tools.timeoutMs,
    ...(filler && { filler }),
    run: async (args, context) => toResult(await definition.run(args, context)),
  }));
}

async function load(path: string, who: string, readyWithinMs: number): Promise<ToolDefinition[]> {
  let exported: unknown;
  try {
    // Node keeps a module for its address, so a changed file has to get another one.
    const { mtimeMs } = await stat(path);
    exported = await inTime(exportsOf(`${pathToFileURL(path).href}?changed=${mtimeMs}`), readyWithinMs);
  } catch (error) {
    throw unusable(who, reasonOf(error), error);
  }
  if (!Array.isArray(exported) || exported.length === 0) {
    throw unusable(who, 'it exports neither a list `tools` nor a default list or function that returns one');
  }
  exported.forEach((definition, index) => {
    const reason = wrongWith(definition);
    if (reason) throw unusable(who, `tool ${index + 1} ${reason}`);
  });
  return exported as ToolDefinition[];
}

async function exportsOf(address: string): Promise<unknown> {
  const loaded = (await import(address)) as { tools?: unknown; default?: unknown };
  // Of CommonJS, `module.exports = {tools: […]}` arrives as the default.
  const byDefault = loaded.default as { tools?: unknown } | undefined;
  const exported = loaded.tools ?? byDefault?.tools ?? byDefault;
  return typeof exported === 'function' ? exported() : exported;
}

/** A module that waits for something at its top would keep the relay from starting, without a word. */
async function inTime<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not loaded within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function wrongWith(definition: unknown): string | undefined {
  if (typeof definition !== 'object' || definition === null) return 'is not an object';
  const { name, description, run, parameters, timeoutMs } = definition as Partial<
    Record<keyof ToolDefinition, unknown>
  >;
  if (typeof name !== 'string') return 'has no name';
  if (typeof description !== 'string' || description === '') return `(${name}) has no description`;
  if (typeof run !== 'function') return `(${name}) has no function run`;
  if (timeoutMs !== undefined && !(Number(timeoutMs) > 0)) return `(${name}) has a timeoutMs that is no time`;
  if (parameters !== undefined && (typeof parameters !== 'object' || parameters === null)) {
    return `(${name}) has parameters that are no JSON Schema`;
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  return String(message ?? error).split('\n')[0]!;
}

function unusable(tool: string, reason: string, cause?: unknown): VoicebridgeError {
  const hint =
    (cause as Error | undefined)?.name === 'SyntaxError'
      ? `node --check ${tool.replace(/^the module /, '')} shows the place`
      : 'an example is in samples/tools/appointments.js';
  return new VoicebridgeError('tool-unusable', { tool, reason, hint }, { cause });
}
