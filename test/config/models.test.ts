import { describe, expect, it } from 'vitest';
import { whereModelIs } from '../../src/config/models.js';

describe('whereModelIs', () => {
  it.each(['sk-abc', 'sk-abc\n', ' sk-abc\r\n'])('takes the key without what surrounds it: %j', (key) => {
    expect(whereModelIs('main', { provider: 'openai' }, { OPENAI_API_KEY: key })).toMatchObject({ key: 'sk-abc' });
  });

  it.each(['“sk-abc”', 'sk abc', 'sk-\u0000'])('refuses what cannot be a key, and does not repeat it: %j', (key) => {
    expect(() => whereModelIs('main', { provider: 'openai' }, { OPENAI_API_KEY: key })).toThrow(
      /^OPENAI_API_KEY holds a space or another character that no key has$/,
    );
  });

  it.each([undefined, '', ' \n'])('misses a key that is %j', (key) => {
    const env = { OPENAI_API_KEY: key };
    expect(() => whereModelIs('main', { provider: 'openai' }, env)).toThrow('OPENAI_API_KEY is not set');
  });
});
