import { describe, expect, it } from 'vitest';
import { reportFailure } from '../../src/cli/failure.js';
import { VoicebridgeError } from '../../src/errors.js';
import { testWorld } from '../helpers/world.js';

describe('reportFailure', () => {
  it('prints sentence and hint and returns the exit code', async () => {
    const world = testWorld();
    const error = new VoicebridgeError('connect-refused', { url: 'ws://127.0.0.1:1/' });
    expect(await reportFailure(error, world, false)).toBe(3);
    expect(world.err()).toBe(
      'error: ws://127.0.0.1:1/ refused the connection\n' +
        'hint: is the server running, and on that port? voicebridge serve starts one\n',
    );
    expect(world.out()).toBe('');
  });

  it('calls what nobody foresaw internal, and keeps the stack for those who ask', async () => {
    const quiet = testWorld();
    expect(await reportFailure(new TypeError('x is not a function'), quiet, false)).toBe(3);
    expect(quiet.err()).toBe(
      'error: voicebridge failed in a way it should not: x is not a function\n' +
        'hint: please report this with the command you typed\n',
    );
    const debug = testWorld({ env: { VOICEBRIDGE_DEBUG: '1' } });
    const cause = new Error('the cause');
    await reportFailure(new TypeError('x is not a function', { cause }), debug, false);
    expect(debug.err()).toMatch(/TypeError: x is not a function\n {4}at .*caused by Error: the cause\n {4}at /s);
  });

  it.each([
    [undefined, 'undefined'],
    ['text', 'text'],
    [new Error(''), 'no message'],
  ])('survives being thrown %s', async (thrown, message) => {
    const world = testWorld();
    await reportFailure(thrown, world, true);
    expect(JSON.parse(world.out()).error).toMatchObject({
      code: 'internal',
      message: `voicebridge failed in a way it should not: ${message}`,
      exitCode: 3,
    });
  });
});
