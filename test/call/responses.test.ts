import { describe, expect, it } from 'vitest';
import { Responses } from '../../src/call/responses.js';

describe('the responses of a model', () => {
  it('is busy from the request to the end of the response', () => {
    const responses = new Responses();
    expect(responses.busy).toBe(false);
    responses.requested();
    expect(responses.busy).toBe(true);
    responses.started('a');
    expect(responses.active).toBe('a');
    responses.done('a');
    expect(responses.busy).toBe(false);
    expect(responses.active).toBeUndefined();
  });

  it('has no active response once it was killed, and is still busy', () => {
    const responses = new Responses();
    responses.started('a');
    responses.killActive();
    expect(responses.active).toBeUndefined();
    expect(responses.busy).toBe(true);
    expect(responses.isDead('a')).toBe(true);
  });

  it('drops a delta that straggles in after its response has ended', () => {
    const responses = new Responses();
    responses.started('a');
    responses.killActive();
    responses.done('a');
    expect(responses.isDead('a')).toBe(true);
    expect(responses.isDead('b')).toBe(false);
  });

  it('names the items of a dead response of which nothing was sent, and those only', () => {
    const responses = new Responses();
    responses.started('a');
    responses.sent('a', 'half-heard');
    responses.killActive();
    responses.dropped('a', 'half-heard');
    responses.dropped('a', 'never-sent');
    responses.dropped('a', 'never-sent');
    expect(responses.done('a')).toEqual(['never-sent']);
    expect(responses.done('a')).toEqual([]);
  });

  it('does not mourn a response that was finished before the interruption', () => {
    const responses = new Responses();
    responses.started('a');
    responses.sent('a', 'item');
    responses.done('a');
    responses.kill(['a']);
    expect(responses.active).toBeUndefined();
    expect(responses.done('a')).toEqual([]);
  });
});

describe('a model whose session is gone', () => {
  it('leaves no response alive, known or being made, and no request open', () => {
    const responses = new Responses();
    responses.started('a');
    responses.sent('a', 'item');
    responses.killActive();
    responses.started('b');
    responses.requested();
    responses.killAll();
    expect([responses.isDead('a'), responses.isDead('b'), responses.isDead('c')]).toEqual([true, true, false]);
    expect([responses.active, responses.busy]).toEqual([undefined, false]);
    responses.dropped('b', 'item');
    expect(responses.done('b')).toEqual([]);
  });
});
