import { nearest } from '../nearest.js';
import { listed } from '../words.js';
import { type Mistake, wrongValue } from './mistakes.js';
import { pathText } from './paths.js';
import type { ConfigShape, RouteShape } from './shape.js';
import { CALL_VARIABLES, variablesIn } from './template.js';

/** Mistakes that no shape can see: what one part of the configuration says of another. */
export function contradictions(config: ConfigShape): Mistake[] {
  return [...agentMistakes(config), ...routeMistakes(config)];
}

/** What works and was probably not meant. */
export function doubts(config: ConfigShape): Mistake[] {
  return [
    ...unknownVariables(config),
    ...unreachableAgents(config),
    ...idleModels(config),
    ...deafReversal(config),
    ...unknownToXai(config),
    ...unsentKeys(config),
  ];
}

function agentMistakes({ agents, models = {} }: ConfigShape): Mistake[] {
  const known = Object.keys(models);
  return Object.entries(agents).flatMap(([name, agent]) => {
    const path = ['agents', name, 'model'];
    const named = agent.model === undefined ? [] : [agent.model].flat();
    const mistakes: Mistake[] = [];
    if (named.length === 0 && known.length > 1) {
      mistakes.push({ path, sentence: `agents.${name} needs "model": ${listed(known)}` });
    }
    const unknown = named.find((each) => !known.includes(each) && !(known.length === 0 && each === 'sim'));
    if (unknown !== undefined) {
      const choice = known.length > 0 ? listed(known) : 'sim, as long as there are no models in the file';
      mistakes.push({ path, sentence: wrongValue(path, choice, unknown, known) });
    }
    const twice = named.find((each, at) => named.indexOf(each) !== at);
    if (twice !== undefined) mistakes.push({ path, sentence: `${pathText(path)} has "${twice}" twice` });
    const greeting = typeof agent.greeting === 'object' ? agent.greeting.instructions : undefined;
    const texts = { instructions: agent.instructions, 'greeting.instructions': greeting };
    for (const [where, text] of Object.entries(texts)) {
      const [wrong] = variablesIn(text ?? '').wrong;
      if (wrong === undefined) continue;
      const at = ['agents', name, ...where.split('.')];
      const sentence = `${pathText(at)} has ${wrong}: the name of a variable has letters, digits and "_", like {{customer_name}}`;
      mistakes.push({ path: at, sentence });
    }
    return [...mistakes, ...toolsTwice(name, agent.tools ?? [])];
  });
}

function toolsTwice(agent: string, tools: NonNullable<ConfigShape['agents'][string]['tools']>): Mistake[] {
  const names = tools.map((tool) => (tool.type === 'http' ? tool.name : tool.type));
  return names.flatMap((name, at) => {
    // Several modules and servers are fine: what they declare is known only when they are loaded.
    if (names.indexOf(name) === at || name === 'module' || name === 'mcp') return [];
    const path = ['agents', agent, 'tools', at];
    return [{ path, sentence: `${pathText(path)} is the second tool of the name "${name}"` }];
  });
}

function routeMistakes({ agents, routes = [] }: ConfigShape): Mistake[] {
  const known = Object.keys(agents);
  const mistakes: Mistake[] = [];
  for (const [at, { agent }] of routes.entries()) {
    const path = ['routes', at, 'agent'];
    if (!known.includes(agent)) mistakes.push({ path, sentence: wrongValue(path, listed(known), agent, known) });
  }
  const all = routes.findIndex(fitsAll);
  if (all >= 0 && all < routes.length - 1) {
    const sentence = `routes[${all + 1}] is never reached: routes[${all}] fits every call, so it must be the last`;
    mistakes.push({ path: ['routes', all + 1], sentence });
  }
  if (all < 0 && (known.length > 1 || routes.length > 0) && !(routes.length === 0 && known.length === 1)) {
    const sentence = `routes ${routes.length > 0 ? 'has no route' : 'is missing, with one'} for all other calls: end the list with "- agent: ${known[0]}"`;
    mistakes.push({ path: ['routes'], sentence });
  }
  return mistakes;
}

