import type { CallInfo, CallPlan, PlanCall, Reception, Recording } from '../call/plan.js';
import type { ToolsConfig } from '../call/tools/config.js';
import type { Tool } from '../call/tools/tool.js';
import type { Clock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import type { Log } from '../log.js';
import type { OpenModel } from '../model/model.js';
import { DEFAULTS } from '../options.js';
import { planOf, type ReadyAgent } from './agent.js';
import type { AgentShape } from './agent-shape.js';
import { lookUp } from './lookup.js';
import { type WhereModelIs, whereModelIs } from './models.js';
import type { WrittenConfig } from './read.js';
import { ConfiguredReception, type Decision } from './reception.js';
import { Routes } from './routes.js';
import { readRecording } from './sounds.js';

/** What a configuration needs of the world to become calls. */
export interface OpenWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the files stand that the configuration names. */
  readonly folder: string;
  readonly clock: Clock;
  readonly openModel: (where: WhereModelIs) => OpenModel;
  /** In place of every model of the file. */
  readonly instead?: OpenModel | undefined;
  /** Makes the tools of one agent. */
  readonly buildTools: (tools: ToolsConfig, agent: string) => Promise<readonly Tool[]>;
  readonly fetch?: typeof fetch;
}

/** A configuration at work. A later one takes over for new calls; calls that go on keep their plan. */
export interface OpenConfig {
  readonly planCall: PlanCall;
  readonly reception: Reception;
}

/** Makes everything ready that needs no call. Throws VoicebridgeError config-invalid, model-key-missing, and what tools throw. */
export async function openConfig(written: WrittenConfig, world: OpenWorld): Promise<OpenConfig> {
  const { config } = written;
  const { clock, env } = world;
  const models = modelsOf(written, world);
  const agents = new Map<string, ReadyAgent>();
  for (const [name, shape] of Object.entries(config.agents))
    agents.set(name, await makeReady(name, shape, models, written, world));
  const { lookup } = config;
  const secret = lookup?.secretEnv === undefined ? undefined : env[lookup.secretEnv];
  if (lookup?.secretEnv !== undefined && !secret) {
    written.fail(
      ['lookup', 'secretEnv'],
      `lookup.secretEnv names ${lookup.secretEnv}, which is not set in the environment`,
    );
  }
  const ask = lookup && {
    url: lookup.url,
    secret,
    timeoutMs: lookup.timeout ?? DEFAULTS.config.lookupTimeoutMs,
    clock,
    wallClock: Date.now,
    fetch: world.fetch ?? fetch,
  };
  const reception = new ConfiguredReception({
    routes: new Routes(config),
    clock,
    lookUp: ask && ((question) => lookUp(ask, question)),
  });
  const plan = (call: CallInfo, decision: Decision, log: Log): CallPlan =>
    planOf(agents.get(decision.agent)!, variablesOf(call, decision), log);
  return {
    reception,
    planCall(call, log) {
      const decision = reception.decide(call, log);
      return decision instanceof Promise ? decision.then((made) => plan(call, made, log)) : plan(call, decision, log);
    },
  };
}

/** Fields of the call, then what the own system knows, then what came with the stream. */
function variablesOf(
  call: CallInfo,
  { variables, from, to }: Decision,
): Readonly<Record<string, string | undefined>>[] {
  return [{ from: from ?? '', to: to ?? '', callSid: call.callSid }, variables, call.parameters];
}

function modelsOf({ config }: WrittenConfig, world: OpenWorld): ReadonlyMap<string, OpenModel> {
  const { instead, env, openModel } = world;
  const { agents, models } = config;
  if (!models) return new Map([['sim', instead ?? openModel('sim')]]);
  const used = new Set(Object.values(agents).flatMap(({ model }) => model ?? Object.keys(models)));
  return new Map([...used].map((name) => [name, instead ?? openModel(whereModelIs(name, models[name]!, env))]));
}

async function makeReady(
  name: string,
  shape: AgentShape,
  models: ReadonlyMap<string, OpenModel>,
  written: WrittenConfig,
  world: OpenWorld,
): Promise<ReadyAgent> {
  const named = shape.model === undefined ? [...models.keys()] : [shape.model].flat();
  const chosen = world.instead ? [world.instead] : named.map((each) => models.get(each)!);
  const { greeting, apology } = shape;
  const recorded = typeof greeting === 'object' ? greeting : undefined;
  const tools = await blamed(written, ['agents', name, 'tools'], () => world.buildTools(shape.tools ?? [], name));
  return {
    name,
    shape,
    models: chosen as [OpenModel, ...OpenModel[]],
    tools,
    greeting: await recording(written, world, ['agents', name, 'greeting', 'file'], recorded?.file, recorded?.text),
    apology: await recording(written, world, ['agents', name, 'apology', 'file'], apology?.file, apology?.text),
  };
}

async function recording(
  written: WrittenConfig,
  { folder }: OpenWorld,
  path: readonly string[],
  file: string | undefined,
  text = '',
): Promise<Recording | undefined> {
  if (file === undefined) return undefined;
  return blamed(written, path, () => readRecording(folder, file, text));
}

/** What goes wrong with something that the file names is told with the line it is named in. */
async function blamed<T>(written: WrittenConfig, path: readonly string[], act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof VoicebridgeError) || error.code === 'config-invalid') throw error;
    return written.fail(path, `${path.join('.')}: ${error.message}`);
  }
}
