import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VoicebridgeError } from '../../../src/errors.js';
import { parseCallFile, parseDuration } from '../../../src/simulator/phone/script-file.js';
import { MISTAKES } from '../../helpers/call-mistakes.js';

const WHOLE = `
name: interrupt
description: The caller speaks over a long answer.
steps:
  - wait: agent-finishes
    timeout: 10s
  - say: question.wav
  - wait: 500ms
  - wait: agent-starts
  - interrupt: stop.wav
    after: 1200ms
  - interrupt: stop.wav
    at: 50%
    timeout: 1.5s
  - interrupt: stop.wav
    left: 100ms
  - digits: "1#"
  - hangup: true
`;

describe('a call.yaml', () => {
  it('is read step by step, with the line of each', () => {
    const stop = (line: number) => [{ file: 'stop.wav', line }];
    expect(parseCallFile(WHOLE, 'call.yaml')).toEqual({
      name: 'interrupt',
      description: 'The caller speaks over a long answer.',
      steps: [
        { line: 5, type: 'wait', until: 'agent-finishes', timeoutMs: 10_000 },
        { line: 7, type: 'say', sounds: [{ file: 'question.wav', line: 7 }] },
        { line: 8, type: 'pause', ms: 500 },
        { line: 9, type: 'wait', until: 'agent-starts' },
        { line: 10, type: 'interrupt', sounds: stop(10), when: { afterMs: 1200 } },
        { line: 12, type: 'interrupt', sounds: stop(12), when: { share: 0.5 }, timeoutMs: 1500 },
        { line: 15, type: 'interrupt', sounds: stop(15), when: { leftMs: 100 } },
        { line: 17, type: 'digits', digits: '1#' },
        { line: 18, type: 'hangup' },
      ],
    });
  });

  it('says files, made sounds, sentences, and several of them one behind the other', () => {
    const text = `steps:
  - say: {silence: 2s}
  - say: {tone: {hz: 440, ms: 800, dbov: -20}}
  - say: {noise: {ms: 500, dbov: -30}}
  - say: {text: Good morning.}
  - say:
      - question.wav
      - silence: 700ms
      - {file: rest.wav}
`;
    expect(
      parseCallFile(text, 'call.yaml').steps.flatMap((step) => (step.type === 'say' ? [step.sounds] : [])),
    ).toEqual([
      [{ silenceMs: 2000, line: 2 }],
      [{ tone: { hz: 440, ms: 800, dbov: -20 }, line: 3 }],
      [{ noise: { ms: 500, dbov: -30 }, line: 4 }],
      [{ text: 'Good morning.', line: 5 }],
      [
        { file: 'question.wav', line: 7 },
        { silenceMs: 700, line: 8 },
        { file: 'rest.wav', line: 9 },
      ],
    ]);
  });

  it('hums and coughs while it listens, anywhere in the answer', () => {
    const text = `steps:
  - backchannel: mm-hm
  - backchannel: yes.wav
    after: first-pause
  - cough: true
    at: 25%
    timeout: 3s
  - cough: {noise: {ms: 90, dbov: -20}}
`;
    expect(parseCallFile(text, 'call.yaml').steps).toEqual([
      { line: 2, type: 'aside', kind: 'backchannel', sounds: [{ sound: 'mm-hm', line: 2 }] },
      {
        line: 3,
        type: 'aside',
        kind: 'backchannel',
        sounds: [{ file: 'yes.wav', line: 3 }],
        when: { firstPause: true },
      },
      {
        line: 5,
        type: 'aside',
        kind: 'cough',
        sounds: [{ sound: 'cough', line: 5 }],
        when: { share: 0.25 },
        timeoutMs: 3000,
      },
      { line: 8, type: 'aside', kind: 'cough', sounds: [{ noise: { ms: 90, dbov: -20 }, line: 8 }] },
    ]);
  });

  it('expects, branches, presses keys, drops and reconnects', () => {
    const text = `steps:
  - expect: agent-speaks
    within: 1500ms
  - expect: agent-silent
    for: 2s
  - expect: agent-stops
    within: 300ms
  - expect: agent-goes-on
    for: 1s
  - expect: mark
    name: greeting
    within: 3s
  - expect: no-lint
  - if: {agent: spoke, within: 2s}
    then:
      - digits: 007
        tone: true
        gap: 80ms
    else:
      - if: {mark: true}
        then: [{hangup: true}]
  - if: {agent: went-on}
    then:
      - wait: 1s
  - drop: true
  - reconnect: true
    after: 2s
`;
    expect(parseCallFile(text, 'call.yaml').steps).toEqual([
      { line: 2, type: 'expect', that: { type: 'speaks', withinMs: 1500 } },
      { line: 4, type: 'expect', that: { type: 'silent', forMs: 2000 } },
      { line: 6, type: 'expect', that: { type: 'stops', withinMs: 300 } },
      { line: 8, type: 'expect', that: { type: 'goes-on', forMs: 1000 } },
      { line: 10, type: 'expect', that: { type: 'mark', name: 'greeting', withinMs: 3000 } },
      { line: 13, type: 'expect', that: { type: 'no-lint', level: 'error' } },
      {
        line: 14,
        type: 'if',
        that: { type: 'speaks', withinMs: 2000 },
        yes: [{ line: 16, type: 'digits', digits: '007', tone: true, gapMs: 80 }],
        no: [{ line: 20, type: 'if', that: { type: 'mark' }, yes: [{ line: 21, type: 'hangup' }], no: [] }],
      },
      { line: 22, type: 'if', that: { type: 'goes-on' }, yes: [{ line: 24, type: 'pause', ms: 1000 }], no: [] },
      { line: 25, type: 'drop' },
      { line: 26, type: 'reconnect', afterMs: 2000 },
    ]);
  });

  it('has a room, an echo, and a carrier with its faults', () => {
    const text = `noise: {kind: babble, dbov: -45}
echo: {db: -30, delayMs: 120}
network: {toServer: 40ms, jitter: 5ms}
faults:
  - stall@5s:1500ms
assume:
  clear-delay: 50ms
  close-code: 1005
steps:
  - hangup: true
`;
    expect(parseCallFile(text, 'call.yaml')).toMatchObject({
      noise: { line: 1, kind: 'babble', dbov: -45 },
      echo: { db: -30, delayMs: 120 },
      network: { toServerMs: 40, toPhoneMs: 0, jitterMs: 5 },
      faults: [{ type: 'stall', at: 5000, forMs: 1500 }],
      assume: { clearDelayMs: 50, closeCode: 1005 },
    });
  });
});

