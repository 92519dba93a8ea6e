import { join } from 'node:path';
import { VoicebridgeError } from '../errors.js';
import { DEFAULTS } from '../options.js';
import { SAMPLES_DIRECTORY } from '../samples.js';
import { type CallerScript, type Clip, type InterruptAt, loadCaller, type Step } from '../simulator/phone/script.js';
import type { ModelManners } from './far-end.js';

/** One kind of call; every run of it makes one or several calls. */
export interface Scenario {
  readonly name: string;
  readonly caller: CallerScript;
  /** How the model behind our own relay misbehaves; such a call cannot be made to a stranger's. */
  readonly model?: ModelManners;
}

/** What is called when nobody says what: a turn, interruptions early, late and twice, asides, a hang-up; 95 seconds. */
export const PACKAGED_SCENARIOS = ['interrupt', 'twice', 'last-moment', 'backchannels', 'hang-up'] as const;

/** @throws VoicebridgeError as `loadCaller` does */
export async function loadScenario(path: string): Promise<Scenario> {
  const caller = await loadCaller(path);
  return { name: caller.name, caller, ...(caller.modelScript && { model: { script: caller.modelScript } }) };
}

export function packagedScenarios(): Promise<Scenario[]> {
  return Promise.all(PACKAGED_SCENARIOS.map((name) => loadScenario(join(SAMPLES_DIRECTORY, name))));
}

/** What the agent says when nobody interrupts it. */
export interface AnswerLengths {
  readonly greetingMs: number;
  readonly answerMs: number;
}

const { waitTimeoutMs: timeoutMs } = DEFAULTS.phone;
const untilFinished: Step = { type: 'wait', until: 'agent-finishes', timeoutMs };
const untilStarted: Step = { type: 'wait', until: 'agent-starts', timeoutMs };
const hangup: Step = { type: 'hangup' };

interface SweepClips {
  readonly question: Clip;
  readonly interruption: Clip;
}

async function sweepClips(): Promise<SweepClips> {
  const { caller } = await loadScenario(join(SAMPLES_DIRECTORY, 'interrupt'));
  const say = caller.steps.find((step) => step.type === 'say');
  const interrupt = caller.steps.find((step) => step.type === 'interrupt');
  if (!say || !interrupt) throw new VoicebridgeError('internal', { message: 'the sample interrupt has lost a step' });
  return { question: say.clip, interruption: interrupt.clip };
}

/** The call that the sweep begins with: greeting and first answer are heard out, which tells how long they are. */
export async function sweepLearner(): Promise<Scenario> {
  const { question } = await sweepClips();
  const steps: Step[] = [untilFinished, { type: 'say', clip: question }, untilFinished, hangup];
  return { name: 'sweep uninterrupted', caller: { name: 'sweep', path: 'sweep', steps } };
}

/** Shares of the answer after which the caller speaks over it. */
const SHARES = [0.1, 0.3, 0.5, 0.7, 0.9];
/** Left of an answer that has arrived whole when it is interrupted. */
const ALL_SENT_LEFT = 0.4;
const LAST_MS = 100;

/** The model falls silent after so much of its answer … */
const STALL_AFTER_MS = 1_500;
/** … for so long, which is longer than what was sent lasts. */
const STALL_MS = 1_500;
/** By then the answer goes on: the caller has heard a hole in it. */
const AFTER_STALL_MS = 2_600;
/** Audio still comes for so long after the model was told to stop. */
const LATE_DELTAS_MS = 300;
const CONNECT_DELAY_MS = 300;
/** The greeting is the first response, the answer the second. */
const ANSWER = 2;

/** One call per place at which an answer can be interrupted, and per misfortune of the model that makes it harder. */
export async function sweepScenarios(lengths: AnswerLengths): Promise<Scenario[]> {
  const { question, interruption } = await sweepClips();
  const over = (when: InterruptAt): Step => ({ type: 'interrupt', clip: interruption, when, timeoutMs });
  const ask: Step = { type: 'say', clip: question };
  const call = (place: string, steps: readonly Step[], model?: ModelManners): Scenario => ({
    name: `sweep ${place}`,
    caller: { name: `sweep ${place}`, path: 'sweep', steps: [...steps, untilFinished, hangup] },
    ...(model && { model }),
  });
  const answer = (place: string, when: InterruptAt, model?: ModelManners): Scenario =>
    call(place, [untilFinished, ask, untilStarted, over(when)], model);
  const stall = { response: ANSWER, afterAudioMs: STALL_AFTER_MS, forMs: STALL_MS };
  return [
    ...SHARES.map((share) => answer(`${share * 100} %`, { afterMs: share * lengths.answerMs })),
    answer(`last ${LAST_MS} ms`, { leftMs: LAST_MS }),
    answer('all bytes sent', { leftMs: ALL_SENT_LEFT * lengths.answerMs }),
    call('greeting', [untilStarted, over({ afterMs: lengths.greetingMs / 2 })]),
    answer('model stalls', { afterMs: AFTER_STALL_MS }, { faults: { stall } }),
    answer('late audio', { afterMs: SHARES[0]! * lengths.answerMs }, { faults: { lateDeltasMs: LATE_DELTAS_MS } }),
    call('model connects late', [ask], { connectDelayMs: CONNECT_DELAY_MS }),
  ];
}
