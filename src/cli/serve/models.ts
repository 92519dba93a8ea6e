import { systemClock } from '../../clock.js';
import type { WhereModelIs } from '../../config/models.js';
import type { ConfigShape } from '../../config/shape.js';
import { VoicebridgeError } from '../../errors.js';
import type { OpenModel } from '../../model/model.js';
import { DEFAULTS } from '../../options.js';
import type { SimulatedModel } from '../../simulator/model/server.js';
import type { World } from '../world.js';
import type { ServeFlags } from './flags.js';

/** Opens models, and runs the simulated one in this process as long as somebody may want it. */
export class Models {
  readonly #world: World;
  #simulated: SimulatedModel | undefined;
  #modelFor: typeof import('../../model/providers.js').modelFor | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Must have been awaited before a model is opened. @param simulated whether the simulated one is wanted */
  async prepare(simulated: boolean): Promise<void> {
    this.#modelFor ??= (await import('../../model/providers.js')).modelFor;
    if (!simulated || this.#simulated) return;
    const { serveModel } = await import('../../simulator/model/server.js');
    this.#simulated = await serveModel({ port: 0 });
    this.#world.stderr.write(`using the embedded simulated model at ${this.#simulated.url}\n`);
  }

  open = (where: WhereModelIs): OpenModel => {
    const target = where === 'sim' ? this.#simulatedTarget() : where;
    return this.#modelFor!(target, { clock: systemClock });
  };

  /** The model of --model or VOICEBRIDGE_MODEL. Throws VoicebridgeError usage, or model-key-missing. */
  async named(name: string, audio: ServeFlags['audio']): Promise<OpenModel> {
    const { whereModelIs } = await import('../../config/models.js');
    await this.prepare(name === 'sim');
    const where = whereModelIs(name, this.#shapeOf(name), this.#world.env);
    return this.open(where === 'sim' || !audio ? where : { ...where, audio });
  }

  async close(): Promise<void> {
    await this.#simulated?.close();
  }

  #simulatedTarget(): Exclude<WhereModelIs, 'sim'> {
    const { url } = this.#simulated!;
    const { connectTimeoutMs, pingEveryMs, maxMessageBytes } = DEFAULTS.model;
    return { provider: 'compatible', url, audio: 'pcmu', connectTimeoutMs, pingEveryMs, maxMessageBytes };
  }

  #shapeOf(name: string): NonNullable<ConfigShape['models']>[string] {
    const { env } = this.#world;
    if (name === 'sim' || name === 'openai' || name === 'xai') return { provider: name };
    if (name === 'azure') {
      const { AZURE_OPENAI_RESOURCE: resource, AZURE_OPENAI_DEPLOYMENT: deployment } = env;
      if (resource && deployment) return { provider: 'azure', resource, deployment };
      const message = '--model azure needs AZURE_OPENAI_RESOURCE and AZURE_OPENAI_DEPLOYMENT in the environment';
      throw new VoicebridgeError('usage', { message, command: 'serve' });
    }
    if (/^wss?:\/\//.test(name) && URL.canParse(name)) {
      return { provider: 'compatible', url: name, ...(env.OPENAI_API_KEY && { keyEnv: 'OPENAI_API_KEY' }) };
    }
    const message = `--model ${name} is neither sim, openai, azure, xai nor a ws(s):// address`;
    throw new VoicebridgeError('usage', { message, command: 'serve' });
  }
}

/** Whether a configuration has calls answered by the simulated model. */
export function wantsSimulated({ models }: ConfigShape): boolean {
  return !models || Object.values(models).some(({ provider }) => provider === 'sim');
}
