import type { CallerScript, Step } from '../../simulator/phone/script.js';
import { cough, speech } from './sounds.js';

const timeoutMs = 4_000;
/** An agent that does not answer is not waited for so long. */
const IMPATIENT_MS = 1_500;
const SAMPLES_PER_MS = 8;

const untilFinished: Step = { type: 'wait', until: 'agent-finishes', timeoutMs };

/** Speaks and interrupts at places that never fall on the edge of a frame. */
function words(seed: number, ms: number): ReturnType<typeof speech> {
  return speech(seed, placeOf(seed), ms * SAMPLES_PER_MS + ((seed * 13) % 71));
}

function placeOf(seed: number): number {
  return ((seed * 47) % 151) + 3;
}

function over(seed: number, ms: number, afterMs: number): Step {
  return { type: 'interrupt', clip: words(seed, ms), when: { afterMs: afterMs + placeOf(seed) }, timeoutMs };
}

/** The callers that reference agents are called by: what they do shows what the agent is. */
export const CALLERS = {
  /** Asks once, then cuts every answer short. */
  'interrupts-again-and-again': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 240) },
    ...Array.from({ length: 10 }, (_, round) => over(seed + round + 1, 240, 120)),
    untilFinished,
  ],
  'interrupts-the-greeting': (seed: number) => [over(seed, 300, 500), untilFinished],
  'interrupts-once': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 300) },
    over(seed + 1, 300, 300),
    untilFinished,
  ],
  /** Its words over the agent are followed by others, which anybody would answer. */
  'interrupts-then-asks': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 300) },
    over(seed + 1, 300, 300),
    { type: 'pause', ms: 2_200 },
    { type: 'say', clip: words(seed + 2, 300) },
    { type: 'wait', until: 'agent-finishes', timeoutMs: IMPATIENT_MS },
  ],
  /** Begins to speak shortly before the answer is over. */
  'interrupts-late': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 300) },
    over(seed + 1, 300, 450),
    untilFinished,
  ],
  'asks-twice': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 520) },
    untilFinished,
    { type: 'say', clip: words(seed + 1, 520) },
    untilFinished,
  ],
  /** Asks once and waits, whatever it hears. */
  'asks-patiently': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 300) },
    { type: 'pause', ms: 3_000 },
  ],
  'asks-in-vain': (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 300) },
    { type: 'wait', until: 'agent-starts', timeoutMs: IMPATIENT_MS },
  ],
  coughs: (seed: number) => [
    untilFinished,
    { type: 'say', clip: words(seed, 300) },
    {
      type: 'aside',
      clip: cough(seed + 1, placeOf(seed), 200 * SAMPLES_PER_MS),
      when: { afterMs: 300 + placeOf(seed) },
      timeoutMs,
    },
    untilFinished,
  ],
} satisfies Record<string, (seed: number) => Step[]>;

export type CallerName = keyof typeof CALLERS;

export function calibrationCaller(name: CallerName, seed: number): CallerScript {
  return { name, path: 'calibration', steps: [...CALLERS[name](seed), { type: 'hangup' }] };
}
