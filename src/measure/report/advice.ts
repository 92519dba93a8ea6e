import type { CountName, DistributionName, MetricName } from '../metrics.js';
import { type Summary, samplesNeeded } from '../percentile.js';
import type { Report } from '../report-json.js';

/** What a rule may look at: the report, and how it came about. */
export type AdviceFacts = Omit<Report, 'advice' | 'verdict'>;

export interface AdviceRule {
  readonly name: string;
  /** A warning and what to do, or nothing to say. */
  readonly advise: (look: Look) => string | undefined;
}

/** A report with its numbers at hand; what was not measured is undefined. */
interface Look {
  readonly report: AdviceFacts;
  readonly own: boolean;
  count(name: CountName): { readonly count: number; readonly of: number } | undefined;
  /** How often something happened that should not; 0 when it was not measured either. */
  times(name: CountName): number;
  spread(name: DistributionName): Summary | undefined;
}

/** The numbers whose tail people look at first. */
const TAILS = ['turn.playout_ms', 'bargein.stop_ms'] as const;

/** A frame and a half: what is heard of an answer after a clear that acts at once. */
const LEAK_MS = 30;
const LATE_CLEAR_MS = 50;
const WRONG_TRUNCATION_MS = 100;
const SLOW_RELAY_MS = 20;
const AUDIBLE_GAP_MS = 60;
const SLOW_TURN_MS = 1_200;
const SLOW_GREETING_MS = 2_000;
const SOFT_ONSET_MS = 40;

