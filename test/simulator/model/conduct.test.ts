import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resample.js';
import { faultsOf } from '../../../src/simulator/model/faults.js';
import { parseModelScript } from '../../../src/simulator/model/script/file.js';
import { Stage } from './stage.js';

beforeAll(loadResampler);

/** What became of the first answer of a script. */
function first(answer: string): Stage {
  const stage = new Stage({}, { script: `responses:\n  - ${answer}\n  - say: Next.` });
  stage.turn();
  stage.settle();
  return stage;
}

const sentMs = (stage: Stage): number =>
  stage.events
    .filter(({ type }) => type === 'response.output_audio.delta')
    .reduce((sum, { delta }) => sum + Buffer.byteLength(delta, 'base64') / 8, 0);

const LONG = 'say: {text: A long line., tone: {hz: 300, ms: 4000}}';

describe('a response of a script', () => {
  it('thinks as long as it is told', () => {
    const stage = first(`think: 1500ms\n    ${LONG}`);
    const [delta] = stage.events.filter(({ type }) => type === 'response.output_audio.delta');
    expect(delta!.atMs - stage.last('response.created').atMs).toBe(1500);
  });

  it.each([
    ['true', 'server_error'],
    ['rate_limit_exceeded', 'rate_limit_exceeded'],
    ['{code: odd}', 'odd'],
  ])('fails with %s before a sound', (written, code) => {
    const stage = first(`fail: ${written}\n    ${LONG}`);
    expect(stage.last('response.done').response).toMatchObject({
      status: 'failed',
      status_details: { type: 'failed', error: { code } },
      output: [],
    });
    expect(stage.trace.find(({ type }) => type === 'response-done')).toMatchObject({ status: 'failed', reason: code });
  });

  it('fails in the middle', () => {
    const stage = first(`fail: {after: 1s}\n    ${LONG}`);
    expect(stage.last('response.done').response).toMatchObject({
      status: 'failed',
      output: [{ status: 'incomplete' }],
    });
    expect(sentMs(stage)).toBeGreaterThanOrEqual(1000);
    expect(sentMs(stage)).toBeLessThan(1500);
  });

  it('ends incomplete for a reason', () => {
    const stage = first(`incomplete: {after: 1s, reason: content_filter}\n    ${LONG}`);
    expect(stage.last('response.done').response).toMatchObject({
      status: 'incomplete',
      status_details: { type: 'incomplete', reason: 'content_filter' },
    });
  });

  it('pauses, drops the connection or lets the session expire in the middle', () => {
    const stalled = first(`stall: {after: 1s, for: 3s}\n    ${LONG}`);
    const times = stalled.events.filter(({ type }) => type === 'response.output_audio.delta').map(({ atMs }) => atMs);
    expect(Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)))).toBeGreaterThanOrEqual(3000);

    const dropped = first(`drop: {after: 1s, code: 1011}\n    ${LONG}`);
    expect([dropped.drops, sentMs(dropped) < 1500]).toEqual([[1011], true]);
    expect(first(`drop: {after: 1s}\n    ${LONG}`).drops).toEqual([undefined]);
    const expired = first(`expire: {after: 1s}\n    ${LONG}`);
    expect([expired.drops, sentMs(expired) < 1500]).toEqual([[1001], true]);
    expect(expired.types()).not.toContain('response.done');
  });

  it('never says anything, until it is cancelled, and goes on late after that', () => {
    const silent = first(`silent: true\n    ${LONG}`);
    expect(sentMs(silent)).toBe(0);

    const late = new Stage({}, { script: `responses: [{lateDeltas: 300ms, ${LONG}}]` });
    late.turn();
    late.clock.advance(401);
    late.hear(20, 'speech-started');
    const cancelledAt = late.clock.now();
    late.settle();
    expect(late.last('response.done').atMs).toBe(cancelledAt + 300);
    expect(late.last('response.output_audio.delta').atMs).toBeGreaterThan(cancelledAt);
  });

  it('has several messages, each an item of its own that can be truncated', () => {
    const stage = first(
      'output: [{say: {text: One., tone: {hz: 300, ms: 600}}}, {say: {text: Two., tone: {hz: 400, ms: 700}}}]',
    );
    const { output } = stage.last('response.done').response;
    expect(output.map(({ content }: { content: { transcript: string }[] }) => content[0]!.transcript)).toEqual([
      'One.',
      'Two.',
    ]);
    stage.send({ type: 'conversation.item.truncate', item_id: output[0].id, content_index: 0, audio_end_ms: 601 });
    expect(stage.last('error').error.message).toBe('Audio content of 600ms is already shorter than 601ms');
    stage.send({ type: 'conversation.item.truncate', item_id: output[1].id, content_index: 0, audio_end_ms: 350 });
    expect(stage.session.memory()).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'One.', said: 'One.', audioMs: 600, truncated: false },
      { role: 'assistant', said: '', audioMs: 350, truncated: true },
    ]);
    expect(stage.session.memory()[2]).not.toHaveProperty('text');
  });
});

describe('how a session misbehaves', () => {
  const script = parseModelScript(
    'sessions:\n  - {speechStartedTwice: true, lateDeltas: 50ms}\n  - {session: 2, refuse: 503, lateDeltas: 80ms}\n  - {session: 3, drop: {after: 2s}, rateLimits: [{name: requests, remaining: 0, reset: 20s}]}',
  );

  it('adds up: what holds for all, and what holds for the n-th', () => {
    expect(faultsOf({ ignoreClose: true }, script, 1)).toEqual({
      ignoreClose: true,
      speechStartedTwice: true,
      lateDeltasMs: 50,
    });
    expect(faultsOf({}, script, 2)).toEqual({ speechStartedTwice: true, refuse: 503, lateDeltasMs: 80 });
    expect(faultsOf({}, script, 3)).toMatchObject({
      dropAfter: { ms: 2000 },
      rateLimits: [{ name: 'requests', limit: 0, remaining: 0, reset_seconds: 20 }],
    });
  });

  it('shows its limits after every response', () => {
    const stage = new Stage(faultsOf({}, script, 3));
    stage.turn();
    stage.settle();
    expect(stage.last('rate_limits.updated').rate_limits).toEqual([
      { name: 'requests', limit: 0, remaining: 0, reset_seconds: 20 },
    ]);
  });

  it('may not know how to truncate', () => {
    const stage = new Stage({ refuseTruncate: true });
    stage.turn();
    stage.settle();
    const { item_id } = stage.last('response.output_audio.done');
    stage.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: 100 });
    expect(stage.last('error').error.code).toBe('invalid_value');
    expect(stage.trace.find(({ type }) => type === 'truncate')).toHaveProperty('refused');
    expect(stage.session.memory()[1]).toMatchObject({ truncated: false, audioMs: 1200 });
  });
});
