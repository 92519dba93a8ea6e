import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import { DEFAULTS } from '../options.js';
import { dial } from '../simulator/phone/call.js';
import type { CallRecord } from '../simulator/phone/events.js';
import type { CallerScript, Clip, Step } from '../simulator/phone/script.js';
import { analyseCall } from './analyse.js';
import { judgeHost, LoopWatch } from './host.js';
import { nearestRank } from './percentile.js';
import { type ReferenceAct, SPEECH_BEGINS, SPEECH_ENDS, sharedNow } from './reference-agent.js';
import { type ListeningProcess, startListening } from './relay-process.js';

/** How far a metric is off: measured minus what the reference agent really did. */
export interface Accuracy {
  readonly n: number;
  readonly biasMs: number;
  readonly p95ErrorMs: number;
  readonly worstErrorMs: number;
}

export interface Calibration {
  readonly schema: 'voicebridge-calibration/1';
  readonly turn: Accuracy;
  readonly stop: Accuracy;
  /** Within ±1 ms bias and 5 ms p95 error, both. */
  readonly ok: boolean;
  /** Calls that this machine spoilt. */
  readonly discarded: number;
}

export interface CalibrateOptions {
  readonly runs: number;
  readonly seed: number;
  readonly onProgress?: (text: string) => void;
}

const MOST_BIAS_MS = 1;
const MOST_P95_ERROR_MS = 5;
/** Calls at the same time; each has this many questions, all but the last answer interrupted. */
const CALLS = 3;
const ROUNDS = 5;
/** Needed for a p95 that means something. */
const LEAST_SAMPLES = 20;

/** @throws VoicebridgeError `bench-spoilt` when the machine left too few calls to judge by */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const agent = await startReferenceAgent();
  const watch = new LoopWatch();
  const sharedMinusLocalMs = sharedNow() - systemClock.now();
  const turnErrors: number[] = [];
  const stopErrors: number[] = [];
  let discarded = 0;
  try {
    for (let run = 1; run <= options.runs; run++) {
      options.onProgress?.(`calibration ${run}/${options.runs}`);
      watch.read();
      const seeds = Array.from({ length: CALLS }, (_, index) => options.seed + run * CALLS + index);
      const records = await Promise.all(
        seeds.map(
          (seed) => dial({ url: agent.streamUrl, caller: calibrationCaller(seed), clock: systemClock, seed }).done,
        ),
      );
      const lag = watch.read();
      for (const record of records) {
        if (!judgeHost(record.pacing, lag).reliable) {
          discarded++;
          continue;
        }
        const errors = compare(record, actsOf(agent, record.streamSid), sharedMinusLocalMs);
        turnErrors.push(...errors.turns);
        stopErrors.push(...errors.stops);
      }
    }
  } finally {
    watch.close();
    await agent.close();
  }
  if (turnErrors.length < LEAST_SAMPLES || stopErrors.length < LEAST_SAMPLES) {
    throw new VoicebridgeError('bench-spoilt', { discarded, calls: options.runs * CALLS });
  }
  const turn = accuracyOf(turnErrors);
  const stop = accuracyOf(stopErrors);
  const within = ({ biasMs, p95ErrorMs }: Accuracy): boolean =>
    Math.abs(biasMs) <= MOST_BIAS_MS && p95ErrorMs <= MOST_P95_ERROR_MS;
  return { schema: 'voicebridge-calibration/1', turn, stop, ok: within(turn) && within(stop), discarded };
}

export function startReferenceAgent(flags: readonly string[] = []): Promise<ListeningProcess> {
  return startListening([fileURLToPath(new URL('./reference-agent-main.js', import.meta.url)), ...flags]);
}

function actsOf(agent: ListeningProcess, streamSid: string): ReferenceAct[] {
  return (agent.lines as readonly ReferenceAct[]).filter((act) => act.streamSid === streamSid);
}

/**
 * Measured minus true, one by one in their order. True is the time from the writing of the caller's frame to the act of
 * the agent, which waits for a programmed time of its own: both on the clock that all processes of the machine share,
 * so that the journey of the frame, which really took place, is no error. What remains is the phone's lateness and the
 * way back.
 *
 * @param sharedMinusLocalMs what to add to a time of `record` to get the shared clock
 */