/** In the order in which they are told: first whether the numbers count at all, then what they say of the server. */
export const ADVICE: readonly AdviceRule[] = [
  {
    name: 'calls spoilt by this machine',
    advise({ report }) {
      const spoilt = report.discarded.reduce((sum, { count }) => sum + count, 0);
      if (spoilt === 0) return undefined;
      const advice =
        report.concurrency > 1
          ? `try fewer than --calls ${report.concurrency}`
          : 'stop what else this machine is doing';
      const verdict = report.reliable ? '' : ', too many to trust the rest';
      return `${spoilt} of ${report.attempted} calls were spoilt by this machine, not by the server${verdict}: ${advice}`;
    },
  },
  {
    name: 'too few samples',
    advise({ report, spread }) {
      const name = TAILS.find((tail) => {
        const n = spread(tail)?.n ?? 0;
        return n > 0 && n < samplesNeeded('p95');
      });
      if (name === undefined) return undefined;
      const { n } = spread(name)!;
      const enough = Math.ceil((report.runs * samplesNeeded('p95')) / n);
      return `${name} has ${n} ${n === 1 ? 'sample' : 'samples'}, its p95 needs ${samplesNeeded('p95')}: try --runs ${enough}`;
    },
  },
  {
    name: 'soft onsets',
    advise({ spread }) {
      const worst = spread('turn.spread_ms')?.max;
      if (worst === undefined || worst <= SOFT_ONSET_MS) return undefined;
      return `answers begin softly: where they begin is uncertain by up to ${ms(worst)} (turn.spread_ms), so do not argue about less`;
    },
  },
  {
    name: 'delay of the network',
    advise({ report, own }) {
      const { toServerMs, toPhoneMs, jitterMs } = report.network;
      if (!own || toServerMs + toPhoneMs + jitterMs === 0) return undefined;
      return 'relay.in_ms, relay.out_ms and relay.clear_ms contain the delay of --network';
    },
  },
  {
    name: 'no model behind a server',
    advise: ({ report, own }) =>
      own || report.metrics['relay.in_ms'] !== undefined
        ? undefined
        : "truncation.*, relay.* and frames.* need the bench's own model behind the server and are absent",
  },
  {
    name: 'missed interruptions, never a clear',
    advise({ count, times, spread }) {
      if (times('bargein.missed') === 0 || spread('bargein.clear_ms') !== undefined) return undefined;
      return `the agent talked on through ${share(count('bargein.missed')!)} interruptions and no clear ever came: send {"event":"clear","streamSid":…} when the caller begins to speak`;
    },
  },
  {
    name: 'missed interruptions in spite of a clear',
    advise({ count, times, spread }) {
      if (times('bargein.missed') === 0 || spread('bargein.clear_ms') === undefined) return undefined;
      return `the agent talked on through ${share(count('bargein.missed')!)} interruptions although clears came: look whether every path to an answer (greeting, tool result, filler) sends one, and whether the old answer is dropped after it`;
    },
  },
  {
    name: 'audio after the clear',
    advise({ spread }) {
      const worst = spread('bargein.leak_ms')?.max;
      if (worst === undefined || worst <= LEAK_MS) return undefined;
      return `up to ${ms(worst)} of the interrupted answer were played after the clear: drop deltas of the cancelled response that still arrive`;
    },
  },
  {
    name: 'late clears',
    advise({ spread }) {
      const typical = spread('relay.clear_ms')?.p50;
      if (typical === undefined || typical <= LATE_CLEAR_MS) return undefined;
      return `a clear leaves ${ms(typical)} (p50) after the model said speech_started: send it before anything is awaited, and not behind audio in a queue`;
    },
  },
  {
    name: 'stops for nothing',
    advise({ times, spread }) {
      if (times('bargein.false') === 0) return undefined;
      const fast = spread('bargein.stop_ms')?.p50;
      const price = fast === undefined ? '' : `; it costs time: bargein.stop_ms p50 is ${ms(fast)} now`;
      return `the agent fell silent ${often(times('bargein.false'))} although nobody spoke to it: ask for a minimum of speech, or take the stop back when nothing follows${price}`;
    },
  },
  {
    name: 'truncations missing',
    advise({ count, times }) {
      if (times('truncation.missing') === 0) return undefined;
      return `the model was not told of ${share(count('truncation.missing')!)} answers that were cut short, and believes all of them were heard: send conversation.item.truncate with audio_end_ms`;
    },
  },
  {
    name: 'truncations wrong',
    advise({ spread }) {
      const wrong = spread('truncation.abs_error_ms')?.p50;
      if (wrong === undefined || wrong <= WRONG_TRUNCATION_MS) return undefined;
      const signed = spread('truncation.error_ms')?.p50 ?? 0;
      const how =
        signed > 0
          ? 'more than was heard, as when audio counts as heard once it is sent: count what marks confirm'
          : 'less than was heard: audio counts from when it begins to play, not from when the caller speaks';
      return `the model is told ${ms(wrong)} (p50) ${how}`;
    },
  },
  {
    name: 'truncations refused',
    advise({ times }) {
      if (times('truncation.refused') === 0) return undefined;
      return `the model refused ${often(times('truncation.refused'), 'truncation')}: audio_end_ms must not pass the audio of its item`;
    },
  },
  {
    name: 'truncations needless',
    advise({ times }) {
      if (times('truncation.needless') === 0) return undefined;
      return `${often(times('truncation.needless'), 'answer')} heard to the end ${times('truncation.needless') === 1 ? 'was' : 'were'} truncated all the same: when the last mark has come back there is nothing to cut`;
    },
  },
  {
    name: 'a slow relay',
    advise({ report, spread }) {
      const { toServerMs, toPhoneMs, jitterMs } = report.network;
      const slow = (['relay.out_ms', 'relay.in_ms'] as const).find((name) => {
        const allowed = SLOW_RELAY_MS + (name === 'relay.out_ms' ? toPhoneMs : toServerMs) + jitterMs;
        return (spread(name)?.p95 ?? 0) > allowed;
      });
      if (slow === undefined) return undefined;
      return `${slow} has a p95 of ${ms(spread(slow)!.p95!)}: the relay holds audio back; forward each message at once (no timer, no batch, setNoDelay on both sockets)`;
    },
  },
  {
    name: 'holes in answers',
    advise({ spread, own }) {
      const worst = spread('gap_ms')?.max;
      if (worst === undefined || worst <= AUDIBLE_GAP_MS) return undefined;
      const where = own ? 'the relay paces too tightly, or waits' : 'the server sends too late, or too tightly paced';
      return `an answer had a hole of ${ms(worst)} because its audio came too late: ${where}; send what you have as soon as you have it`;
    },
  },
  {
    name: 'frames lost or changed',
    advise({ count }) {
      const names = ['frames.lost', 'frames.duplicated', 'frames.reordered', 'frames.altered'] as const;
      const bad = names.filter((name) => (count(name)?.count ?? 0) > 0);
      if (bad.length === 0) return undefined;
      const told = bad.map((name) => `${name} ${share(count(name)!)}`).join(', ');
      return `the caller's audio does not reach the model as it was sent (${told}): forward every media payload once, in order, until the model is ready too`;
    },
  },
  {
    name: 'turns without an answer',
    advise({ count, times }) {
      if (times('turn.unanswered') === 0) return undefined;
      return `${share(count('turn.unanswered')!)} turns were never answered: the calls say which`;
    },
  },
  {
    name: 'callers talked over',
    advise({ spread }) {
      const least = spread('turn.playout_ms')?.min;
      if (least === undefined || least >= 0) return undefined;
      return `the agent began ${ms(-least)} before the caller had finished: its end of turn is too eager for pauses inside a sentence`;
    },
  },
  {
    name: 'slow turns',
    advise({ spread }) {
      const typical = spread('turn.playout_ms')?.p50;
      if (typical === undefined || typical <= SLOW_TURN_MS) return undefined;
      const relay = (spread('relay.in_ms')?.p50 ?? 0) + (spread('relay.out_ms')?.p50 ?? 0);
      const whose =
        spread('relay.out_ms') === undefined
          ? ''
          : `, ${ms(relay)} of it in the relay: the rest is the end of turn and the model`;
      return `half of the answers take longer than ${ms(typical)}${whose}; people wait 800 ms without wondering`;
    },
  },
  {
    name: 'slow greetings',
    advise({ spread }) {
      const typical = spread('greeting_ms')?.p50;
      if (typical === undefined || typical <= SLOW_GREETING_MS) return undefined;
      return `the greeting comes after ${ms(typical)} (p50): open the model's session while the phone rings, or greet from a recording`;
    },
  },
  {
    name: 'goodbyes cut off',
    advise({ spread }) {
      const worst = spread('goodbye_cut_ms')?.max;
      if (worst === undefined || worst <= AUDIBLE_GAP_MS) return undefined;
      return `${ms(worst)} of the last words were never played because the call was ended: wait for the mark behind them`;
    },
  },
  {
    name: 'findings of the carrier',
    advise({ report }) {
      const errors = report.lint.filter(({ level }) => level === 'error');
      if (errors.length === 0) return undefined;
      return `the carrier would have objected (${errors.map(({ rule }) => rule).join(', ')}): voicebridge simulate --url ${report.endpoint.url} shows where and what to send instead`;
    },
  },
  {
    name: 'calls to look into were not kept',
    advise({ report, times }) {
      const kept = report.calls.some(({ files }) => files !== undefined);
      const bad =
        times('bargein.missed') + times('turn.unanswered') + times('truncation.missing') + times('bargein.false');
      if (kept || bad === 0) return undefined;
      return 'to see and hear these calls: --out calls --html report.html';
    },
  },
];

/** What a careful reader should know before believing the numbers, and what whoever owns the server can do. */
export function adviseOn(report: AdviceFacts): string[] {
  const look = lookAt(report);
  const notes = new Set(report.calls.flatMap((call) => (call.discarded === undefined ? (call.notes ?? []) : [])));
  return [...notes, ...ADVICE.flatMap(({ advise }) => advise(look) ?? [])];
}

function lookAt(report: AdviceFacts): Look {
  const metric = (name: MetricName) => report.metrics[name];
  const count: Look['count'] = (name) => {
    const found = metric(name);
    return found?.unit === 'count' ? found : undefined;
  };
  return {
    report,
    own: report.endpoint.kind !== 'foreign',
    count,
    times: (name) => count(name)?.count ?? 0,
    spread: (name) => {
      const found = metric(name);
      return found && found.unit !== 'count' ? found : undefined;
    },
  };
}

function ms(value: number): string {
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
}

function share({ count, of }: { readonly count: number; readonly of: number }): string {
  return `${count} of ${of}`;
}

function often(count: number, what?: string): string {
  if (what === undefined) return count === 1 ? 'once' : `${count} times`;
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
