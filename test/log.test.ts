import { describe, expect, it } from 'vitest';
import { lineLog, logWith } from '../src/log.js';

describe('the log', () => {
  it('writes one line with its fields, quoting what would blur them and leaving out what is unknown', () => {
    const lines: string[] = [];
    const log = lineLog((line) => lines.push(line));
    log.info('interrupted', { cause: 'speech', unheardMs: 730, lost: undefined });
    log.warn('model error', { message: 'Audio content of 1ms is "short"' });
    log.error('line\nbreak', { a: 'x\ny' });
    expect(lines).toEqual([
      'info  interrupted cause=speech unheardMs=730\n',
      'warn  model error message="Audio content of 1ms is \\"short\\""\n',
      'error line break a="x\\ny"\n',
    ]);
  });

  it('lets no value speak to a terminal, or grow without end', () => {
    const lines: string[] = [];
    lineLog((line) => lines.push(line)).info('a call', { callSid: 'CA\u001b[31m\u009b\u202e', long: 'x'.repeat(1000) });
    expect(lines).toEqual([`info  a call callSid="CA\\u001b[31m" long=${'x'.repeat(300)}\n`]);
  });

  it('puts in front of each line what is known of where it comes from, once', () => {
    const lines: string[] = [];
    let callSid: string | undefined;
    const log = logWith(
      lineLog((line) => lines.push(line)),
      () => ({ callSid }),
    );
    log.info('stream open');
    callSid = 'CA1';
    log.warn('tool failed', { tool: 'book' });
    log.error('no agent', { callSid: 'CA1', reason: 'none' });
    expect(lines).toEqual([
      'info  stream open\n',
      'warn  tool failed callSid=CA1 tool=book\n',
      'error no agent callSid=CA1 reason=none\n',
    ]);
  });
});
