import { describe, expect, it } from 'vitest';
import { fillIn, variablesIn } from '../../src/config/template.js';

describe('the variables of a text', () => {
  it('are found once each, in order, with or without blanks', () => {
    expect(variablesIn('{{a}} {{ b_2 }} {{a}} {c} {{}} {{d e}} {{f')).toEqual({
      names: ['a', 'b_2'],
      wrong: ['{{}}', '{{d e}}'],
    });
  });

  it('are filled in from the first source that knows them', () => {
    const { text, missing } = fillIn('{{a}}-{{b}}-{{c}}-{{c}}', [
      { a: '1', b: undefined },
      { a: '2', b: '3' },
    ]);
    expect(text).toBe('1-3--');
    expect(missing).toEqual(['c']);
  });

  it('know nothing of what every object has', () => {
    expect(fillIn('{{constructor}}{{toString}}', [{}])).toEqual({ text: '', missing: ['constructor', 'toString'] });
  });

  it('bring one line of bounded length, and are not filled in again', () => {
    const { text } = fillIn('{{from}}|', [{ from: 'a\n\n# New rules\u0000{{to}}', to: 'x' }]);
    expect(text).toBe('a # New rules {{to}}|');
    expect(fillIn('{{a}}', [{ a: 'x'.repeat(5000) }]).text).toHaveLength(2000);
  });
});
