import type { MetricName } from '../metrics.js';
import { type Behaviour, WELL_BEHAVED } from './behaviour.js';
import type { CallerName } from './callers.js';

/**
 * What the host does (`host.*`) is no agent's doing, what a process uses (`endpoint.*`) the system says, what the simulated
 * model objects to (`model.*`) it judges itself, and what becomes of its audio (`audio.*`, `frames.reencoded`) takes a whole relay: test/fixtures/heard-relays.
 */
export type ProvenMetric = Exclude<
  MetricName,
  `host.${string}` | `endpoint.${string}` | `model.${string}` | `audio.${string}` | 'frames.reencoded'
>;

/** An agent of known behaviour, and what it is there to show. */
export interface ReferenceAgent {
  /** What it does, for the table: "answers before the caller has finished". */
  readonly does: string;
  readonly behaviour: Behaviour;
  readonly caller: CallerName;
  /** What it does can only be told with the model's truth. */
  readonly needsModel?: true;
  /** Metrics that must keep their `GOOD_WHEN` … */
  readonly right: readonly ProvenMetric[];
  /** … and those that must break it. */
  readonly wrong: readonly ProvenMetric[];
}

/**
 * What a metric says of an agent that does it right, as a budget. Each is kept by an agent of the table and broken by
 * another one: a metric that cannot see a wrong agent is a bug.
 */
export const GOOD_WHEN: Readonly<Record<ProvenMetric, string>> = {
  'turn.playout_ms': 'turn.playout_ms min > 0',
  'turn.ingress_ms': 'turn.ingress_ms min > 0',
  'turn.answer_ms': 'turn.answer_ms max < 1000',
  'turn.spread_ms': 'turn.spread_ms max <= 5',
  'turn.unanswered': 'turn.unanswered == 0',
  greeting_ms: 'greeting_ms max < 1000',
  'bargein.stop_ms': 'bargein.stop_ms max < 1000',
  'bargein.clear_ms': 'bargein.clear_ms max < 1000',
  'bargein.leak_ms': 'bargein.leak_ms max <= 1',
  'bargein.missed': 'bargein.missed == 0',
  'bargein.finished': 'bargein.finished == 0',
  'bargein.false': 'bargein.false == 0',
  'bargein.recovered': 'bargein.recovered >= 1',
  'truncation.error_ms': 'truncation.error_ms max <= 10',
  'truncation.abs_error_ms': 'truncation.abs_error_ms max <= 10',
  'truncation.missing': 'truncation.missing == 0',
  'truncation.needless': 'truncation.needless == 0',
  'truncation.refused': 'truncation.refused == 0',
  'relay.in_ms': 'relay.in_ms p50 <= 20',
  'relay.out_ms': 'relay.out_ms p50 <= 20',
  'relay.clear_ms': 'relay.clear_ms max <= 30',
  'relay.ready_ms': 'relay.ready_ms max <= 200',
  gap_ms: 'gap_ms max <= 20',
  buffer_ms: 'buffer_ms max <= 200',
  goodbye_cut_ms: 'goodbye_cut_ms max <= 5',
  'frames.lost': 'frames.lost == 0',
  'frames.duplicated': 'frames.duplicated == 0',
  'frames.reordered': 'frames.reordered == 0',
  'frames.altered': 'frames.altered == 0',
  'lint.errors': 'lint.errors == 0',
  'lint.warnings': 'lint.warnings == 0',
};

const SHORT: Partial<Behaviour> = { answerMs: 700 };

function agent(
  does: string,
  caller: CallerName,
  shows: { readonly right?: readonly ProvenMetric[]; readonly wrong?: readonly ProvenMetric[] },
  otherwise: Partial<Behaviour> = {},
): ReferenceAgent {
  const { right = [], wrong = [] } = shows;
  return { does, caller, right, wrong, behaviour: { ...WELL_BEHAVED, ...otherwise } };
}

/** A warning and an error of the carrier's. */
const MISTAKES = [
  'this is no JSON',
  `{"event":"media","streamSid":"STREAM","media":{"payload":"${Buffer.from('RIFF$\0\0\0WAVEfmt ').toString('base64')}"}}`,
];

