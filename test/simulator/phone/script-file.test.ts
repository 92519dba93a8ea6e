import { describe, expect, it } from 'vitest';
import { VoicebridgeError } from '../../../src/errors.js';
import { parseCallFile, parseDuration } from '../../../src/simulator/phone/script-file.js';

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
    expect(parseCallFile(WHOLE, 'call.yaml')).toEqual({
      name: 'interrupt',
      description: 'The caller speaks over a long answer.',
      steps: [
        { line: 5, type: 'wait', until: 'agent-finishes', timeoutMs: 10_000 },
        { line: 7, type: 'say', file: 'question.wav' },
        { line: 8, type: 'pause', ms: 500 },
        { line: 9, type: 'wait', until: 'agent-starts' },
        { line: 10, type: 'interrupt', file: 'stop.wav', when: { afterMs: 1200 } },
        { line: 12, type: 'interrupt', file: 'stop.wav', when: { share: 0.5 }, timeoutMs: 1500 },
        { line: 15, type: 'interrupt', file: 'stop.wav', when: { leftMs: 100 } },
        { line: 17, type: 'digits', digits: '1#' },
        { line: 18, type: 'hangup' },
      ],
    });
  });

  it.each([
    [
      'steps:\n  - say: a.wav\n  - shout: b.wav',
      'call.yaml, line 3: a step is one of wait, say, interrupt, digits, hangup; this one is "shout"',
    ],
    [
      'steps:\n  - say: a.wav\n    hangup: true',
      'call.yaml, line 2: this step is both say and hangup: begin each with its own dash',
    ],
    ['steps:\n  - say: a.wav\n    after: 1s', 'call.yaml, line 3: a say step has no "after": it has say'],
    ['steps:\n  - say: 5', 'call.yaml, line 2: "say" takes the name of a WAV, not "5"'],
    ['steps:\n  - say:', 'call.yaml, line 2: "say" takes the name of a WAV, not ""'],
    [
      'steps:\n  - wait: 500',
      'call.yaml, line 2: "wait" takes agent-starts, agent-finishes or a time like 500ms, not "500"',
    ],
    ['steps:\n  - wait: 1s\n    timeout: 2s', 'call.yaml, line 3: a wait for a time has no timeout'],
    [
      'steps:\n  - wait: agent-starts\n    timeout: soon',
      'call.yaml, line 3: "timeout" takes a time like 500ms or 1.5s, not "soon"',
    ],
    [
      'steps:\n  - interrupt: a.wav',
      'call.yaml, line 2: an interrupt step needs one of "after: 1200ms", "at: 50%" and "left: 100ms"',
    ],
    [
      'steps:\n  - interrupt: a.wav\n    at: 50%\n    after: 1s',
      'call.yaml, line 2: an interrupt step needs one of "after: 1200ms", "at: 50%" and "left: 100ms"',
    ],
    [
      'steps:\n  - interrupt: a.wav\n    at: 120%',
      'call.yaml, line 3: "at" takes a share of the answer like 50%, not "120%"',
    ],
    [
      'steps:\n  - digits: call me',
      'call.yaml, line 2: "digits" takes keys of a telephone in quotes, like "12#", not "call me"',
    ],
    ['steps:\n  - hangup: maybe', 'call.yaml, line 2: write "hangup: true"'],
    [
      'steps:\n  - say',
      'call.yaml, line 2: a step is one of wait, say, interrupt, digits, hangup, like "- say: hello.wav"',
    ],
    ['steps: []', 'call.yaml, line 1: "steps" must be a list with at least one step'],
    ['name: x', 'call.yaml, line 1: "steps" must be a list with at least one step'],
    ['name: [a]\nsteps:\n  - hangup: true', 'call.yaml, line 1: "name" is not text'],
    ['- say: a.wav', 'call.yaml, line 1: a call is a list of "steps"'],
    ['', 'call.yaml, line 1: a call is a list of "steps"'],
    [
      'steps:\n  - hangup: true\ncolour: red',
      'call.yaml, line 3: a call has no "colour": it has name, description, steps',
    ],
  ])('is refused with the line: %j', (text, sentence) => {
    expect(refusal(text)).toBe(sentence);
  });

  it('is refused when it is not YAML, with the line', () => {
    expect(refusal('steps:\n  - say: "a.wav')).toMatch(/^call\.yaml, line [23]: /);
    expect(refusal('a: b: c')).toMatch(/^call\.yaml, line 1: /);
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
