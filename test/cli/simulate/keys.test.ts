import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { listenToKeys } from '../../../src/cli/simulate/keys.js';
import { testWorld } from '../../helpers/world.js';

function keyboard(isTTY = true) {
  const done: string[] = [];
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (on: boolean) => void raw.push(on) });
  const restore = listenToKeys(
    { ...testWorld(), stdin },
    {
      digit: (digit) => done.push(digit),
      mute: () => done.push('mute'),
      halfDuplex: () => done.push('half-duplex'),
      hangUp: () => done.push('hang up'),
    },
  );
  const type = async (text: string): Promise<void> => {
    stdin.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { done, raw, stdin, restore, type };
}

describe('the keyboard during a call', () => {
  it('dials, mutes, switches and hangs up, each with one key', async () => {
    const { done, type, restore } = keyboard();
    for (const text of ['1#', '*', 'm', 'H', 'q', '\x03', '\x04']) await type(text);
    expect(done).toEqual(['1', '#', '*', 'mute', 'half-duplex', 'hang up', 'hang up', 'hang up']);
    restore?.();
  });

  it('does nothing on other keys, arrows and function keys', async () => {
    const { done, type, restore } = keyboard();
    for (const text of ['x', '\r', ' ', '\x1b[A', '\x1bOq', '\x1b[15~', 'é']) await type(text);
    expect(done).toEqual([]);
    restore?.();
  });

  it('is given back as it was, once', async () => {
    const { done, raw, stdin, restore, type } = keyboard();
    restore?.();
    restore?.();
    expect(raw).toEqual([true, false]);
    await type('5');
    expect(done).toEqual([]);
    expect(stdin.isPaused()).toBe(true);
  });

  it('is given back when the process ends in the middle of a call', () => {
    const before = process.listeners('exit');
    const { raw } = keyboard();
    const [onExit, ...more] = process.listeners('exit').filter((listener) => !before.includes(listener));
    expect(more).toEqual([]);
    (onExit as () => void)();
    expect(raw).toEqual([true, false]);
    expect(process.listeners('exit')).toEqual(before);
  });

  it('is left alone when the input is no terminal', () => {
    const { raw, restore } = keyboard(false);
    expect(restore).toBeUndefined();
    expect(raw).toEqual([]);
  });
});
