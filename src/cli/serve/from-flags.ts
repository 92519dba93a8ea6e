import type { PlanCall } from '../../call/plan.js';
import type { World } from '../world.js';
import type { ServeFlags } from './flags.js';
import type { Models } from './models.js';

const INSTRUCTIONS = 'You are a helpful voice assistant on the phone.';

/** The one agent that flags describe. */
export async function agentOfFlags(flags: ServeFlags, world: World, models: Models): Promise<PlanCall> {
  const { oneAgent } = await import('../../call/plan.js');
  const { instructions = INSTRUCTIONS, voice, greet } = flags;
  const model = await models.named(flags.model ?? (world.env.VOICEBRIDGE_MODEL || 'sim'), flags.audio);
  return oneAgent(model, {
    instructions,
    ...(voice !== undefined && { voice }),
    greeting: { by: greet ? 'model' : 'none', interruptible: true },
  });
}