export function fitsAll({ to, path, parameter }: RouteShape): boolean {
  return to === undefined && path === undefined && parameter === undefined;
}

/** With a lookup nothing can be said: it may know any name. */
function unknownVariables({ agents, lookup }: ConfigShape): Mistake[] {
  if (lookup) return [];
  return Object.entries(agents).flatMap(([name, agent]) => {
    const known: string[] = [...CALL_VARIABLES, ...Object.keys(agent.variables ?? {})];
    return variablesIn(agent.instructions)
      .names.filter((each) => !known.includes(each))
      .map((each) => {
        const meant = nearest(each, known);
        const sentence =
          meant === undefined
            ? `agents.${name}.instructions has {{${each}}}, which is empty unless TwiML of your own has a <Parameter> of that name: agents.${name}.variables could say what stands for it`
            : `agents.${name}.instructions has {{${each}}}, which nothing is known of: did you mean {{${meant}}}?`;
        return { path: ['agents', name, 'instructions'], sentence };
      });
  });
}

function unreachableAgents({ agents, routes = [], lookup }: ConfigShape): Mistake[] {
  if (lookup || routes.length === 0) return [];
  const reached = routes.map(({ agent }) => agent);
  return Object.keys(agents)
    .filter((name) => !reached.includes(name))
    .map((name) => ({ path: ['agents', name], sentence: `agents.${name} answers no call: no route leads to it` }));
}

function deafReversal({ agents }: ConfigShape): Mistake[] {
  return Object.entries(agents)
    .filter(([, { bargeIn, transcription }]) => bargeIn?.speech === 'reversible' && transcription === 'none')
    .map(([name]) => ({
      path: ['agents', name, 'bargeIn', 'speech'],
      sentence: `agents.${name}.bargeIn.speech is reversible and transcription is none: "mm-hm" cannot be told from words, only short sounds are taken for noise`,
    }));
}

/** What xAI does not take is left out of its sessions: see the dialects in `src/model/`. */
function unknownToXai({ agents, models = {} }: ConfigShape): Mistake[] {
  return Object.entries(agents).flatMap(([name, { model, turnDetection, noiseReduction }]) => {
    const named = model === undefined ? Object.keys(models) : [model].flat();
    if (!named.some((each) => models[each]?.provider === 'xai')) return [];
    const mistakes: Mistake[] = [];
    if (turnDetection?.type === 'semantic_vad') {
      const sentence = `agents.${name}.turnDetection.type is semantic_vad, and xAI has server_vad only: that is what it is asked for`;
      mistakes.push({ path: ['agents', name, 'turnDetection', 'type'], sentence });
    }
    if (noiseReduction !== undefined && noiseReduction !== 'none') {
      const sentence = `agents.${name}.noiseReduction is ${noiseReduction}, and xAI has none`;
      mistakes.push({ path: ['agents', name, 'noiseReduction'], sentence });
    }
    return mistakes;
  });
}

/** Keys travel over TLS or to this machine, nowhere else: see `src/model/providers.ts`. */
function unsentKeys({ models = {} }: ConfigShape): Mistake[] {
  return Object.entries(models)
    .filter(([, { url, keyEnv }]) => keyEnv !== undefined && url !== undefined && isOpenToListeners(url))
    .map(([name]) => ({
      path: ['models', name, 'url'],
      sentence: `models.${name}.url begins with ws://, so its key is not sent: wss:// would protect it on its way`,
    }));
}

function isOpenToListeners(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'ws:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function idleModels({ agents, models = {} }: ConfigShape): Mistake[] {
  const used = Object.values(agents).flatMap(({ model }) => model ?? Object.keys(models));
  return Object.keys(models)
    .filter((name) => !used.includes(name))
    .map((name) => ({ path: ['models', name], sentence: `models.${name} is used by no agent` }));
}
