import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { CallRecord } from '../../simulator/phone/events.js';
import { leavingTimes } from '../leaving.js';
import type { MetricName } from '../metrics.js';
import type { Act } from './agent.js';
import type { Behaviour } from './behaviour.js';

/** What a reference agent did in one call, its times on the clock of the record. */
export interface TruthFacts {
  readonly behaviour: Behaviour;
  readonly acts: readonly Act[];
  readonly record: CallRecord;
}

type ActOf<Name extends Act['act']> = Act & { readonly act: Name };

function all<Name extends Act['act']>(facts: TruthFacts, ...names: readonly Name[]): ActOf<Name>[] {
  return facts.acts.filter((act): act is ActOf<Name> => (names as readonly string[]).includes(act.act));
}

/** The model's trace of the call, as the agent made it. */
export function traceOf({ acts }: Pick<TruthFacts, 'acts'>): ModelTraceEvent[] {
  return acts.flatMap((act) => (act.act === 'trace' ? [act.event] : []));
}

/**
 * The true value of a metric, or its true count, computed from what the agent did and from when the phone wrote its
 * frames, never from what the phone heard. `undefined` where this agent leaves nothing to say about it.
 */
export function truthOf(metric: MetricName, facts: TruthFacts): readonly number[] | number | undefined {
  return TRUTHS[metric]?.(facts);
}

const TRUTHS: { readonly [Name in MetricName]?: (facts: TruthFacts) => readonly number[] | number } = {
  'turn.playout_ms': (facts) => answers(facts).map(({ atMs, endMs, quietMs }) => atMs + quietMs - endMs),
  // Silence in the same message arrived with the onset.
  'turn.ingress_ms': (facts) => answers(facts).map(({ atMs, endMs }) => atMs - endMs),
  'turn.answer_ms': (facts) => answers(facts, 'answered-at-last').map(({ atMs, endMs }) => atMs - endMs),
  'turn.spread_ms': (facts) =>
    answers(facts).map(() => (facts.behaviour.opening?.with === 'soft' ? facts.behaviour.opening.ms : 0)),
  'turn.unanswered': unanswered,
  greeting_ms: (facts) => all(facts, 'greeted').map(({ atMs }) => atMs - facts.record.startedAtMs),
  'bargein.stop_ms': stops,
  'bargein.clear_ms': clears,
  'bargein.leak_ms': (facts) => stopsForWords(facts).map(() => sum(all(facts, 'leaked').map(({ ms }) => ms))),
  'bargein.missed': (facts) => stops(facts).filter((ms) => ms > MISSED_AFTER_MS).length,
  'bargein.finished': (facts) =>
    Number(stopsForWords(facts).length === 0 && facts.behaviour.stopDelaysMs !== undefined),
  'bargein.false': (facts) => all(facts, 'stopped').filter(({ cause }) => cause === 'cough').length,
  'bargein.recovered': (facts) => (facts.behaviour.sulks ? 0 : stopsForWords(facts).length),
  'truncation.error_ms': (facts) => all(facts, 'told').map(({ toldMs, playedMs }) => toldMs - playedMs),
  'truncation.abs_error_ms': (facts) => all(facts, 'told').map(({ toldMs, playedMs }) => Math.abs(toldMs - playedMs)),
  'truncation.missing': (facts) => stopsForWords(facts).length - all(facts, 'told').length,
  'truncation.needless': (facts) => (facts.behaviour.tells === 'needlessly' ? all(facts, 'told').length : 0),
  'truncation.refused': (facts) => (facts.behaviour.tells === 'too-much' ? stopsForWords(facts).length : 0),
  'relay.in_ms': inward,
  'relay.out_ms': (facts) => outward(facts),
  'relay.clear_ms': (facts) => stopsForWords(facts).map(() => facts.behaviour.shares.clearMs),
  'relay.ready_ms': (facts) =>
    traceOf(facts).flatMap((event) =>
      event.type === 'configured' ? [event.atMs - all(facts, 'started')[0]!.atMs] : [],
    ),
  gap_ms: (facts) => {
    const holes = all(facts, 'hole').map(({ ms }) => ms);
    return holes.length > 0 ? holes : all(facts, 'greeted', 'answered', 'answered-at-last').map(() => 0);
  },
  buffer_ms: (facts) => all(facts, 'sent').map(({ bufferedMs }) => bufferedMs),
  goodbye_cut_ms: goodbyeCut,
  'frames.lost': (facts) => spoilt(facts, 'lost'),
  'frames.duplicated': (facts) => spoilt(facts, 'duplicated'),
  'frames.reordered': (facts) => spoilt(facts, 'reordered'),
  'frames.altered': (facts) => spoilt(facts, 'altered'),
  'lint.errors': ({ behaviour }) => (behaviour.mistakes ? 1 : 0),
  'lint.warnings': ({ behaviour }) => (behaviour.mistakes ? 1 : 0),
};

const MISSED_AFTER_MS = 2_000;

function answers(facts: TruthFacts, name: 'answered' | 'answered-at-last' = 'answered') {
  const leftAt = leavingTimes(facts.record.events);
  return all(facts, name).flatMap(({ speech, atMs, quietMs }) => {
    const said = facts.record.speech[speech];
    return said ? [{ atMs, quietMs, endMs: leftAt(said.endSentMs ?? said.endMs) }] : [];
  });
}

function unanswered(facts: TruthFacts): number {
  const last = facts.record.speech.length - 1;
  return last >= 0 && !all(facts, 'answered').some(({ speech }) => speech === last) ? 1 : 0;
}

function stopsForWords(facts: TruthFacts): ActOf<'stopped'>[] {
  return all(facts, 'stopped').filter(({ cause }) => cause === 'speech');
}

function clears(facts: TruthFacts): number[] {
  const leftAt = leavingTimes(facts.record.events);
  return stopsForWords(facts).flatMap(({ speech, atMs }) => {
    const said = facts.record.speech[speech];
    return said ? [atMs - leftAt(said.startSentMs ?? said.startMs)] : [];
  });
}

/** With the leak, which is the last of the answer that is heard. */
function stops(facts: TruthFacts): number[] {
  if (!facts.behaviour.stopDelaysMs) return [Number.POSITIVE_INFINITY];
  const leak = all(facts, 'leaked')[0];
  const stopped = stopsForWords(facts)[0];
  return clears(facts).map((ms) => (leak && stopped ? ms + leak.atMs + leak.ms - stopped.atMs : ms));
}

/** Once the model was ready. */
function inward(facts: TruthFacts): number[] {
  const readyMs = traceOf(facts).find(({ type }) => type === 'configured')?.atMs ?? Number.POSITIVE_INFINITY;
  return all(facts, 'passed').flatMap(({ atMs, arrivedMs }) => (arrivedMs >= readyMs ? [atMs - arrivedMs] : []));
}

/** A piece leaves the agent in the order in which the model made it. */
function outward(facts: TruthFacts): number[] {
  const sent = all(facts, 'sent');
  const made = traceOf(facts).filter((event) => event.type === 'delta');
  return sent.flatMap(({ atMs }, index) => (made[index] ? [atMs - made[index].atMs] : []));
}

function goodbyeCut(facts: TruthFacts): number[] {
  const closed = all(facts, 'closed')[0];
  const last = all(facts, 'answered').at(-1);
  return closed && last ? [Math.max(0, facts.behaviour.answerMs - (closed.atMs - last.atMs))] : [];
}

function spoilt(facts: TruthFacts, fault: NonNullable<Behaviour['frames']>): number {
  return facts.behaviour.frames === fault ? sum(all(facts, 'spoilt').map(({ frames }) => frames)) : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