describe('a mistake in a call.yaml', () => {
  it.each(MISTAKES.map(([text, sentence]) => [text, sentence] as const))(
    'names the line and what would be right: %j',
    (text, sentence) => {
      expect(refusal(text)).toBe(`call.yaml, line ${sentence}`);
    },
  );

  it('of YAML itself names the line too', () => {
    expect(refusal('steps:\n  - say: "a.wav')).toMatch(/^call\.yaml, line [23]: /);
    expect(refusal('a: b: c')).toMatch(/^call\.yaml, line 1: /);
    expect(refusal('steps:\n  - say: a.wav\n    say: b.wav')).toMatch(/^call\.yaml, line 3: .*second time/);
  });

  it('never is anything but a sentence with a line, whatever is written', () => {
    const scalars = fc.oneof(
      fc.constantFrom('say', 'wait', 'agent-starts', '50%', '1s', 'a.wav'),
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const names = fc.constantFrom(
      'steps',
      'say',
      'wait',
      'if',
      'then',
      'else',
      'expect',
      'within',
      'noise',
      'echo',
      'tone',
      'kind',
      'after',
      'faults',
      'assume',
      'agent',
      'digits',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        scalars,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(refusal(JSON.stringify({ steps: [value] }))).toMatch(/^(accepted$|call\.yaml, line \d+: .)/);
        expect(refusal(JSON.stringify(value))).toMatch(/^(accepted$|call\.yaml, line \d+: .)/);
      }),
    );
  });
});

function refusal(text: string): string {
  try {
    parseCallFile(text, 'call.yaml');
  } catch (error) {
    if (error instanceof VoicebridgeError && error.code === 'script-invalid') return error.message;
    throw error;
  }
  return 'accepted';
}

it.each([
  ['500ms', 500],
  ['1.5s', 1500],
  ['2 s', 2000],
  ['0ms', 0],
  ['500', undefined],
  ['-1s', undefined],
  ['1m', undefined],
  [500, undefined],
  [null, undefined],
])('a duration of %j is %j ms', (written, ms) => {
  expect(parseDuration(written)).toBe(ms);
});
