import { decodeMulaw } from '../audio/g711.js';
import { rmsDbov } from '../audio/level.js';
import type { CallRecord } from '../simulator/phone/events.js';
import type { CallerScript } from '../simulator/phone/script.js';
import type { BargeIn } from './bargein.js';
import type { Distraction } from './distractions.js';

/** How often one sound of the caller, at one level, stopped the agent. */
export interface Discrimination {
  /** `speech` is meant to stop it, all others are not; `room`: noise or echo all through the call. */
  readonly kind: 'speech' | Distraction['kind'] | 'room';
  /** The words, or the name of the file or sound. */
  readonly clip: string;
  /** Level of the sound, rounded; absent for an echo, which is as loud as the agent makes it. */
  readonly dbov?: number;
  /** How often it was to be heard while the agent spoke. */
  readonly chances: number;
  readonly stopped: number;
}

/** One entry for every sound over the agent: what became of it can be told by then. */
export function discriminationsOf(
  record: CallRecord,
  bargeIns: readonly BargeIn[],
  distractions: readonly Distraction[],
): Discrimination[] {
  const spoken = bargeIns.flatMap(({ step, startMs, outcome }): Discrimination[] => {
    const said = record.speech.find((each) => each.step === step && (each.startSentMs ?? each.startMs) === startMs);
    if (!said || outcome === 'finished' || outcome === 'unknown') return [];
    return [entry('speech', said.text ?? 'speech', levelIn(record, said), outcome === 'stopped')];
  });
  const others = distractions.flatMap(({ step, startMs, kind, outcome }): Discrimination[] => {
    const sound = record.sounds?.find((each) => each.step === step && each.startSentMs === startMs);
    if (!sound || outcome === 'finished') return [];
    return [entry(kind, sound.clip ?? kind, levelIn(record, sound), outcome === 'stopped')];
  });
  return merged([...spoken, ...others]);
}

/** The noise around a caller, and the echo: each answer of the agent is a chance to fall for it. */
export function discriminationsOfRoom(
  { background, echo }: Pick<CallerScript, 'background' | 'echo'>,
  answers: number,
  falseStops: number,
): Discrimination[] {
  if (answers === 0) return [];
  const counts = { kind: 'room', chances: Math.max(answers, falseStops), stopped: falseStops } as const;
  return [
    ...(background ? [{ ...counts, clip: background.kind, dbov: background.dbov }] : []),
    ...(echo ? [{ ...counts, clip: `echo at ${echo.db} dB` }] : []),
  ];
}

/** Adds up what is the same; speech first, then in the order in which it was first heard. */
export function merged(entries: readonly Discrimination[]): Discrimination[] {
  const table = new Map<string, Discrimination>();
  for (const each of entries) {
    const key = JSON.stringify([each.kind, each.clip, each.dbov]);
    const known = table.get(key);
    const { chances, stopped } = each;
    table.set(key, known ? { ...known, chances: known.chances + chances, stopped: known.stopped + stopped } : each);
  }
  return [...table.values()].sort((a, b) => Number(a.kind !== 'speech') - Number(b.kind !== 'speech'));
}

function entry(kind: Discrimination['kind'], clip: string, dbov: number, stopped: boolean): Discrimination {
  return { kind, clip, dbov, chances: 1, stopped: stopped ? 1 : 0 };
}

/** As it was sent, with whatever was around it. */
function levelIn(
  { callerLane, startedAtMs }: CallRecord,
  { startMs, endMs }: { startMs: number; endMs: number },
): number {
  const sample = (atMs: number): number => Math.max(0, Math.round((atMs - startedAtMs) * 8));
  return Math.round(rmsDbov(decodeMulaw(callerLane.subarray(sample(startMs), sample(endMs)))));
}
