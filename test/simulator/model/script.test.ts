import { expect, it } from 'vitest';
import { Script } from '../../../src/simulator/model/script.js';
import { VOICE } from './client.js';

it('greets while nobody has spoken, then says its lines in order and round again', () => {
  const script = new Script(VOICE);
  expect([true, false, false, false].map((silent) => script.next(silent).text)).toEqual([
    'Hello there.',
    'We are open from nine to five.',
    'Anything else I can do?',
    'We are open from nine to five.',
  ]);
});

it('says once what is meant for an interruption, then goes on where it was', () => {
  const script = new Script(VOICE);
  script.next(true);
  script.next(false);
  script.interrupted();
  expect([1, 2].map(() => script.next(false).text)).toEqual(['Sure, go ahead.', 'Anything else I can do?']);
});

it('goes on with the next line after an interruption when the voice has nothing for it', () => {
  const script = new Script({ greeting: VOICE.greeting, lines: VOICE.lines });
  script.next(false);
  script.interrupted();
  expect(script.next(false).text).toBe('Anything else I can do?');
});

it('says again what was taken back before a sound of it was out', () => {
  const script = new Script(VOICE);
  script.interrupted();
  expect(script.next(false).text).toBe('Sure, go ahead.');
  script.unsaid();
  expect(script.next(false).text).toBe('Sure, go ahead.');
  expect(script.next(false).text).toBe('We are open from nine to five.');
  script.unsaid();
  expect(script.next(false).text).toBe('We are open from nine to five.');
});
