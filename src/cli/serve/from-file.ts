import { dirname } from 'node:path';
import type { PlanCall, Reception } from '../../call/plan.js';
import { systemClock } from '../../clock.js';
import type { OpenConfig } from '../../config/open.js';
import type { WrittenConfig } from '../../config/read.js';
import { VoicebridgeError } from '../../errors.js';
import type { World } from '../world.js';
import type { ConfigFile, ServeFlags } from './flags.js';
import { type Models, wantsSimulated } from './models.js';

/** The agents of a voicebridge.yaml, which can be read again while calls go on. */
export interface FileAgents {
  readonly server: NonNullable<WrittenConfig['config']['server']>;
  readonly planCall: PlanCall;
  readonly reception: Reception;
  /** Never rejects: a file that is broken is told, and what was read before stays. */
  reload(): Promise<void>;
}

interface InForce {
  readonly written: WrittenConfig;
  readonly open: OpenConfig;
}

/** Throws VoicebridgeError: file-missing, file-unreadable, config-invalid, model-key-missing. */
export async function agentsOfFile(
  file: ConfigFile,
  flags: ServeFlags,
  world: World,
  models: Models,
): Promise<FileAgents> {
  let inForce = await load(file, flags, world, models);
  const { server = {} } = inForce.written.config;
  world.stderr.write(`using ${file.shown}: ${agentsOf(inForce)}\n`);
  return {
    server,
    planCall: (call, log) => inForce.open.planCall(call, log),
    reception: {
      answers: (path) => inForce.open.reception.answers(path),
      receive: (call, log) => inForce.open.reception.receive(call, log),
    },
    async reload() {
      try {
        inForce = await load(file, flags, world, models);
      } catch (error) {
        world.stderr.write(`not reloaded, the configuration before it stays: ${(error as Error).message}\n`);
        return;
      }
      world.stderr.write(`reloaded ${file.shown} for new calls: ${agentsOf(inForce)}\n`);
      if (JSON.stringify(inForce.written.config.server ?? {}) !== JSON.stringify(server)) {
        world.stderr.write('warning: what it says under server counts from the next start\n');
      }
    },
  };
}

async function load(file: ConfigFile, flags: ServeFlags, world: World, models: Models): Promise<InForce> {
  const [{ readConfigFile }, { openConfig }] = await Promise.all([
    import('../../config/read.js'),
    import('../../config/open.js'),
  ]);
  const written = await readConfigFile(file.path, file.shown);
  const instead = flags.model ?? (world.env.VOICEBRIDGE_MODEL || undefined);
  const model = instead === undefined ? undefined : await models.named(instead, flags.audio);
  await models.prepare(instead === undefined && wantsSimulated(written.config));
  const open = await openConfig(written, {
    env: world.env,
    folder: dirname(file.path),
    clock: systemClock,
    openModel: models.open,
    instead: model,
    buildTools: noTools,
  });
  for (const { line, sentence } of written.warnings)
    world.stderr.write(`warning: ${file.shown}, line ${line}: ${sentence}\n`);
  return { written, open };
}

function agentsOf({ written }: InForce): string {
  const names = Object.keys(written.config.agents);
  return `${names.length === 1 ? 'agent' : `${names.length} agents,`} ${names.join(', ')}`;
}

async function noTools(tools: readonly unknown[]): Promise<[]> {
  if (tools.length === 0) return [];
  throw new VoicebridgeError('later-version', { what: 'an agent with tools', hint: 'leave its tools out' });
}
