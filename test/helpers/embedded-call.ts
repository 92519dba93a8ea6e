import { type BargeInPolicy, DEFAULT_BARGE_IN, oneAgent } from '../../src/call/plan.js';
import { systemClock } from '../../src/clock.js';
import { analyseCall, type CallMeasures } from '../../src/measure/analyse.js';
import { openaiModel } from '../../src/model/openai.js';
import { DEFAULTS } from '../../src/options.js';
import { startRelay } from '../../src/relay/server.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import { type SimulatedModelOptions, serveModel } from '../../src/simulator/model/server.js';
import { type DialOptions, dial } from '../../src/simulator/phone/call.js';
import type { CallRecord } from '../../src/simulator/phone/events.js';
import { type CallerScript, loadCaller, type Step } from '../../src/simulator/phone/script.js';

export interface EmbeddedCall {
  readonly record: CallRecord;
  readonly trace: readonly ModelTraceEvent[];
  readonly measured: CallMeasures;
}

/** One whole call in real time over real sockets: simulated phone, relay, simulated model. */
export async function embeddedCall(
  caller: CallerScript,
  options: {
    readonly model?: SimulatedModelOptions;
    readonly phone?: Partial<DialOptions>;
    readonly audio?: 'pcmu' | 'pcma' | 'pcm';
    readonly bargeIn?: Partial<BargeInPolicy>;
  } = {},
): Promise<EmbeddedCall> {
  const trace: ModelTraceEvent[] = [];
  const model = await serveModel({ port: 0, onTrace: (event) => void trace.push(event), ...options.model });
  const relay = await startRelay({
    port: 0,
    planCall: oneAgent(
      openaiModel({ url: model.url, audio: options.audio ?? 'pcmu', clock: systemClock, ...DEFAULTS.model }),
      { bargeIn: { ...DEFAULT_BARGE_IN, ...options.bargeIn } },
    ),
  });
  try {
    const record = await dial({ url: relay.streamUrl, caller, ...options.phone }).done;
    // The model's socket hears of the end after the phone's.
    while (model.sessions.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return { record, trace, measured: analyseCall(record, trace) };
  } finally {
    await relay.close();
    await model.close();
  }
}

/** The sample call `interrupt` with the interruption so long after the answer became audible; hangs up half a second after it. */
export async function interruptingAfter(ms: number): Promise<CallerScript> {
  const script = await loadCaller(new URL('../../samples/interrupt', import.meta.url).pathname);
  const steps = script.steps.map(
    (step): Step => (step.type === 'interrupt' ? { ...step, when: { afterMs: ms } } : step),
  );
  const upToInterruption = steps.slice(0, steps.findIndex((step) => step.type === 'interrupt') + 1);
  return { ...script, steps: [...upToInterruption, { type: 'pause', ms: 500 }, { type: 'hangup' }] };
}
