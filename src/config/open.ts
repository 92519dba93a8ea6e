import { resolve } from 'node:path';
import type { CallInfo, CallPlan, PlanCall, Reception, Recording } from '../call/plan.js';
import { loadRecording } from '../call/recording.js';
import type { BlamedTool, BuiltTools } from '../call/tools/build.js';
import type { ToolsConfig } from '../call/tools/config.js';
import type { Clock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import type { Log } from '../log.js';
import type { OpenModel } from '../model/model.js';
import { DEFAULTS } from '../options.js';
import { planOf, type ReadyAgent } from './agent.js';
import type { AgentShape } from './agent-shape.js';
import { type LookupOptions, lookUp } from './lookup.js';
import { type WhereModelIs, whereModelIs } from './models.js';
import { pathText } from './paths.js';
import type { WrittenConfig } from './read.js';
import { ConfiguredReception, type Decision } from './reception.js';
import { Routes } from './routes.js';

/** What a configuration needs of the world to become calls. */
export interface OpenWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the files stand that the configuration names. */
  readonly folder: string;
  readonly clock: Clock;
  readonly openModel: (where: WhereModelIs) => OpenModel;
  /** In place of every model of the file. */
  readonly instead?: OpenModel | undefined;
  /** Makes the tools of one agent. What goes wrong inside `blamed` is told at the place of the tool with that index. */
  readonly buildTools: (tools: ToolsConfig, blamed: BlamedTool) => Promise<BuiltTools>;
  readonly fetch?: typeof fetch;
}

/** A configuration at work. A later one takes over for new calls; calls that go on keep their plan. */
export interface OpenConfig {
  readonly planCall: PlanCall;
  readonly reception: Reception;
  /** To be called when no call has a plan of it any more: tools may have processes of their own. */
  close(): Promise<void>;
}

/** Makes everything ready that needs no call. Throws VoicebridgeError config-invalid, model-key-missing, and what tools throw. */
export async function openConfig(written: WrittenConfig, world: OpenWorld): Promise<OpenConfig> {
  const { config } = written;
  const { clock } = world;
  const ask = lookupOf(written, world);
  const models = modelsOf(written, world);
  const built: BuiltTools[] = [];
  const close = async (): Promise<void> => void (await Promise.all(built.splice(0).map((tools) => tools.close())));
  const agents = new Map<string, ReadyAgent>();
  try {
    for (const [name, shape] of Object.entries(config.agents)) {
      const path = ['agents', name, 'tools'];
      const tools = await blamed(written, path, () =>
        world.buildTools(shape.tools ?? [], (index, make) => blamed(written, [...path, index], make)),
      );
      built.push(tools);
      agents.set(name, await makeReady(name, shape, tools, models, written, world));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const reception = new ConfiguredReception({
    routes: new Routes(config),
    clock,
    lookUp: ask && ((question) => lookUp(ask, question)),
  });
  const plan = (call: CallInfo, decision: Decision, log: Log): CallPlan =>
    planOf(agents.get(decision.agent)!, variablesOf(call, decision), log);
  return {
    reception,
    close,
    planCall(call, log) {
      const decision = reception.decide(call, log);
      return decision instanceof Promise ? decision.then((made) => plan(call, made, log)) : plan(call, decision, log);
    },
  };
}

function lookupOf(written: WrittenConfig, { env, clock, fetch: ask = fetch }: OpenWorld): LookupOptions | undefined {
  const { lookup } = written.config;
  if (!lookup) return undefined;
  const { url, secretEnv, timeout = DEFAULTS.config.lookupTimeoutMs } = lookup;
  const secret = secretEnv === undefined ? undefined : env[secretEnv];
  if (secretEnv !== undefined && !secret) {
    const sentence = `lookup.secretEnv names ${secretEnv}, which is not set in the environment`;
    return written.fail(['lookup', 'secretEnv'], sentence);
  }
  return { url, secret, timeoutMs: timeout, clock, wallClock: Date.now, fetch: ask };
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
  { tools }: BuiltTools,
  models: ReadonlyMap<string, OpenModel>,
  written: WrittenConfig,
  world: OpenWorld,
): Promise<ReadyAgent> {
  const named = shape.model === undefined ? [...models.keys()] : [shape.model].flat();
  const chosen = world.instead ? [world.instead] : named.map((each) => models.get(each)!);
  const { greeting, apology } = shape;
  const recorded = typeof greeting === 'object' ? greeting : undefined;
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
  return blamed(written, path, () => loadRecording(resolve(folder, file), text));
}

/** What goes wrong with something that the file names is told with the line it is named in. */
async function blamed<T>(written: WrittenConfig, path: readonly PropertyKey[], act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof VoicebridgeError) || error.code === 'config-invalid') throw error;
    return written.fail(path, `${pathText(path)}: ${error.message}`, error.hint);
  }
}