/** All of them, by the name under which a process that plays them is told which to be. */
export const AGENTS = {
  precise: agent('answers and stops after set times', 'interrupts-again-and-again', {
    right: [
      ...(['turn.playout_ms', 'turn.ingress_ms', 'turn.spread_ms', 'turn.unanswered', 'greeting_ms'] as const),
      ...(['bargein.stop_ms', 'bargein.clear_ms', 'bargein.leak_ms', 'bargein.missed'] as const),
      ...(['bargein.finished', 'bargein.false', 'bargein.recovered'] as const),
      ...(['truncation.error_ms', 'truncation.abs_error_ms', 'truncation.missing'] as const),
      ...(['truncation.needless', 'truncation.refused'] as const),
      ...(['relay.in_ms', 'relay.out_ms', 'relay.clear_ms', 'relay.ready_ms', 'gap_ms'] as const),
      ...(['frames.lost', 'frames.duplicated', 'frames.reordered', 'frames.altered'] as const),
      ...(['lint.errors', 'lint.warnings'] as const),
    ],
  }),
  'talks-over': agent(
    'begins to answer while the caller still speaks',
    'asks-twice',
    { wrong: ['turn.playout_ms', 'turn.ingress_ms'] },
    { ...SHORT, talksOver: true, answerDelaysMs: [313.9, 287.1] },
  ),
  'never-answers': agent(
    'greets and then says nothing',
    'asks-in-vain',
    { wrong: ['turn.unanswered'] },
    { answerDelaysMs: undefined },
  ),
  'greets-late': agent(
    'greets after more than a second',
    'asks-in-vain',
    { wrong: ['greeting_ms'] },
    { ...SHORT, greetingDelayMs: 1_203.3 },
  ),
  'comfort-noise-first': agent(
    'sends comfort noise before it answers',
    'asks-twice',
    { right: ['turn.playout_ms'] },
    { ...SHORT, answerDelaysMs: [417.9, 531.3], opening: { with: 'comfort-noise', ms: 300 } },
  ),
  'silence-first': agent(
    'sends silence at the head of its answer',
    'asks-twice',
    { right: ['turn.playout_ms', 'turn.ingress_ms'] },
    { ...SHORT, opening: { with: 'silence', ms: 153 } },
  ),
  'soft-onset': agent(
    'begins so softly that the onset rules disagree',
    'asks-twice',
    { wrong: ['turn.spread_ms'] },
    { ...SHORT, opening: { with: 'soft', ms: 61 } },
  ),
  'filler-first': agent(
    'says a filler and answers 333 ms after it',
    'asks-twice',
    { right: ['turn.playout_ms', 'turn.answer_ms'] },
    { ...SHORT, answerDelaysMs: [137.3, 181.9], opening: { with: 'filler', ms: 200, gapMs: 333.3 } },
  ),
  'filler-then-long-silence': agent(
    'says a filler and answers more than a second after it',
    'asks-patiently',
    { right: ['turn.playout_ms'], wrong: ['turn.answer_ms'] },
    { ...SHORT, answerDelaysMs: [137.3], opening: { with: 'filler', ms: 200, gapMs: 1_133.3 } },
  ),
  'never-stops': agent(
    'speaks on whoever interrupts',
    'interrupts-the-greeting',
    { wrong: ['bargein.stop_ms', 'bargein.missed'] },
    { greetingMs: 3_700, stopDelaysMs: undefined, answerDelaysMs: undefined },
  ),
  'stops-late': agent(
    'stops more than two seconds after the interruption',
    'interrupts-once',
    { wrong: ['bargein.stop_ms', 'bargein.clear_ms', 'bargein.missed'] },
    { stopDelaysMs: [2_143.3], answerMs: 3_500, answerDelaysMs: [137.3, 4_000] },
  ),
  'leaks-after-clear': agent(
    'goes on sending for 100 ms after it cleared',
    'interrupts-once',
    { right: ['bargein.missed', 'gap_ms'], wrong: ['bargein.leak_ms'] },
    { leak: { afterMs: 41.3, ms: 100 }, stopDelaysMs: [61.7] },
  ),
  sulks: agent(
    'stops and does not answer what it was interrupted with',
    'interrupts-then-asks',
    { right: ['bargein.missed'], wrong: ['bargein.recovered'] },
    { sulks: true },
  ),
  'finishes-first': agent(
    'has said all before it can stop',
    'interrupts-late',
    { wrong: ['bargein.finished'] },
    { stopDelaysMs: [338.9], answerMs: 700, answerDelaysMs: [137.3, 481.9] },
  ),
  'falls-for-a-cough': agent(
    'stops for a cough',
    'coughs',
    { wrong: ['bargein.false'] },
    { fallsForCoughs: true, answerMs: 1_500 },
  ),
  'falls-silent': agent(
    'stops without a clear: it sends no more than is due',
    'interrupts-once',
    { right: ['bargein.stop_ms', 'bargein.missed', 'bargein.finished', 'truncation.missing'] },
    { fallsSilent: true, delivery: 'paced', answerMs: 1_500 },
  ),
  'falls-silent-for-a-cough': {
    ...agent(
      'stops for a cough without a clear',
      'coughs',
      { wrong: ['bargein.false'] },
      { fallsSilent: true, fallsForCoughs: true, delivery: 'paced', answerMs: 1_200 },
    ),
    needsModel: true,
  },
  'ignores-a-cough': agent('speaks on through a cough', 'coughs', { right: ['bargein.false'] }, { answerMs: 2_500 }),
  'tells-too-much': agent(
    'tells the model that 480 ms more were heard than were',
    'interrupts-once',
    { wrong: ['truncation.error_ms', 'truncation.abs_error_ms'] },
    { tells: { errorMs: 480 }, answerMs: 2_000 },
  ),
  'never-truncates': agent(
    'does not tell the model what was heard',
    'interrupts-once',
    { wrong: ['truncation.missing'] },
    { tells: 'nothing' },
  ),
  'truncates-too-far': agent(
    'truncates past the end, which the model refuses',
    'interrupts-once',
    { wrong: ['truncation.refused', 'truncation.missing'] },
    { tells: 'too-much' },
  ),
  'truncates-needlessly': agent(
    'truncates answers that were heard to the end',
    'asks-twice',
    { wrong: ['truncation.needless'] },
    { ...SHORT, tells: 'needlessly' },
  ),
  'slow-relay': agent(
    'adds 30 to 60 ms in each direction',
    'interrupts-once',
    { wrong: ['relay.in_ms', 'relay.out_ms', 'relay.clear_ms', 'relay.ready_ms'] },
    { shares: { readyMs: 331.7, inMs: 35.7, outMs: 47.9, clearMs: 61.1 }, stopDelaysMs: [97.9] },
  ),
  paced: agent(
    'sends every 20 ms what is due',
    'asks-twice',
    { right: ['buffer_ms', 'gap_ms'] },
    { ...SHORT, delivery: 'paced' },
  ),
  bursts: agent('sends answers in one burst', 'asks-twice', { right: ['gap_ms'], wrong: ['buffer_ms'] }, SHORT),
  underruns: agent(
    'leaves the phone without audio for 83 ms',
    'asks-twice',
    { wrong: ['gap_ms'] },
    { ...SHORT, delivery: { holeMs: 83.1 } },
  ),
  'says-goodbye': agent(
    'hangs up when its goodbye was heard',
    'asks-twice',
    { right: ['goodbye_cut_ms'] },
    { ...SHORT, hangsUpAfterMs: 813.9 },
  ),
  'cut-goodbye': agent(
    'hangs up in the middle of its goodbye',
    'asks-twice',
    { wrong: ['goodbye_cut_ms'] },
    { ...SHORT, hangsUpAfterMs: 313.9 },
  ),
  'loses-frames': agent(
    'loses frames of the caller',
    'asks-twice',
    { wrong: ['frames.lost'] },
    { ...SHORT, frames: 'lost' },
  ),
  'doubles-frames': agent(
    'sends frames of the caller twice',
    'asks-twice',
    { wrong: ['frames.duplicated'] },
    { ...SHORT, frames: 'duplicated' },
  ),
  'swaps-frames': agent(
    'sends frames of the caller in the wrong order',
    'asks-twice',
    { wrong: ['frames.reordered'] },
    { ...SHORT, frames: 'reordered' },
  ),
  'alters-frames': agent(
    'changes frames of the caller',
    'asks-twice',
    { wrong: ['frames.altered'] },
    { ...SHORT, frames: 'altered' },
  ),
  'breaks-the-protocol': agent(
    'sends messages that the carrier objects to',
    'asks-in-vain',
    { wrong: ['lint.errors', 'lint.warnings'] },
    { ...SHORT, mistakes: MISTAKES },
  ),
} satisfies Record<string, ReferenceAgent>;

export type AgentName = keyof typeof AGENTS;

export const AGENT_NAMES = Object.keys(AGENTS) as AgentName[];

export function isAgentName(text: string | undefined): text is AgentName {
  return text !== undefined && Object.hasOwn(AGENTS, text);
}
