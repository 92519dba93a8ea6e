import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { World } from '../world.js';

/** Where the phone calls, and who is there. */
export interface Endpoint {
  readonly url: string;
  /** `given` with --url · `running` on the default port · `embedded` in this process. */
  readonly kind: 'given' | 'running' | 'embedded';
  /** One line that says which, absent for `given`. */
  readonly notice?: string;
  /** What the embedded model did; grows during the call. */
  readonly modelTrace?: readonly ModelTraceEvent[];
  close(): Promise<void>;
}

/** A relay on this machine answers within a few milliseconds; whatever takes longer is not worth waiting for. */
const PROBE_TIMEOUT_MS = 300;

/**
 * The endpoint that was asked for, else the relay on the default port, else an embedded one, whose model then says what
 * `script` has for it.
 */
export async function findEndpoint(
  url: string | undefined,
  seed: number,
  clock: Clock,
  world: World,
  script?: string,
): Promise<Endpoint> {
  if (url !== undefined) return { url, kind: 'given', close: async () => {} };
  const { host, port } = DEFAULTS.serve;
  if (await isVoicebridge(`http://${host}:${port}/healthz`)) {
    const notice = `calling the relay that runs on port ${port}`;
    return { url: `ws://${host}:${port}/media-stream`, kind: 'running', notice, close: async () => {} };
  }
  return startHere(seed, clock, world, script);
}

async function startHere(seed: number, clock: Clock, world: World, script: string | undefined): Promise<Endpoint> {
  const { startEmbedded } = await import('../embedded.js');
  const modelTrace: ModelTraceEvent[] = [];
  const debug = world.env.VOICEBRIDGE_DEBUG === '1';
  const log = debug ? (await import('../../log.js')).lineLog((line) => world.stderr.write(line)) : undefined;
  const onTrace = (event: ModelTraceEvent): void => void modelTrace.push(event);
  const model = { seed, onTrace, ...(script !== undefined && { script }) };
  const embedded = await startEmbedded({ clock, model, withTools: script !== undefined, ...(log && { log }) });
  return {
    url: embedded.streamUrl,
    kind: 'embedded',
    notice: `no relay on port ${DEFAULTS.serve.port}: using the embedded one with its simulated model`,
    modelTrace,
    close: () => embedded.close(),
  };
}

/** Whatever else listens on that port is left alone. */
export async function isVoicebridge(healthUrl: string): Promise<boolean> {
  try {
    const response = await fetch(healthUrl, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS), redirect: 'error' });
    const health = (await response.json()) as { name?: unknown } | null;
    return response.ok && health?.name === 'voicebridge';
  } catch {
    return false;
  }
}
