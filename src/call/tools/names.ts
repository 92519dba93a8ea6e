import { VoicebridgeError } from '../../errors.js';
import { uncheckable } from './arguments.js';
import type { Tool } from './tool.js';

/** What models take for the name of a function. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Those of a module's or a server's tools that an agent may use, in its order. Throws `tool-unusable` for an unknown one. */
export function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  names: readonly string[] | undefined,
  who: string,
): readonly Named[] {
  if (!names) return all;
  return names.map((name) => {
    const tool = all.find((other) => other.name === name);
    if (tool) return tool;
    const there = all.map((other) => other.name).join(', ') || 'none';
    throw unusable(who, `it has no tool ${name}`, `it has: ${there}`);
  });
}

/**
 * Holds all tools of one agent against what every model demands: a name of the right form that no other has, and
 * parameters of type object. Throws `tool-unusable`. Returns why the arguments of some cannot be checked before they run.
 */
export async function holdAgainstModels(tools: readonly Tool[]): Promise<{ name: string; reason: string }[]> {
  const seen = new Set<string>();
  const unchecked: { name: string; reason: string }[] = [];
  for (const { declaration } of tools) {
    const { name, parameters } = declaration;
    const who = `the tool ${name}`;
    if (!NAME.test(name))
      throw unusable(who, 'its name is not made of letters, digits, "_" and "-", at most 64', RENAME);
    if (seen.has(name)) throw unusable(who, 'the agent has another of this name', RENAME);
    if (parameters.type !== 'object')
      throw unusable(who, 'its parameters are not a JSON Schema of type object', OBJECT);
    seen.add(name);
    const reason = await uncheckable(parameters);
    if (reason) unchecked.push({ name, reason });
  }
  return unchecked;
}

const RENAME = 'give it another name, or leave it out: names, or tools of an mcp, say which ones an agent has';
const OBJECT = 'begin with: parameters: {type: object, properties: {…}}';

function unusable(tool: string, reason: string, hint: string): VoicebridgeError {
  return new VoicebridgeError('tool-unusable', { tool, reason, hint });
}
