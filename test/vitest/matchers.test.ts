import { describe, expect, it } from 'vitest';
import { lintFinding } from '../../src/simulator/phone/lint.js';
import '../../src/vitest/index.js';
import { loud, RecordBuilder, TraceBuilder } from '../helpers/call-records.js';

/** What a failed expectation says. */
function complaint(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the expectation holds');
}

const TRUNCATION = 'the model to be told within 60 ms how much of each interrupted answer was heard';

/** Greets after 300 ms; two questions, answered after 800 and 1600 ms. */
const conversation = new RecordBuilder()
  .hears(300, loud(1000, 1))
  .says(2000, 3000)
  .hears(3800, loud(1000, 2))
  .says(6000, 7000)
  .hears(8600, loud(1000, 3))
  .ends(12_000);

const question = new RecordBuilder().says(500, 1000).hears(1500, loud(4000, 4));
/** The caller speaks over the answer from 3000 to 4000 ms; it is cleared so many milliseconds later. */
const stoppedAfter = (stopMs: number) =>
  new RecordBuilder()
    .says(500, 1000)
    .hears(1500, loud(4000, 4))
    .says(3000, 4000, { interrupts: true })
    .clear(3000 + stopMs);

describe('toGreetWithin', () => {
  it('holds for an agent that speaks first, and soon', () => {
    expect(conversation).toGreetWithin(300);
    expect(conversation).not.toGreetWithin(299);
  });

  it('says when the greeting came', () => {
    expect(complaint(() => expect(conversation).toGreetWithin(250))).toBe(
      [
        'expected the agent to greet within 250 ms',
        '',
        '  ✗ greeting  at 0:00.3  audible 300 ms after `start`, 50 ms too late',
        '      connecting to the model and its first words fall into this time: connect while the phone rings',
      ].join('\n'),
    );
  });

  it('says that there was no greeting', () => {
    expect(complaint(() => expect(question.ends(6000)).toGreetWithin(1000))).toContain(
      '✗ greeting  silent until the caller spoke\n',
    );
    expect(complaint(() => expect(new RecordBuilder().ends(100)).toGreetWithin(1000))).toContain(
      '✗ greeting  no audio ever came\n',
    );
  });
});

describe('toAnswerWithin', () => {
  it('holds when every turn was answered in time', () => {
    expect(conversation).toAnswerWithin(1600);
  });

  it('says which turn was too slow, by how much, at what time in the call, and where to look', () => {
    expect(complaint(() => expect(conversation).toAnswerWithin(1000))).toBe(
      [
        'expected every turn to be answered within 1000 ms',
        '',
        '  ✓ turn 1  at 0:03.0  answered after 800 ms',
        '  ✗ turn 2  at 0:07.0  answered after 1600 ms, 600 ms too late',
        '      its bytes came no sooner: turn detection (silence at the end), the model, or the relay took the time',
      ].join('\n'),
    );
  });

  it('tells audio that waited in the phone from audio that came late', () => {
    const behindSilence = new RecordBuilder()
      .says(0, 1000)
      .hears(1400, new Uint8Array(8 * 700).fill(0xff))
      .hears(1500, loud(1000, 5))
      .ends(4000);
    expect(complaint(() => expect(behindSilence).toAnswerWithin(1000))).toContain(
      'its first audible bytes had arrived 600 ms before: they waited behind other audio or silence',
    );
  });

  it('does not take talking over the caller, or not answering at all, for an answer', () => {
    const talkedOver = new RecordBuilder().says(0, 2000).hears(1500, loud(1000, 6)).ends(4000);
    expect(complaint(() => expect(talkedOver).toAnswerWithin(1000))).toContain(
      '✗ turn 1  at 0:02.0  talked over, 500 ms too early\n',
    );
    const ignored = new RecordBuilder().hears(0, loud(500, 7)).says(1000, 2000).ends(9000);
    expect(complaint(() => expect(ignored).toAnswerWithin(1000))).toContain('✗ turn 1  at 0:02.0  never answered\n');
  });

  it('has no answer for a call without a turn, whichever way it is asked', () => {
    const silent = new RecordBuilder().hears(0, loud(500, 8)).ends(2000);
    expect(complaint(() => expect(silent).toAnswerWithin(1000))).toContain('✗ no turns  the caller never spoke\n');
    expect(complaint(() => expect(silent).not.toAnswerWithin(1000))).toContain('✗ no turns');
  });

  it('says with .not what was found', () => {
    expect(complaint(() => expect(question.ends(6000)).not.toAnswerWithin(1000))).toBe(
      'expected not every turn to be answered within 1000 ms\n\n  ✓ turn 1  at 0:01.0  answered after 500 ms',
    );
  });
});

