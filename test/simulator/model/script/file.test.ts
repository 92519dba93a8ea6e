import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VoicebridgeError } from '../../../../src/errors.js';
import { loadModelScript, parseModelScript } from '../../../../src/simulator/model/script/file.js';
import { MODEL_MISTAKES } from './mistakes.js';

describe('a model script', () => {
  it('is read with its times in milliseconds', () => {
    const script = parseModelScript(
      'think: 1.5s\nspeed: [3, 5]\nresponses:\n  - when: {after: slots}\n    say: "{{output}}"\n    stall: {after: 200ms, for: 1s}\n  - {call: slots, arguments: {day: Monday}, takes: 300ms}\nsessions: [{session: 2, expires: 20s}]\n',
    );
    expect(script).toEqual({
      path: 'model.yaml',
      think: 1500,
      speed: [3, 5],
      responses: [
        { when: { after: 'slots' }, say: '{{output}}', stall: { after: 200, for: 1000 } },
        { call: 'slots', arguments: { day: 'Monday' }, takes: 300 },
      ],
      sessions: [{ session: 2, expires: 20_000 }],
    });
  });

  it('may be empty', () => {
    expect(parseModelScript('')).toEqual({ path: 'model.yaml' });
  });

  it.each(MODEL_MISTAKES.map(([text, sentence]) => [text, sentence] as const))('%j: %s', (text, sentence) => {
    expect(() => parseModelScript(text, 'm.yaml')).toThrow(`m.yaml, ${sentence}`);
  });

  it('never fails otherwise than with a line, whatever stands in it', () => {
    const word = fc.constantFrom(
      'say',
      'call',
      'responses',
      'when',
      'sessions',
      'think',
      '1s',
      '-',
      ':',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '\n  ',
      ' ',
      '&a',
      '*a',
      '"',
      '5',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        try {
          parseModelScript(words.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(VoicebridgeError);
          expect((error as VoicebridgeError).code).toBe('script-invalid');
        }
      }),
    );
  });

  it('that is not there is said to be missing', async () => {
    await expect(loadModelScript('/nowhere/model.yaml')).rejects.toMatchObject({ code: 'file-missing' });
  });
});
