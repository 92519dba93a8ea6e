import { VoicebridgeError } from '../../errors.js';
import type { SandwichOptions } from '../../measure/sandwich/surroundings.js';
import type { World } from '../world.js';
import type { BenchFlags } from './flags.js';

/** Whether somebody's relay is to be put between our phone and our model. */
export function isSandwich({ start, modelPort }: BenchFlags): boolean {
  return start !== undefined || modelPort !== undefined;
}

/** @throws VoicebridgeError `usage`, `options-contradict` */
export function checkSandwich(flags: BenchFlags): void {
  const { url, start, env } = flags;
  const first = start !== undefined ? '--start' : '--model-port';
  if (!isSandwich(flags)) {
    if (env.length > 0) usage('--env sets the environment of a relay that --start starts');
    return;
  }
  if (url === undefined)
    usage(`${first} needs --url, where the relay then has its stream: --url ws://127.0.0.1:8080/…`);
  if (start === undefined && env.length > 0) usage('--env sets the environment of a relay that --start starts');
  if (start === undefined && url!.includes('{port}')) usage('{port} in --url is for a relay that --start starts');
}

/** The part of the options that puts the relay under test between the two simulated ends; empty without one. */
export async function sandwichOf(flags: BenchFlags, world: World): Promise<{ readonly sandwich?: SandwichOptions }> {
  if (!isSandwich(flags)) return {};
  const [{ parseVariable }, { resolve }] = await Promise.all([
    import('../../measure/sandwich/environment.js'),
    import('node:path'),
  ]);
  const env = flags.env.map((text) => parseVariable(text) ?? usage(`--env ${text} is not NAME=value`));
  return {
    sandwich: {
      url: flags.url!,
      env,
      cwd: world.cwd,
      ...(flags.start !== undefined && { start: flags.start }),
      ...(flags.modelPort !== undefined && { modelPort: flags.modelPort }),
      ...(flags.out !== undefined && { logDir: resolve(world.cwd, flags.out) }),
    },
  };
}

function usage(message: string): never {
  throw new VoicebridgeError('usage', { message, command: 'bench' });
}
