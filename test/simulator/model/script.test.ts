import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resample.js';
import { Lines } from '../../../src/simulator/model/lines.js';
import { parseModelScript } from '../../../src/simulator/model/script/file.js';
import { filled, hears, quotedLine, Script, type Situation } from '../../../src/simulator/model/script.js';
import type { Line, Voice } from '../../../src/simulator/model/voice.js';
import { VOICE } from './client.js';

beforeAll(loadResampler);

const LATER: Situation = { response: 2, session: 1, nobodyHasSpoken: false };
const FIRST: Situation = { ...LATER, nobodyHasSpoken: true };

function scripted(text = '', voice: Voice = VOICE): { script: Script; say: (situation?: Situation) => string } {
  const script = new Script(new Lines(voice, false), parseModelScript(text));
  const say = (situation = LATER) =>
    script
      .next(situation)
      .outputs.map((output) =>
        output.type === 'call' ? `${output.name}(${output.arguments})` : (output.line as Line).text,
      )
      .join(' + ');
  return { script, say };
}

describe('without a script', () => {
  it('greets as long as nobody has spoken, then goes through the lines and round again', () => {
    const { say } = scripted();
    const lines = [FIRST, FIRST, LATER, LATER, LATER].map(say);
    expect(lines).toEqual([
      'Hello there.',
      'Hello there.',
      'We are open from nine to five.',
      'Anything else I can do?',
      'We are open from nine to five.',
    ]);
  });

  it('answers an interruption with the line meant for it, once, and goes on where it was', () => {
    const { script, say } = scripted();
    say();
    script.interrupted();
    expect([say(), say()]).toEqual(['Sure, go ahead.', 'Anything else I can do?']);
  });

  it('goes on with the next line when there is none for interruptions', () => {
    const { script, say } = scripted('', { greeting: VOICE.greeting, lines: VOICE.lines });
    say();
    script.interrupted();
    expect(say()).toBe('Anything else I can do?');
  });

  it('says an answer later that was cancelled before its first sound, and the one for an interruption too', () => {
    const { script, say } = scripted();
    script.interrupted();
    expect(say()).toBe('Sure, go ahead.');
    script.unsaid();
    expect(say()).toBe('Sure, go ahead.');
    expect(say()).toBe('We are open from nine to five.');
    script.unsaid();
    expect(say()).toBe('We are open from nine to five.');
  });
});

describe('a script', () => {
  it('goes through its responses without conditions, and says others when their condition fits', () => {
    const { say } = scripted(
      'responses:\n  - say: One.\n  - when: {hears: price}\n    say: Eleven pounds.\n  - say: Two.\n  - when: {response: 9}\n    say: Nine.',
    );
    const lines = [
      LATER,
      { ...LATER, heard: 'And the Price?' },
      LATER,
      { ...LATER, response: 9 },
      { ...LATER, heard: 'the prices' },
      LATER,
    ].map(say);
    expect(lines).toEqual(['One.', 'Eleven pounds.', 'Two.', 'Nine.', 'One.', 'Two.']);
  });

  it('answers what was heard once, and again when that answer was not said', () => {
    const { script, say } = scripted('responses:\n  - when: {hears: price}\n    say: Eleven pounds.\n  - say: One.');
    const asked = { ...LATER, heard: 'The price?', turn: 1 };
    expect(say(asked)).toBe('Eleven pounds.');
    script.unsaid();
    expect([say(asked), say(asked), say({ ...asked, turn: 2 })]).toEqual(['Eleven pounds.', 'One.', 'Eleven pounds.']);
  });

  it('tells sessions apart', () => {
    const { say } = scripted('responses:\n  - when: {session: 2}\n    say: Again.\n  - say: First.');
    expect([say(), say({ ...LATER, session: 2 })]).toEqual(['First.', 'Again.']);
  });

  it('has a greeting and an answer to interruptions of its own', () => {
    const { script, say } = scripted('greeting: {say: Welcome.}\ninterrupted: {say: Yes?}');
    expect(say(FIRST)).toBe('Welcome.');
    script.interrupted();
    expect([say(), say()]).toEqual(['Yes?', 'We are open from nine to five.']);
  });

  it('calls functions beside messages, and answers once the output is there', () => {
    const { script, say } = scripted(
      'responses:\n  - output: [{say: One moment.}, {call: slots, arguments: {day: Monday}}]\n  - when: {after: slots}\n    say: "There is {{output.time}}, {{ heard }}."',
    );
    expect(say()).toBe('One moment. + slots({"day":"Monday"})');
    script.toolAnswered({ name: 'slots', output: '{"time":"nine"}' });
    expect(say({ ...LATER, heard: 'sir' })).toBe('There is nine, sir.');
    expect(say()).toContain('One moment.');
  });

  it('takes up the output of a tool again when the answer to it was not said', () => {
    const { script, say } = scripted(
      'responses:\n  - when: {after: f}\n    say: "{{output}}"\n  - call: f\n    arguments: "{oops"',
    );
    expect(say()).toBe('f({oops)');
    script.toolAnswered({ name: 'f', output: 'seven' });
    expect(say()).toBe('seven');
    script.unsaid();
    expect(say()).toBe('seven');
    expect(say()).toBe('f({oops)');
  });

  it('says a line that instructions quote, and what was to come next afterwards', () => {
    const { script, say } = scripted(
      'responses:\n  - say: One.\n  - say: Two.\n  - when: {response: 7}\n    think: 2s\n    say: Seven.',
    );
    expect(say()).toBe('One.');
    const asked = { ...LATER, instructions: 'Say exactly "Let me look that up." and nothing else.' };
    expect(say(asked)).toBe('Let me look that up.');
    script.unsaid();
    expect(script.next({ ...asked, response: 7 }).conduct.think).toBe(2000);
    expect(say()).toBe('Two.');
  });

  it('says the next line of the voice where it only tells how to behave', () => {
    const { script } = scripted('responses:\n  - stall: {after: 1s, for: 2s}');
    const { outputs, conduct } = script.next(LATER);
    expect(outputs).toMatchObject([{ line: { text: 'We are open from nine to five.' } }]);
    expect(conduct.stall).toEqual({ after: 1000, for: 2000 });
  });
});

describe('hears', () => {
  it.each([
    ['price', 'What is the price?', true],
    ['Price?', 'the PRICE please', true],
    ['price', 'prices', false],
    ['the price', 'price the', false],
    ['/pric(e|es)/', 'Prices.', true],
    ['/^no$/', 'no way', false],
  ])('%j in %j: %s', (wanted, heard, is) => {
    expect(hears(wanted, heard)).toBe(is);
  });
});

it('finds the longest quoted line of instructions, or none', () => {
  expect(quotedLine('Say "mm" or “one moment please” now')).toBe('one moment please');
  expect(quotedLine("Say 'hello'")).toBeUndefined();
  expect(quotedLine(undefined)).toBeUndefined();
});

it('fills in what a tool answered, a field of it, and what was heard', () => {
  expect(filled('{{output}} {{ output.a }} {{output.b}}{{heard}}{{x}}', '{"a":1}', 'hi')).toBe('{"a":1} 1 hi{{x}}');
  expect(filled('{{output.a}}', 'not json', '')).toBe('');
});
