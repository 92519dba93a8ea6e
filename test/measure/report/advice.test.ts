import { describe, expect, it } from 'vitest';
import type { Measures } from '../../../src/measure/metrics.js';
import { ADVICE } from '../../../src/measure/report/advice.js';
import { callOf, type ReportFacts, reportOf } from '../../helpers/reports.js';

const files = { directory: 'calls/1', wav: 'calls/1/call.wav', events: 'calls/1/events.jsonl' };
const network = { toServerMs: 40, toPhoneMs: 40, jitterMs: 0 };
const fill = (act: (measures: Measures) => unknown): ReportFacts => ({
  fill: (measures) => void act(measures),
  result: { calls: [callOf({ files })] },
});
const foreign = { endpoint: { url: 'wss://example.com/s', kind: 'foreign' }, calls: [callOf({ files })] } as const;
const spoilt = { attempted: 9, discarded: [{ reason: 'pacing', count: 2 }] };
const finding = { rule: 'media/wav-header', level: 'error', twilio: '', message: 'a header', atMs: 1 } as const;
const twenty = (ms: number) => new Array<number>(20).fill(ms);

/** Of every rule what it says, of which facts, and facts so near that it says nothing. */
const CASES: Readonly<Record<string, readonly [said: string, of: ReportFacts, silentOf: ReportFacts]>> = {
  'calls spoilt by this machine': [
    '2 of 9 calls were spoilt by this machine, not by the server: try fewer than --calls 30',
    { concurrency: 30, result: spoilt },
    { concurrency: 30 },
  ],
  'too few samples': [
    'turn.playout_ms has 6 samples, its p95 needs 20: try --runs 10',
    fill((measures) => measures.add('turn.playout_ms', 1, 2, 3, 4, 5, 6)),
    fill((measures) => measures.add('turn.playout_ms', ...twenty(800))),
  ],
  'soft onsets': [
    'uncertain by up to 41 ms',
    fill((measures) => measures.add('turn.spread_ms', 3, 41)),
    fill((measures) => measures.add('turn.spread_ms', 3, 40)),
  ],
  'delay of the network': ['contain the delay of --network', { network }, { network, result: foreign }],
  'no model behind a server': ["need the bench's own model", { result: foreign }, {}],
  'missed interruptions, never a clear': [
    'talked on through 1 of 2 interruptions and no clear ever came: send {"event":"clear"',
    fill((measures) => measures.count('bargein.missed', 1, 2)),
    fill((measures) => measures.count('bargein.missed', 0, 2)),
  ],
  'missed interruptions in spite of a clear': [
    'talked on through 1 of 2 interruptions although clears came',
    fill((measures) => {
      measures.count('bargein.missed', 1, 2);
      measures.add('bargein.clear_ms', 90);
    }),
    fill((measures) => measures.count('bargein.missed', 1, 2)),
  ],
  'audio after the clear': [
    'up to 480 ms of the interrupted answer were played after the clear',
    fill((measures) => measures.add('bargein.leak_ms', 0, 480)),
    fill((measures) => measures.add('bargein.leak_ms', 0, 20)),
  ],
  'late clears': [
    'a clear leaves 120 ms (p50) after the model said speech_started',
    fill((measures) => measures.add('relay.clear_ms', 120, 130)),
    fill((measures) => measures.add('relay.clear_ms', 2, 130)),
  ],
  'stops for nothing': [
    'fell silent 2 times although nobody spoke to it',
    fill((measures) => measures.count('bargein.false', 2, 9)),
    fill((measures) => measures.count('bargein.false', 0, 9)),
  ],
  'truncations missing': [
    'the model was not told of 3 of 4 answers',
    fill((measures) => measures.count('truncation.missing', 3, 4)),
    fill((measures) => measures.count('truncation.missing', 0, 4)),
  ],
  'truncations wrong': [
    'the model is told 900 ms (p50) more than was heard',
    fill((measures) => {
      measures.add('truncation.error_ms', 900, 950);
      measures.add('truncation.abs_error_ms', 900, 950);
    }),
    fill((measures) => measures.add('truncation.abs_error_ms', 9, 950)),
  ],
  'truncations refused': [
    'refused 1 truncation:',
    fill((measures) => measures.count('truncation.refused', 1, 4)),
    fill((measures) => measures.count('truncation.refused', 0, 4)),
  ],
  'truncations needless': [
    '2 answers heard to the end were truncated',
    fill((measures) => measures.count('truncation.needless', 2, 4)),
    fill((measures) => measures.count('truncation.needless', 0, 4)),
  ],
  'a slow relay': [
    'relay.out_ms has a p95 of 61 ms: the relay holds audio back',
    { ...fill((measures) => measures.add('relay.out_ms', ...twenty(61))), network },
    { ...fill((measures) => measures.add('relay.out_ms', ...twenty(59))), network },
  ],
  'holes in answers': [
    'an answer had a hole of 300 ms',
    fill((measures) => measures.add('gap_ms', 0, 300)),
    fill((measures) => measures.add('gap_ms', 0, 60)),
  ],
  'frames lost or changed': [
    '(frames.lost 1 of 50)',
    fill((measures) => measures.count('frames.lost', 1, 50)),
    fill((measures) => measures.count('frames.lost', 0, 50)),
  ],
  'turns without an answer': [
    '1 of 3 turns were never answered',
    fill((measures) => measures.count('turn.unanswered', 1, 3)),
    fill((measures) => measures.count('turn.unanswered', 0, 3)),
  ],
  'callers talked over': [
    'the agent began 120 ms before the caller had finished',
    fill((measures) => measures.add('turn.playout_ms', -120, 900)),
    fill((measures) => measures.add('turn.playout_ms', 0, 900)),
  ],
  'slow turns': [
    'half of the answers take longer than 1500 ms, 3 ms of it in the relay',
    fill((measures) => {
      measures.add('turn.playout_ms', 1_500, 1_600);
      measures.add('relay.in_ms', 1, 1);
      measures.add('relay.out_ms', 2, 2);
    }),
    fill((measures) => measures.add('turn.playout_ms', 1_200, 1_600)),
  ],
  'slow greetings': [
    'the greeting comes after 2500 ms (p50)',
    fill((measures) => measures.add('greeting_ms', 2_500, 2_600)),
    fill((measures) => measures.add('greeting_ms', 2_000, 2_600)),
  ],
  'goodbyes cut off': [
    '700 ms of the last words were never played',
    fill((measures) => measures.add('goodbye_cut_ms', 700)),
    fill((measures) => measures.add('goodbye_cut_ms', 0)),
  ],
  'findings of the carrier': [
    'would have objected (media/wav-header): voicebridge simulate --url ws://127.0.0.1:8080/media-stream',
    { result: { lint: [finding] } },
    { result: { lint: [{ ...finding, level: 'warning' }] } },
  ],
  'calls to look into were not kept': [
    '--out calls --html report.html',
    { fill: (measures) => measures.count('bargein.missed', 1, 2) },
    fill((measures) => measures.count('bargein.missed', 1, 2)),
  ],
};

