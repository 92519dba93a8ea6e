import { describe, expect, it } from 'vitest';
import { chosen, holdAgainstModels } from '../../../src/call/tools/names.js';
import type { Tool } from '../../../src/call/tools/tool.js';

const tool = (name: string, parameters: Record<string, unknown> = { type: 'object' }): Tool => ({
  declaration: { name, description: 'x', parameters },
  timeoutMs: 1000,
  run: async () => ({ output: '' }),
});

describe('chosen', () => {
  const all = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

  it('takes all, or those that are named, in the order of their naming', () => {
    expect(chosen(all, undefined, 'the module x')).toEqual(all);
    expect(chosen(all, ['c', 'a'], 'the module x')).toEqual([{ name: 'c' }, { name: 'a' }]);
  });

  it('says what there is when a name is wrong', () => {
    expect(() => chosen(all, ['d'], 'the module x')).toThrow(
      expect.objectContaining({ message: 'the module x cannot be used: it has no tool d', hint: 'it has: a, b, c' }),
    );
  });
});

describe('holdAgainstModels', () => {
  it('is content with tools that a model can be shown', async () => {
    expect(await holdAgainstModels([tool('a'), tool('b-2_C')])).toEqual([]);
  });

  it('names tools whose arguments it cannot check', async () => {
    expect(await holdAgainstModels([tool('a', { type: 'object', not: { required: ['x'] } })])).toEqual([
      { name: 'a', reason: 'not is not supported in Zod (except { not: {} } for never)' },
    ]);
  });

  it.each<[readonly Tool[], string]>([
    [[tool('a'), tool('a')], 'the tool a cannot be used: the agent has another of this name'],
    [[tool('a b')], 'the tool a b cannot be used: its name is not made of letters, digits, "_" and "-", at most 64'],
    [[tool('')], 'the tool  cannot be used: its name is not made of letters, digits, "_" and "-", at most 64'],
    [[tool('a', {})], 'the tool a cannot be used: its parameters are not a JSON Schema of type object'],
  ])('refuses tools that a model would refuse (%#)', async (tools, message) => {
    await expect(holdAgainstModels(tools)).rejects.toThrow(message);
  });
});
