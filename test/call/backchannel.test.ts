import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soundOf } from '../../src/call/backchannel.js';

const known = ['mm-hm', 'yeah', 'okay', 'i see', 'stimmt’s', 'うん', ''];

describe('what a transcript says of a sound', () => {
  it.each([
    ['Mm-hm.', 'backchannel'],
    ['mm hm', 'backchannel'],
    ['Mmhm!', 'backchannel'],
    ['mm–hm…', 'backchannel'],
    ['Yeah, yeah. Okay.', 'backchannel'],
    ['I see, mm-hm', 'backchannel'],
    ['STIMMT’S', 'backchannel'],
    ['うん。', 'backchannel'],
    ['', 'noise'],
    [' … ', 'noise'],
    ['Yeah, but', 'words'],
    ['I', 'words'],
    ['see I', 'words'],
    ['No.', 'words'],
    ['yeahyeah', 'words'],
  ])('takes %j for %s', (text, sound) => {
    expect(soundOf(text, known)).toBe(sound);
  });

  it('takes every word for words when no backchannel is known', () => {
    expect(soundOf('mm-hm', [])).toBe('words');
  });

  it('knows any row of backchannels, and no row with another word in it', () => {
    const row = fc.array(fc.constantFrom('mm-hm', 'Yeah', 'okay', 'I see'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(row, fc.constantFrom(' ', ', ', '. ', ' — '), (words, between) => {
        expect(soundOf(words.join(between), known)).toBe('backchannel');
        expect(soundOf([...words, 'stop'].join(between), known)).toBe('words');
      }),
    );
  });
});
