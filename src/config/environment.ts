import { keyOf } from './models.js';
import type { ConfigShape } from './shape.js';
import type { ToolShape } from './tools-shape.js';

/** Variables of the environment that a configuration reads. */
export interface Variables {
  /** Without these the relay does not start. */
  readonly needed: readonly string[];
  /** The carrier's account, when a tool asks it for something and it is the usual pair. */
  readonly carrier: readonly string[];
}

export function variablesOf({ models = {}, lookup, agents }: ConfigShape): Variables {
  const keys = Object.values(models).flatMap((model) => {
    const { variable, needed } = keyOf(model);
    return needed && variable !== undefined ? [variable] : [];
  });
  const tools = Object.values(agents).flatMap((agent) => agent.tools ?? []);
  const needed = [...keys, ...tools.flatMap(variablesOfTool), ...(lookup?.secretEnv ? [lookup.secretEnv] : [])];
  const asksCarrier = tools.some(({ type }) => type === 'transfer' || type === 'send_sms');
  return { needed: [...new Set(needed)], carrier: asksCarrier ? ['TWILIO_ACCOUNT_SID'] : [] };
}

function variablesOfTool(tool: ToolShape): string[] {
  if (tool.type !== 'http' && tool.type !== 'mcp') return [];
  const { url = '', headers = {} } = tool;
  const texts = [url, ...Object.values(headers)];
  if (tool.type === 'http') return [...(tool.secretEnv ? [tool.secretEnv] : []), ...namesIn(texts)];
  return namesIn([...texts, ...Object.values(tool.env ?? {})]);
}

/** `${NAME}` in them. */
function namesIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [...text.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].map(([, name]) => name!));
}
