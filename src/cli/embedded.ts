import type { Tool } from '../call/tools/tool.js';
import { type Clock, systemClock } from '../clock.js';
import type { Log } from '../log.js';
import { DEFAULTS } from '../options.js';
import type { SimulatedModelOptions } from '../simulator/model/server.js';

export interface EmbeddedOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  /** For the simulated model: its trace, think time, faults and so on. */
  readonly model?: Omit<SimulatedModelOptions, 'clock' | 'host' | 'port'>;
  /** The agent has the tools of the sample, for a model whose script calls them. */
  readonly withTools?: boolean;
}

export interface Embedded {
  /** `ws://127.0.0.1:port/media-stream` of the relay. */
  readonly streamUrl: string;
  close(): Promise<void>;
}

/**
 * The whole far end in this process: the simulated model and the relay, each on a free loopback port and joined by a real
 * socket, exactly as `voicebridge model` and `voicebridge serve` join them.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const [{ serveModel }, { openaiModel }, { oneAgent }, { startRelay }] = await Promise.all([
    import('../simulator/model/server.js'),
    import('../model/openai.js'),
    import('../call/plan.js'),
    import('../relay/server.js'),
  ]);
  const { clock = systemClock, log } = options;
  const model = await serveModel({ ...options.model, clock, host: '127.0.0.1', port: 0 });
  const { connectTimeoutMs, pingEveryMs, maxMessageBytes } = DEFAULTS.model;
  const openModel = openaiModel({
    url: model.url,
    audio: 'pcmu',
    clock,
    connectTimeoutMs,
    pingEveryMs,
    maxMessageBytes,
  });
  try {
    const relay = await startRelay({
      planCall: oneAgent(openModel, options.withTools ? { tools: await sampleTools() } : {}),
      host: '127.0.0.1',
      port: 0,
      clock,
      ...(log && { log }),
    });
    return {
      streamUrl: relay.streamUrl,
      async close() {
        await relay.close();
        await model.close();
      },
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

/** Those of the workshop that the simulated model speaks for. */
async function sampleTools(): Promise<readonly Tool[]> {
  const [{ buildTools }, { SAMPLES_DIRECTORY }, { silentLog }] = await Promise.all([
    import('../call/tools/build.js'),
    import('../samples.js'),
    import('../log.js'),
  ]);
  const config = [{ type: 'module', path: 'tools/appointments.js' }, { type: 'hang_up' }] as const;
  const { tools } = await buildTools(config, { baseDir: SAMPLES_DIRECTORY, env: {}, log: silentLog });
  return tools;
}
