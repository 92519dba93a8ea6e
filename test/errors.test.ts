import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, VoicebridgeError } from '../src/errors.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('the table of errors', () => {
  it.each(codes)('%s has one sentence without a full stop, and a hint', (code) => {
    const { sentence, hint } = ERRORS[code];
    expect(sentence).toMatch(/^\S.*[^.\s]$/s);
    expect(sentence).not.toContain('\n');
    expect(hint).toMatch(/^\S.*[^.\s]$/s);
  });

  it.each(codes)('%s ends with a code that fits whose fault it is', (code) => {
    const { fault, exit } = ERRORS[code];
    // Giving up a call that rings is the user's doing, but nothing they typed was wrong.
    const allowed = code === 'call-given-up' ? [3] : EXITS[fault];
    expect(allowed).toContain(exit);
  });
});

const EXITS = { user: [2], host: [2, 4], endpoint: [3], model: [3], voicebridge: [3] } as const;

describe('VoicebridgeError', () => {
  it('fills the details into sentence and hint', () => {
    const error = new VoicebridgeError('port-in-use', { host: '127.0.0.1', port: 80, command: 'serve', other: 81 });
    expect(error.message).toBe('port 80 on 127.0.0.1 is already in use');
    expect(error.hint).toBe('choose another: voicebridge serve --port 81');
    expect(error.exit).toBe(2);
    expect(error.fault).toBe('host');
  });

  it('leaves braces inside a value alone', () => {
    const error = new VoicebridgeError('usage', { message: 'unknown option {command}', command: 'bench' });
    expect(error.message).toBe('unknown option {command}');
    expect(error.hint).toBe('voicebridge bench --help');
  });

  it('points at the help of the program itself when no command is to blame', () => {
    const error = new VoicebridgeError('usage', { message: "unknown command 'x'", command: '' });
    expect(error.hint).toBe('voicebridge --help');
  });

  it('keeps its cause', () => {
    const cause = new Error('EADDRINUSE');
    expect(new VoicebridgeError('internal', { message: 'x' }, { cause }).cause).toBe(cause);
  });
});
