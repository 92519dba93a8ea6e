import { describe, expect, it } from 'vitest';
import { CallUsage } from '../../src/call/usage.js';

describe('what a call has used', () => {
  it('is added up over its responses, and counts nothing that was not told', () => {
    const usage = new CallUsage();
    const done = { type: 'response-done', status: 'completed' } as const;
    usage.event({ ...done, responseId: 'resp_1', usage: { inputTokens: 100, outputTokens: 20, cachedTokens: 0 } });
    usage.event({ ...done, responseId: 'resp_2', usage: { inputTokens: 150, outputAudioTokens: 30 } });
    usage.event({ ...done, responseId: 'resp_3' });
    expect(usage.summary()).toEqual({
      responses: 3,
      failed: 0,
      tokens: { inputTokens: 250, outputTokens: 20, outputAudioTokens: 30, cachedTokens: 0 },
      limits: [],
      errors: {},
      retries: 0,
      switches: 0,
    });
    expect(new CallUsage().summary().tokens).toEqual({});
  });

  it('has the last limits, and the errors by their code', () => {
    const usage = new CallUsage();
    usage.event({ type: 'rate-limits', limits: [{ name: 'tokens', remaining: 9, resetSeconds: 1 }] });
    usage.event({ type: 'rate-limits', limits: [{ name: 'tokens', remaining: 4, resetSeconds: 2 }] });
    usage.event({ type: 'error', code: 'invalid_value', message: '', benign: false });
    usage.event({ type: 'error', code: 'invalid_value', message: '', benign: true });
    usage.event({ type: 'response-done', responseId: 'resp_1', status: 'failed', reason: 'rate_limit_exceeded' });
    usage.event({ type: 'retrying', reason: 'gone', inMs: 0 });
    usage.event({ type: 'switched', reason: 'lost', wasResponding: false });
    expect(usage.summary()).toMatchObject({
      responses: 1,
      failed: 1,
      limits: [{ name: 'tokens', remaining: 4, resetSeconds: 2 }],
      errors: { invalid_value: 2, rate_limit_exceeded: 1 },
      retries: 1,
      switches: 1,
    });
  });
});
