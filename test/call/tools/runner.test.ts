import { beforeAll, describe, expect, it } from 'vitest';
import type { CallEventBody } from '../../../src/call/events.js';
import { readArguments } from '../../../src/call/tools/arguments.js';
import { type ToolAnswer, ToolRunner, type ToolRunnerOptions } from '../../../src/call/tools/runner.js';
import { type Filler, type Tool, type ToolContext, ToolError, type ToolResult } from '../../../src/call/tools/tool.js';
import { lineLog } from '../../../src/log.js';
import { CALL, fakeControl } from '../../helpers/fake-control.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

const ANYTHING = { type: 'object' };

function tool(name: string, run: Tool['run'], more: Partial<Tool> = {}): Tool {
  return { declaration: { name, description: name, parameters: ANYTHING }, timeoutMs: 5000, run, ...more };
}

/** A tool whose end the test decides. */
function byHand(name: string, more: Partial<Tool> = {}) {
  let answer: (result: ToolResult) => void = () => {};
  let context: ToolContext | undefined;
  const made = tool(
    name,
    (_args, given) => {
      context = given;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    more,
  );
  return { tool: made, answer: (output: string) => answer({ output }), context: () => context };
}

function run(tools: readonly Tool[], more: Partial<ToolRunnerOptions> = {}) {
  const clock = new VirtualClock();
  const control = fakeControl();
  const results: (readonly ToolAnswer[])[] = [];
  const events: CallEventBody[] = [];
  const fillers: [Filler['play'], string][] = [];
  const lines: string[] = [];
  const runner = new ToolRunner({
    ...{ tools, clock, control, call: CALL, log: lineLog((line) => lines.push(line)) },
    onResults: (answers) => results.push(answers),
    onFiller: (filler, callId) => fillers.push([filler.play, callId]),
    onEvent: (event) => events.push(event),
    ...more,
  });
  return {
    ...{ runner, clock, control, results, events, fillers, lines },
    call: (callId: string, name: string, args = '{}', responseId = 'r1') =>
      runner.called({ responseId, callId, name, args }),
    /** Lets everything happen that can without time going by. */
    async settle(ms = 0): Promise<void> {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const greet = tool('greet', async (args) => ({ output: `hello ${String(args.name)}` }));

describe('ToolRunner', () => {
  // Loads the validator, which is not there from the beginning.
  beforeAll(() => readArguments(ANYTHING, '{}'));

  it('runs a tool after the event that asked for it, and answers when the response has ended', async () => {
    let started = false;
    const call = run([
      tool('greet', async (args, { callId }) => {
        started = true;
        return { output: `${callId}: hello ${String(args.name)}` };
      }),
    ]);
    call.call('c1', 'greet', '{"name":"Ada"}');
    expect(started).toBe(false);
    await call.settle();
    expect(started).toBe(true);
    expect(call.results).toEqual([]);
    call.runner.responseDone('r1');
    expect(call.results).toEqual([[{ callId: 'c1', name: 'greet', output: 'c1: hello Ada', respond: true }]]);
    expect(call.runner.running).toBe(0);
  });

  it('runs the tools of one response side by side, and answers in the order of the calls, all at once', async () => {
    const slow = byHand('slow');
    const call = run([slow.tool, greet]);
    call.call('c1', 'slow');
    call.call('c2', 'greet', '{"name":"Ada"}');
    call.runner.responseDone('r1');
    await call.settle();
    expect(call.runner.running).toBe(1);
    expect(call.results).toEqual([]);
    slow.answer('at last');
    await call.settle();
    expect(call.results.map((answers) => answers.map(({ callId, output }) => [callId, output]))).toEqual([
      [
        ['c1', 'at last'],
        ['c2', 'hello Ada'],
      ],
    ]);
  });

  it('lets a later response be answered before a slow earlier one', async () => {
    const slow = byHand('slow');
    const call = run([slow.tool, greet]);
    call.call('c1', 'slow', '{}', 'r1');
    call.runner.responseDone('r1');
    call.call('c2', 'greet', '{"name":"Ada"}', 'r2');
    call.runner.responseDone('r2');
    await call.settle();
    slow.answer('at last');
    await call.settle();
    expect(call.results.map((answers) => answers[0]!.callId)).toEqual(['c2', 'c1']);
  });

  it('answers a call that is told of only after its response has ended', async () => {
    const call = run([greet]);
    call.runner.responseDone('r1');
    call.call('c1', 'greet');
    await call.settle();
    expect(call.results).toHaveLength(1);
  });

  it('runs the same call once', async () => {
    let times = 0;
    const call = run([tool('count', async () => ({ output: String(++times) }))]);
    call.call('c1', 'count');
    call.call('c1', 'count');
    call.runner.responseDone('r1');
    await call.settle();
    call.call('c1', 'count', '{}', 'r2');
    await call.settle();
    expect(times).toBe(1);
    expect(call.results).toHaveLength(1);
  });

  it('says of a tool that it wants no response', async () => {
    const call = run([tool('wait', async () => ({ output: '{}', respond: false })), greet]);
    call.call('c1', 'wait');
    call.call('c2', 'greet');
    call.runner.responseDone('r1');
    await call.settle();
    expect(call.results[0]!.map(({ respond }) => respond)).toEqual([false, true]);
  });

  it.each<[string, Tool, string, string, string]>([
    ['no such tool', greet, 'great', '{}', '{"error":"there is no tool great"}'],
    ['arguments that are not JSON', greet, 'greet', '{', '{"error":"the arguments are not JSON"}'],
    [
      'arguments that do not fit',
      {
        ...greet,
        declaration: {
          ...greet.declaration,
          parameters: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        },
      },
      'greet',
      '{}',
      '{"error":"the arguments do not fit: name: Invalid input: expected string, received undefined"}',
    ],
    [
      'an error that is meant for it',
      tool('greet', () => Promise.reject(new ToolError('she is not in'))),
      'greet',
      '{}',
      '{"error":"she is not in"}',
    ],
    [
      'an error that is not',
      tool('greet', () => Promise.reject(new Error('https://user:key@host refused'))),
      'greet',
      '{}',
      '{"error":"the tool failed"}',
    ],
    [
      'a tool that throws at once',
      tool('greet', () => {
        throw new TypeError('x is undefined');
      }),
      'greet',
      '{}',
      '{"error":"the tool failed"}',
    ],
  ])('tells the model of %s', async (_what, made, name, args, output) => {
    const call = run([made]);
    call.call('c1', name, args);
    call.runner.responseDone('r1');
    await call.settle();
    expect(call.results).toEqual([[{ callId: 'c1', name, output, respond: true }]]);
    expect(call.events.at(-1)).toMatchObject({ type: 'tool-finished', outcome: 'failed', output });
  });

  it('logs where an unforeseen error came from, and never what it said', async () => {
    const call = run([tool('greet', () => Promise.reject(new RangeError('+15550001111 is no day')))]);
    call.call('c1', 'greet', '{"name":"+15550001111"}');
    await call.settle();
    expect(call.lines[0]).toMatch(/^warn {2}tool failed tool=greet error=RangeError at=\S*runner\.test\.ts:\d+:\d+\n$/);
    expect(call.lines.join('')).not.toContain('+1555');
  });

  it('gives a tool its time, then tells it to stop and the model that it failed', async () => {
    const slow = byHand('slow', { timeoutMs: 2500 });
    const call = run([slow.tool]);
    call.call('c1', 'slow');
    call.runner.responseDone('r1');
    await call.settle();
    await call.settle(2499);
    expect(slow.context()!.signal.aborted).toBe(false);
    await call.settle(1);
    expect(slow.context()!.signal.aborted).toBe(true);
    expect(call.results[0]![0]!.output).toBe('{"error":"the tool did not answer within 2.5 s"}');
    expect(call.events.at(-1)).toMatchObject({ type: 'tool-finished', outcome: 'timeout', tookMs: 2500 });
    slow.answer('too late');
    await call.settle();
    expect(call.results).toHaveLength(1);
  });

  it('stops every tool when the call ends, and hears nothing more of them', async () => {
    const slow = byHand('slow', { filler: { afterMs: 1000, play: 'tone' } });
    const call = run([slow.tool]);
    call.call('c1', 'slow');
    call.runner.responseDone('r1');
    await call.settle();
    call.call('c2', 'slow');
    call.runner.end();
    call.runner.end();
    expect(slow.context()!.signal.aborted).toBe(true);
    expect(call.events.slice(2)).toEqual([
      { type: 'tool-finished', callId: 'c1', name: 'slow', outcome: 'cancelled', tookMs: 0 },
      { type: 'tool-finished', callId: 'c2', name: 'slow', outcome: 'cancelled', tookMs: 0 },
    ]);
    slow.answer('too late');
    call.call('c3', 'slow');
    await call.settle(60_000);
    expect(call.results).toEqual([]);
    expect(call.fillers).toEqual([]);
    expect(call.events).toHaveLength(4);
    expect(call.runner.running).toBe(0);
  });

  it('answers as soon as it can when the model that asked is gone', async () => {
    const slow = byHand('slow');
    const call = run([slow.tool, greet]);
    call.call('c1', 'slow', '{}', 'r1');
    call.call('c2', 'greet', '{}', 'r2');
    await call.settle();
    call.runner.modelLost();
    expect(call.results.map((answers) => answers[0]!.callId)).toEqual(['c2']);
    slow.answer('at last');
    await call.settle();
    expect(call.results.map((answers) => answers[0]!.callId)).toEqual(['c2', 'c1']);
  });

  it('cuts an output that is too long, and says so', async () => {
    const call = run([tool('long', async () => ({ output: 'x'.repeat(101) }))], { maxOutputBytes: 100 });
    call.call('c1', 'long');
    call.runner.responseDone('r1');
    await call.settle();
    expect(call.results[0]![0]!.output).toBe(`${'x'.repeat(100)}\n[cut: the first 100 of 101 bytes]`);
  });

  it('refuses to run any number of tools at once', async () => {
    const slow = byHand('slow');
    const call = run([slow.tool]);
    for (let i = 1; i <= 17; i++) call.call(`c${i}`, 'slow');
    await call.settle();
    expect(call.runner.running).toBe(16);
    expect(call.events.at(-1)).toMatchObject({ callId: 'c17', output: '{"error":"too many tools are running"}' });
  });

  it('tells what was called and what came of it', async () => {
    const call = run([greet]);
    call.call('c1', 'greet', '{"name":"Ada"}');
    await call.settle();
    expect(call.events).toEqual([
      { type: 'tool-started', callId: 'c1', name: 'greet', args: '{"name":"Ada"}' },
      { type: 'tool-finished', callId: 'c1', name: 'greet', outcome: 'ok', output: 'hello Ada', tookMs: 0 },
    ]);
    expect(call.lines).toEqual([]);
  });

  describe('plays a filler', () => {
    const LOOKING: Filler = { afterMs: 800, play: { say: 'One moment, I am looking.' } };
    const TONE: Filler = { afterMs: 1500, play: 'tone' };

    it('once, when a tool has taken its time', async () => {
      const slow = byHand('slow', { filler: LOOKING });
      const call = run([slow.tool]);
      call.call('c1', 'slow');
      await call.settle(799);
      expect(call.fillers).toEqual([]);
      await call.settle(1);
      expect(call.fillers).toEqual([[{ say: 'One moment, I am looking.' }, 'c1']]);
      expect(call.events.at(-1)).toEqual({ type: 'filler', callId: 'c1' });
      await call.settle(4000);
      expect(call.fillers).toHaveLength(1);
    });

    it('not for a tool that was fast enough', async () => {
      const fast = byHand('fast', { filler: LOOKING });
      const call = run([fast.tool]);
      call.call('c1', 'fast');
      await call.settle(799);
      fast.answer('here');
      await call.settle();
      await call.settle(1000);
      expect(call.fillers).toEqual([]);
    });

    it('once for all tools that run at that moment', async () => {
      const one = byHand('one', { filler: LOOKING });
      const two = byHand('two', { filler: TONE });
      const call = run([one.tool, two.tool]);
      call.call('c1', 'one');
      call.call('c2', 'two');
      await call.settle(4000);
      expect(call.fillers.map(([, callId]) => callId)).toEqual(['c1']);
    });

    it('again for a tool that was called after it', async () => {
      const one = byHand('one', { filler: LOOKING });
      const two = byHand('two', { filler: TONE });
      const call = run([one.tool, two.tool]);
      call.call('c1', 'one', '{}', 'r1');
      await call.settle(1000);
      call.call('c2', 'two', '{}', 'r2');
      await call.settle(1499);
      expect(call.fillers).toHaveLength(1);
      await call.settle(1);
      expect(call.fillers.at(-1)).toEqual(['tone', 'c2']);
    });
  });
});
