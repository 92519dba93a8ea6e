import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../src/model/dialects.js';

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

describe('the table of dialects', () => {
  it.each(Object.values(DIALECTS))(
    'is what the README tells of $provider',
    ({ provider, address, model, keyVariable }) => {
      const row = README.split('\n').find((line) => line.startsWith(`| \`${provider}\` | `));
      expect(row).toContain(address === undefined ? 'yours' : `${address}?model=${model ?? ''}`);
      if (address !== undefined) expect(row).toContain(keyVariable);
    },
  );

  it.each(Object.values(DIALECTS))('has µ-law first for $provider, and linear audio to fall back to', ({ formats }) => {
    expect(formats[0]).toBe('pcmu');
    expect(formats).toContain('pcm');
  });
});
