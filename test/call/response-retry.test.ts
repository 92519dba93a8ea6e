import { describe, expect, it } from 'vitest';
import { ResponseRetry } from '../../src/call/response-retry.js';
import type { ResponseStatus } from '../../src/model/model.js';

const done = (retry: ResponseRetry, responseId: string, status: ResponseStatus, reason?: string) =>
  retry.done({ type: 'response-done', responseId, status, ...(reason && { reason }) });

describe('a response that failed', () => {
  it('is asked for once more in the same way, and then given up', () => {
    const retry = new ResponseRetry();
    retry.asked({ instructions: 'Greet.' });
    retry.started('resp_1');
    expect(done(retry, 'resp_1', 'failed', 'server_error')).toEqual({
      type: 'again',
      options: { instructions: 'Greet.' },
      afterMs: 0,
    });
    retry.asked({ instructions: 'Greet.' });
    retry.started('resp_2');
    expect(done(retry, 'resp_2', 'failed', 'server_error')).toEqual({ type: 'fallback', reason: 'server_error' });
  });

  it('that nobody asked for is asked for plainly', () => {
    const retry = new ResponseRetry();
    retry.started('resp_1');
    expect(done(retry, 'resp_1', 'failed')).toEqual({ type: 'again', options: {}, afterMs: 0 });
  });

  it.each(['completed', 'cancelled', 'incomplete'] as const)('is forgotten after one that was %s', (status) => {
    const retry = new ResponseRetry();
    expect(done(retry, 'resp_1', 'failed').type).toBe('again');
    expect(done(retry, 'resp_2', status)).toEqual({ type: 'nothing' });
    expect(done(retry, 'resp_3', 'failed').type).toBe('again');
  });

  it('is forgotten with the session that made it', () => {
    const retry = new ResponseRetry();
    expect(done(retry, 'resp_1', 'failed').type).toBe('again');
    retry.reset();
    expect(done(retry, 'resp_2', 'failed').type).toBe('again');
  });

  it('waits until a limit is lifted, but not for long', () => {
    const limits = (remaining: number, resetSeconds: number) =>
      ({ type: 'rate-limits', limits: [{ name: 'tokens', remaining, resetSeconds }] }) as const;
    const soon = new ResponseRetry();
    soon.limits(limits(0, 1.5));
    expect(done(soon, 'resp_1', 'failed', 'rate_limit_exceeded')).toMatchObject({ type: 'again', afterMs: 1_500 });
    const unknown = new ResponseRetry();
    unknown.limits(limits(100, 30));
    expect(done(unknown, 'resp_1', 'failed', 'rate_limit_exceeded')).toMatchObject({ type: 'again', afterMs: 1_000 });
    const late = new ResponseRetry();
    late.limits(limits(0, 30));
    expect(done(late, 'resp_1', 'failed', 'rate_limit_exceeded').type).toBe('fallback');
  });

  it('is given up at once when asking again is in vain', () => {
    expect(done(new ResponseRetry(), 'resp_1', 'failed', 'insufficient_quota').type).toBe('fallback');
  });

  it('follows an error, too, which may mean that nothing begins; a second late enough that it would have', () => {
    const retry = new ResponseRetry();
    retry.asked({ instructions: 'Greet.' });
    expect(retry.refused('server_error')).toEqual({
      ...{ type: 'again', options: { instructions: 'Greet.' }, afterMs: 1_000 },
    });
    retry.asked({ instructions: 'Greet.' });
    expect(retry.refused('server_error')).toEqual({ type: 'fallback', reason: 'server_error' });
  });

  it('does not follow an error when nothing was asked for', () => {
    const retry = new ResponseRetry();
    expect(retry.refused('server_error')).toEqual({ type: 'nothing' });
    retry.asked({});
    retry.started('resp_1');
    expect(retry.refused('server_error')).toEqual({ type: 'nothing' });
  });
});
