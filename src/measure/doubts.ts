import type { Measures } from './metrics.js';
import { samplesNeeded } from './percentile.js';

export interface DoubtFacts {
  readonly measures: Measures;
  readonly runs: number;
  readonly calls: number;
  readonly attempted: number;
  readonly discarded: readonly { readonly reason: string; readonly count: number }[];
  readonly reliable: boolean;
  readonly kind: 'own' | 'foreign';
  readonly withNetwork: boolean;
  readonly notes: readonly string[];
}

/** The numbers whose tail people look at first. */
const TAILS = ['turn.playout_ms', 'bargein.stop_ms'] as const;

/** What a careful reader should know before believing the table, with advice that fits what was typed. */
export function findDoubts(facts: DoubtFacts): string[] {
  return [...aboutTheMachine(facts), ...aboutSamples(facts), ...aboutWhatIsMissing(facts)];
}

function aboutTheMachine({ discarded, attempted, calls, reliable }: DoubtFacts): string[] {
  const count = discarded.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) return [];
  const advice = calls > 1 ? `try fewer than --calls ${calls}` : 'stop what else this machine is doing';
  const verdict = reliable ? '' : ', too many to trust the rest';
  return [`${count} of ${attempted} calls were spoilt by this machine, not by the server${verdict}: ${advice}`];
}

function aboutSamples({ measures, runs }: DoubtFacts): string[] {
  for (const name of TAILS) {
    const n = measures.samples.get(name)?.length ?? 0;
    if (n === 0 || n >= samplesNeeded('p95')) continue;
    const enough = Math.ceil((runs * samplesNeeded('p95')) / n);
    return [
      `${name} has ${n} ${n === 1 ? 'sample' : 'samples'}, its p95 needs ${samplesNeeded('p95')}: try --runs ${enough}`,
    ];
  }
  return [];
}

function aboutWhatIsMissing({ kind, withNetwork, notes }: DoubtFacts): string[] {
  const doubts = [...new Set(notes)];
  if (kind === 'own' && withNetwork) {
    doubts.push('relay.in_ms, relay.out_ms and relay.clear_ms contain the delay of --network');
  }
  if (kind === 'foreign') {
    doubts.push("truncation.*, relay.* and frames.* need the bench's own model behind the server and are absent");
  }
  return doubts;
}