describe('toStopWithin', () => {
  it('holds when the agent falls silent in time', () => {
    expect(stoppedAfter(200).ends(9000)).toStopWithin(200);
  });

  it('says how late the clear came', () => {
    expect(complaint(() => expect(stoppedAfter(700).ends(9000)).toStopWithin(300))).toBe(
      [
        'expected the agent to stop within 300 ms of every interruption',
        '',
        '  ✗ interruption 1  at 0:03.0  silent after 700 ms, 400 ms too late, 1500 ms into its answer',
        "      its `clear` came after 700 ms: look at how soon the caller's speech is noticed and acted on",
      ].join('\n'),
    );
  });

  it('says that no clear came', () => {
    const deaf = question.says(3000, 4000, { interrupts: true }).ends(9000);
    expect(complaint(() => expect(deaf).toStopWithin(300))).toMatch(
      /✗ interruption 1 {2}at 0:03\.0 {2}it went on speaking for 2500 ms, 1500 ms into its answer\n {6}the server sent no `clear`/,
    );
  });

  it('has no answer when nobody interrupted', () => {
    expect(complaint(() => expect(conversation).toStopWithin(300))).toContain(
      '✗ no interruptions  the caller never spoke over the agent\n',
    );
    expect(complaint(() => expect(conversation).not.toStopWithin(300))).toContain('✗ no interruptions');
  });
});

describe('toHaveTruncatedWithin', () => {
  const record = stoppedAfter(200).ends(9000);
  const trace = () => new TraceBuilder().configured().delta(1490, 'item_1', loud(4000, 4)).done(1495, 'item_1');

  it('holds when the model was told what was heard', () => {
    expect({ record, trace: trace().truncate(3210, 'item_1', 1690).events }).toHaveTruncatedWithin(10);
  });

  it('says what the model believes instead', () => {
    const call = { record, trace: trace().truncate(3210, 'item_1', 4000).events };
    expect(complaint(() => expect(call).toHaveTruncatedWithin(60))).toBe(
      [
        `expected ${TRUNCATION}`,
        '',
        '  ✗ answer cut short 1  heard 1700 of 4000 ms, the model was told 4000 ms (+2300 ms)',
        '      the model remembers words the caller never heard: count what was played (marks that came back), not what was sent or the time',
      ].join('\n'),
    );
  });

  it('says that the model was not told at all', () => {
    expect(complaint(() => expect({ record, trace: trace().events }).toHaveTruncatedWithin(60))).toContain(
      '✗ answer cut short 1  heard 1700 of 4000 ms, and the model was not told\n',
    );
  });

  it.each([
    ['the record alone', record, "the model's end of this call is not known\n      give makeCall the simulated model"],
    ['a model that was not called', { record, trace: [] }, 'the model never saw this call\n      point the server'],
    [
      'a call without an interruption',
      { record: question.ends(9000), trace: trace().events },
      'no answer was cut short\n',
    ],
  ])('has no answer for %s', (_, call, why) => {
    expect(complaint(() => expect(call).toHaveTruncatedWithin(60))).toContain(`✗ no truncations  ${why}`);
    expect(complaint(() => expect(call).not.toHaveTruncatedWithin(60))).toContain('✗ no truncations');
  });
});