export function compare(
  record: CallRecord,
  acts: readonly ReferenceAct[],
  sharedMinusLocalMs: number,
): { turns: number[]; stops: number[] } {
  const { turns, bargeIns } = analyseCall(record);
  const errors = (
    event: ReferenceAct['event'],
    measured: readonly { fromMs: number; lastedMs?: number }[],
  ): number[] => {
    const wanted = acts.filter((act) => act.event === event);
    return measured.flatMap(({ fromMs, lastedMs }, index) => {
      const act = wanted[index];
      const writtenMs = writtenAt(record, fromMs);
      if (lastedMs === undefined || !act || writtenMs === undefined) return [];
      return [lastedMs - (act.atSharedMs - sharedMinusLocalMs - writtenMs)];
    });
  };
  return {
    turns: errors(
      'answered',
      turns.map(({ endMs, playoutMs }) => ({ fromMs: endMs, ...(playoutMs !== undefined && { lastedMs: playoutMs }) })),
    ),
    stops: errors(
      'stopped',
      bargeIns.map(({ startMs, stopMs }) => ({ fromMs: startMs, ...(stopMs !== undefined && { lastedMs: stopMs }) })),
    ),
  };
}

/** When the frame that was due at `dueMs` was really written. */
function writtenAt(record: CallRecord, dueMs: number): number | undefined {
  const frame = record.events.find((event) => event.type === 'frame' && Math.abs(event.dueMs - dueMs) < 1);
  return frame?.atMs;
}

function accuracyOf(errors: readonly number[]): Accuracy {
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  return {
    n: errors.length,
    biasMs: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    p95ErrorMs: nearestRank(sizes, 0.95),
    worstErrorMs: sizes.at(-1)!,
  };
}

const { waitTimeoutMs: timeoutMs } = DEFAULTS.phone;

/** Speaks and interrupts at places that never fall on the edge of a frame. */
export function calibrationCaller(seed: number): CallerScript {
  const steps: Step[] = [{ type: 'wait', until: 'agent-finishes', timeoutMs }];
  for (let round = 0; round < ROUNDS; round++) {
    const shift = ((seed * 31 + round * 47) % 151) + 3;
    steps.push(
      { type: 'say', clip: clip(shift, 500 * 8 + round * 13) },
      { type: 'wait', until: 'agent-starts', timeoutMs },
      { type: 'interrupt', clip: clip(shift + 2, 450 * 8 + round * 29), when: { afterMs: 400 + shift }, timeoutMs },
      { type: 'wait', until: 'agent-finishes', timeoutMs },
    );
  }
  return { name: 'calibration', path: 'calibration', steps: [...steps, { type: 'hangup' }] };
}

/** Silence, then speech whose first and last sample carry the two marks, then silence. */
function clip(startSample: number, samples: number): Clip {
  const endSample = startSample + samples;
  const audio = new Uint8Array(endSample + 400).fill(0xff);
  for (let i = startSample; i < endSample; i++) audio[i] = (i & 4 ? 0x95 : 0x15) + (i % 5);
  audio[startSample] = SPEECH_BEGINS;
  audio[endSample - 1] = SPEECH_ENDS;
  return { name: 'calibration', audio, speech: [{ startSample, endSample }] };
}

export function formatCalibration({ turn, stop, ok, discarded }: Calibration): string {
  const line = (name: string, { n, biasMs, p95ErrorMs, worstErrorMs }: Accuracy): string =>
    `${name}  bias ${biasMs.toFixed(2)} ms, p95 error ${p95ErrorMs.toFixed(2)} ms, worst ${worstErrorMs.toFixed(2)} ms (n ${n})`;
  return [
    'against an agent whose delays are known:',
    line('turn.playout_ms', turn),
    line('bargein.stop_ms', stop),
    `${ok ? '✓' : '✗'} bias within ±${MOST_BIAS_MS} ms, p95 error ≤ ${MOST_P95_ERROR_MS} ms${discarded > 0 ? ` (${discarded} calls spoilt by this machine)` : ''}`,
    '',
  ].join('\n');
}
