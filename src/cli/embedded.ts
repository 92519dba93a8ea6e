import { type Clock, systemClock } from '../clock.js';
import type { Log } from '../log.js';
import { DEFAULTS } from '../options.js';
import type { SimulatedModelOptions } from '../simulator/model/server.js';

export interface EmbeddedOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  /** For the simulated model: its trace, think time, faults and so on. */
  readonly model?: Omit<SimulatedModelOptions, 'clock' | 'host' | 'port'>;
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
      planCall: oneAgent(openModel),
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
