import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArguments, uncheckable } from '../../../src/call/tools/arguments.js';

const PARAMETERS = {
  type: 'object',
  properties: { day: { type: 'string' }, people: { type: 'integer', minimum: 1, default: 2 } },
  required: ['day'],
};

describe('readArguments', () => {
  it('passes on what the model wrote, with nothing filled in or dropped', async () => {
    expect(await readArguments(PARAMETERS, '{"day":"Monday","note":1}')).toEqual({ args: { day: 'Monday', note: 1 } });
  });

  it('takes an empty text for no arguments', async () => {
    expect(await readArguments({ type: 'object', properties: {} }, ' ')).toEqual({ args: {} });
  });

  it.each([
    ['{"day":', 'the arguments are not JSON'],
    ['["Monday"]', 'the arguments are not a JSON object'],
    ['null', 'the arguments are not a JSON object'],
    ['"Monday"', 'the arguments are not a JSON object'],
    ['', 'the arguments do not fit: day: Invalid input: expected string, received undefined'],
    ['{"day":"Monday","people":0}', 'the arguments do not fit: people: Too small: expected number to be >=1'],
    [
      '{"day":1,"people":"two"}',
      'the arguments do not fit: day: Invalid input: expected string, received number; people: Invalid input: expected number, received string',
    ],
  ])('tells the model what is wrong with %j', async (text, error) => {
    expect(await readArguments(PARAMETERS, text)).toEqual({ error });
  });

  it('follows references inside the schema', async () => {
    const parameters = {
      type: 'object',
      properties: { at: { $ref: '#/$defs/place' } },
      $defs: { place: { type: 'object', properties: { room: { type: 'string' } }, required: ['room'] } },
    };
    expect(await readArguments(parameters, '{"at":{"room":"3"}}')).toEqual({ args: { at: { room: '3' } } });
    expect(await readArguments(parameters, '{"at":{}}')).toEqual({
      error: 'the arguments do not fit: at.room: Invalid input: expected string, received undefined',
    });
  });

  it('leaves the check to the tool when it cannot understand the schema', async () => {
    const parameters = { type: 'object', not: { required: ['b'] } };
    expect(await readArguments(parameters, '{"a":1}')).toEqual({ args: { a: 1 } });
  });

  it('never rejects, whatever the model wrote', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const read = await readArguments(PARAMETERS, text);
        expect('args' in read || typeof read.error === 'string').toBe(true);
      }),
    );
  });
});

describe('uncheckable', () => {
  it('says why a schema cannot be checked', async () => {
    expect(await uncheckable(PARAMETERS)).toBeUndefined();
    expect(await uncheckable({ type: 'objct' })).toBe('Unsupported type: objct');
    expect(await uncheckable({ type: 'object', properties: { a: { type: 'string', pattern: '(' } } })).toMatch(
      'Invalid regular expression',
    );
  });
});
