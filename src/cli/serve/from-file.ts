import { dirname } from 'node:path';
import type { PlanCall, Reception } from '../../call/plan.js';
import { buildTools } from '../../call/tools/build.js';
import { McpServers } from '../../call/tools/mcp.js';
import type { CarrierRest } from '../../carrier/carrier.js';
import { systemClock } from '../../clock.js';
import { type OpenConfig, openConfig } from '../../config/open.js';
import { readConfigFile, type WrittenConfig } from '../../config/read.js';
import type { Log } from '../../log.js';
import { DEFAULTS } from '../../options.js';
import type { World } from '../world.js';
import type { ConfigFile, ServeFlags } from './flags.js';
import { type Models, wantsSimulated } from './models.js';

/** A call may end a little later than the relay ends it. */
const AFTER_THE_LAST_CALL_MS = 60_000;

/** The agents of a voicebridge.yaml, which can be read again while calls go on. */
export interface FileAgents {
  readonly server: NonNullable<WrittenConfig['config']['server']>;
  readonly planCall: PlanCall;
  readonly reception: Reception;
  /** Never rejects: a file that is broken is told, and what was read before stays. */
  reload(): Promise<void>;
  /** When no call is left. */
  close(): Promise<void>;
}

/** What all readings of the file have in common. */
export interface Around {
  readonly file: ConfigFile;
  readonly flags: ServeFlags;
  readonly world: World;
  readonly models: Models;
  readonly log: Log;
  readonly rest: CarrierRest | undefined;
}

interface InForce {
  readonly written: WrittenConfig;
  readonly open: OpenConfig;
}

/** Throws VoicebridgeError: file-missing, file-unreadable, config-invalid, model-key-missing. */
export async function agentsOfFile(around: Around): Promise<FileAgents> {
  const { file, world } = around;
  const servers = new McpServers({ baseDir: dirname(file.path), env: world.env, log: around.log });
  let inForce = await load(around, servers);
  const { server = {} } = inForce.written.config;
  const retired = new Retired((server.maxCall ?? DEFAULTS.serve.maxCallMs) + AFTER_THE_LAST_CALL_MS);
  world.stderr.write(`using ${file.shown}: ${agentsOf(inForce)}\n`);
  let reloading = Promise.resolve();
  const reload = async (): Promise<void> => {
    const before = inForce;
    try {
      inForce = await load(around, servers);
    } catch (error) {
      world.stderr.write(`not reloaded, the configuration before it stays: ${(error as Error).message}\n`);
      return;
    }
    retired.add(before.open);
    world.stderr.write(`reloaded ${file.shown} for new calls: ${agentsOf(inForce)}\n`);
    if (JSON.stringify(inForce.written.config.server ?? {}) !== JSON.stringify(server)) {
      world.stderr.write('warning: what it says under server counts from the next start\n');
    }
  };
  return {
    server,
    planCall: (call, log) => inForce.open.planCall(call, log),
    reception: {
      answers: (path) => inForce.open.reception.answers(path),
      receive: (call, log) => inForce.open.reception.receive(call, log),
    },
    // One after the other, however often it is asked for.
    reload: () => {
      reloading = reloading.then(reload);
      return reloading;
    },
    async close() {
      await reloading;
      await Promise.all([inForce.open.close(), retired.closeAll()]);
    },
  };
}

async function load({ file, flags, world, models, log, rest }: Around, servers: McpServers): Promise<InForce> {
  const written = await readConfigFile(file.path, file.shown);
  const instead = flags.model ?? (world.env.VOICEBRIDGE_MODEL || undefined);
  const model = instead === undefined ? undefined : await models.named(instead, flags.audio);
  await models.prepare(instead === undefined && wantsSimulated(written.config));
  const baseDir = dirname(file.path);
  const { env } = world;
  const open = await openConfig(written, {
    env,
    folder: baseDir,
    clock: systemClock,
    openModel: models.open,
    instead: model,
    buildTools: (tools, blamed) => buildTools(tools, { baseDir, env, log, rest, servers, blamed }),
  });
  for (const { line, sentence } of written.warnings)
    world.stderr.write(`warning: ${file.shown}, line ${line}: ${sentence}\n`);
  return { written, open };
}

/** Configurations that were read before. Calls may still have their plans, but none for longer than the longest call. */
class Retired {
  readonly #keepMs: number;
  readonly #kept = new Map<OpenConfig, () => void>();

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add(config: OpenConfig): void {
    const cancel = systemClock.at(systemClock.now() + this.#keepMs, () => {
      this.#kept.delete(config);
      void config.close();
    });
    this.#kept.set(config, cancel);
  }

  async closeAll(): Promise<void> {
    const kept = [...this.#kept];
    this.#kept.clear();
    for (const [, cancel] of kept) cancel();
    await Promise.all(kept.map(([config]) => config.close()));
  }
}

function agentsOf({ written }: InForce): string {
  const names = Object.keys(written.config.agents);
  return `${names.length === 1 ? 'agent' : `${names.length} agents,`} ${names.join(', ')}`;
}
