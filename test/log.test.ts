import { describe, expect, it } from 'vitest';
import { lineLog } from '../src/log.js';

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
});