describe('the lint matchers', () => {
  const wav = lintFinding('media/wav-header', 1100, undefined, '{"event":"media"}');
  const odd = lintFinding('stream-sid/wrong', 1200);
  const broken = {
    ...conversation,
    lint: [wav, odd, odd],
    lintCounts: { 'media/wav-header': 1, 'stream-sid/wrong': 70 },
  };

  it('hold for a server without a mistake', () => {
    expect(conversation).toHaveNoLintErrors();
    expect(conversation).toHaveNoLintFindings();
  });

  it('name the rule, the place, what Twilio does and what was sent', () => {
    const text = complaint(() => expect(broken).toHaveNoLintErrors());
    expect(text).toContain('expected no lint errors: every message as the carrier wants it\n\n');
    expect(text).toContain('  ✗ media/wav-header (error)  at 0:00.1  ');
    expect(text).toContain('      Twilio plays it: ');
    expect(text).toContain('      instead: skip the header');
    expect(text).toContain('      sent: {"event":"media"}');
    expect(text).not.toContain('stream-sid/wrong');
  });

  it('count what happened often, and know warnings apart', () => {
    const text = complaint(() => expect(broken).toHaveNoLintFindings());
    expect(text).toContain('  ✗ stream-sid/wrong (warning)  at 0:00.2  ');
    expect(text).toContain('(70 times)\n');
    expect(text).toContain('      see: https://www.twilio.com/docs/api/errors/31951');
    expect({ ...broken, lint: [odd] }).toHaveNoLintErrors();
  });
});

describe('the other matchers', () => {
  it('count turns', () => {
    expect(conversation).toHaveTurns(2);
    expect(complaint(() => expect(conversation).toHaveTurns(3))).toMatch(
      /^expected the call to have 3 turns\n\n {2}✗ found {2}2 turns: 1 answered, 2 answered\n/,
    );
    expect(complaint(() => expect(question.ends(0)).toHaveTurns(1))).toContain('no turns');
  });

  it('hold every metric to a budget', () => {
    expect(conversation).toKeepBudget('turn.playout_ms max <= 1600');
    expect(complaint(() => expect(conversation).toKeepBudget('turn.playout_ms max < 1s'))).toBe(
      'expected the budget turn.playout_ms max < 1s to be kept\n\n  ✗ measured  1600',
    );
    expect(complaint(() => expect(conversation).toKeepBudget('truncation.missing == 0'))).toContain('not known (');
    expect(complaint(() => expect(conversation).not.toKeepBudget('truncation.missing == 0'))).toContain('not known (');
    expect(complaint(() => expect(conversation).toKeepBudget('nonsense'))).toContain('is not understood');
  });

  it('doubt a machine that could not keep time, and say so when anything else fails', () => {
    const late = new RecordBuilder().hears(300, loud(1000, 1)).frame(20).frame(40, 30).ends(2000);
    expect(conversation).toBeReliable();
    expect(complaint(() => expect(late).toBeReliable())).toContain(
      '✗ this machine  the phone sent 1 % of its frames more than 30.0 ms late (limit 5 ms)\n',
    );
    expect(complaint(() => expect(late).toGreetWithin(100))).toContain('\nunreliable: the phone sent 1 % ');
  });

  it('say where a recorded call can be heard', () => {
    const files = { directory: '/calls/1', wav: '/calls/1/call.wav', events: '/calls/1/events.jsonl' };
    expect(complaint(() => expect({ ...conversation, files }).toAnswerWithin(1000))).toMatch(
      /\n\nlisten: \/calls\/1\/call\.wav at 0:07\.0 \(left the caller, right the agent\)$/,
    );
  });
});

describe('what is no call', () => {
  it.each([
    ['a number', 7, 'expect() was not given a call'],
    ['nothing', undefined, 'expect() was not given a call'],
    ['a call that was not awaited', Promise.resolve(conversation), '(await it)'],
    ['a call that goes on', { done: Promise.resolve(conversation) }, 'await its `done`'],
    ['something with another record', { record: 'gold' }, 'expect() was not given a call'],
  ])('is refused: %s', (_, received, sentence) => {
    expect(complaint(() => expect(received).toBeReliable())).toContain(sentence);
    expect(complaint(() => expect(received).not.toBeReliable())).toContain(sentence);
  });

  it('and a limit must be a number of milliseconds', () => {
    expect(complaint(() => expect(conversation).toAnswerWithin(Number.NaN))).toContain('NaN is not a number of');
    expect(complaint(() => expect(conversation).not.toAnswerWithin(-1))).toContain('-1 is not a number of');
  });
});
