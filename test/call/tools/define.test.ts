import { describe, expect, it } from 'vitest';
import { defineTool, toResult } from '../../../src/call/tools/define.js';

describe('defineTool', () => {
  it('gives a tool its types and nothing else', () => {
    const tool = defineTool<{ day: string }>({ name: 'x', description: 'x', run: ({ day }) => day.length });
    expect(tool.run({ day: 'Monday' }, undefined as never)).toBe(6);
    // @ts-expect-error: the day is a text
    expect(() => tool.run({ day: undefined }, undefined as never)).toThrow();
  });
});

describe('toResult', () => {
  it.each<[unknown, unknown]>([
    ['as it is', { output: 'as it is' }],
    ['', { output: '' }],
    [undefined, { output: '{"ok":true}' }],
    [null, { output: '{"ok":true}' }],
    [0, { output: '0' }],
    [false, { output: 'false' }],
    [{ day: 'Monday' }, { output: '{"day":"Monday"}' }],
    [{ error: 'taken' }, { output: '{"error":"taken"}' }],
    [
      { output: 'bye', respond: false },
      { output: 'bye', respond: false },
    ],
    [{ output: 'bye' }, { output: '{"output":"bye"}' }],
    [{ output: 1, respond: false }, { output: '{"output":1,"respond":false}' }],
    [{ output: 'x', respond: true, more: 1 }, { output: '{"output":"x","respond":true,"more":1}' }],
  ])('tells the model of %j', (returned, result) => {
    expect(toResult(returned)).toEqual(result);
  });

  it('refuses what JSON cannot say', () => {
    expect(() => toResult(() => 1)).toThrow(TypeError);
    expect(() => toResult(1n)).toThrow(TypeError);
  });
});
