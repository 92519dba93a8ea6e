import { describe, expect, it } from 'vitest';
import { asTyped } from '../../src/cli/as-typed.js';

const NPX = { npm_lifecycle_event: 'npx' };

describe('asTyped', () => {
  it.each([
    ['voicebridge serve', 'npx voicebridge serve'],
    ['OPENAI_API_KEY=… voicebridge serve --model openai', 'OPENAI_API_KEY=… npx voicebridge serve --model openai'],
    ['say voicebridge --help, or voicebridge init', 'say npx voicebridge --help, or npx voicebridge init'],
    ['voicebridge failed in a way it should not', 'voicebridge failed in a way it should not'],
    ['node_modules/voicebridge serve', 'node_modules/voicebridge serve'],
  ])('puts npx before a command where that is how it was started: %s', (text, typed) => {
    expect(asTyped(text, NPX)).toBe(typed);
    expect(asTyped(text, {})).toBe(text);
  });
});