describe('advice on what was measured', () => {
  it('has a case for every rule', () => {
    expect(Object.keys(CASES)).toEqual(ADVICE.map(({ name }) => name));
  });

  it.each(Object.entries(CASES))('of %s is given when it is so, and not otherwise', (_, [said, facts, silent]) => {
    expect(reportOf(facts).advice.filter((each) => each.includes(said))).toHaveLength(1);
    expect(reportOf(silent).advice.filter((each) => each.includes(said))).toEqual([]);
    const words = said.replace(/\d+/g, '');
    expect(
      reportOf(silent)
        .advice.map((each) => each.replace(/\d+/g, ''))
        .filter((each) => each.includes(words)),
    ).toEqual([]);
  });

  it('is not given to a good server', () => {
    const good = reportOf({
      fill: (measures) => {
        measures.add('turn.playout_ms', ...twenty(700));
        measures.add('bargein.stop_ms', ...twenty(200));
        measures.count('bargein.missed', 0, 20);
      },
    });
    expect(good.advice).toEqual([]);
  });

  it('repeats what a call could not measure, once', () => {
    const notes = ["the model's audio was changed on its way, so truncations cannot be judged"];
    const calls = [callOf({ notes }), callOf({ notes, run: 2 }), callOf({ notes: ['spoilt'], discarded: 'late' })];
    expect(reportOf({ result: { calls } }).advice).toEqual(notes);
  });
});
