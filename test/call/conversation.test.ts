import { describe, expect, it } from 'vitest';
import { type CallPlan, oneAgent } from '../../src/call/plan.js';
import { silentLog } from '../../src/log.js';
import { recording, turn, WholeCall, type WholeCallOptions } from '../helpers/whole-call.js';

const talk = (options: WholeCallOptions = {}): Promise<WholeCall> => new WholeCall(options).talk();

describe('a greeting', () => {
  it('by the model is asked for when it is ready, with words of its own beside those of the session', async () => {
    const call = await talk({ greeting: { by: 'model', instructions: 'Say hello.', interruptible: true } });
    expect(call.told()).toEqual(['respond Be brief.\n\nSay hello.']);
    call.answers('r1', 'a', 900, 'Hello!');
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 900']);
    expect(call.told()).toEqual([]);
    expect(call.eventsOf('agent-said')).toEqual([
      { itemId: 'a', text: 'Hello!', startMs: 0, endMs: 900, interrupted: false, estimated: false },
    ]);
  });

  it('is not asked for when the caller is to speak first', async () => {
    const call = await talk();
    await call.pass(3_000);
    expect(call.told()).toEqual([]);
  });

  it('by a recording is heard before there is a model, which learns of it when it has been played', async () => {
    const by = recording('greeting', 1_000, 'Welcome to the shop.');
    const call = await talk({ greeting: { by, interruptible: true } });
    await call.pass(950);
    expect(call.told()).toEqual([]);
    await call.pass(100);
    expect(call.told()).toEqual(['agent Welcome to the shop.']);
    expect(call.ear()).toEqual(['greeting 1000']);
  });

  it('by a recording that is interrupted is known to the model as far as it was heard', async () => {
    const by = recording('greeting', 2_000, 'Welcome to the shop.');
    const call = await talk({ greeting: { by, interruptible: true } });
    await call.pass(1_000);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    expect(call.ear()).toEqual(['greeting 1000']);
    expect(call.told()).toEqual(['agent Welcome to']);
  });

  it('by a recording stands before the first words of the caller, also when it was played before the model was ready', async () => {
    const by = recording('greeting', 1_000, 'Welcome to the shop.');
    const call = new WholeCall({ greeting: { by, interruptible: true } }).start();
    await call.pass(2_000);
    call.media('AAEC');
    call.model.emit({ type: 'ready' });
    expect(call.model.said).toEqual(['agent Welcome to the shop.', 'audio AAEC']);
    await call.pass(3_000);
    expect(call.told()).toEqual(['agent Welcome to the shop.']);
  });

  it('by a recording that stands is known to the model at once, for what the caller says over it', async () => {
    const by = recording('greeting', 2_000, 'This call is recorded.');
    const call = await talk({ greeting: { by, interruptible: false } });
    expect(call.told()).toEqual(['agent This call is recorded.']);
    await call.pass(500);
    await call.speaks('u1', 800);
    call.answers('r1', 'a', 500);
    await call.pass(3_000);
    expect(call.ear()).toEqual(['greeting 2000', 'a 500']);
    expect(call.told()).toEqual([]);
  });

  it('by a recording that stands, and that an operator cuts short all the same, is corrected', async () => {
    const by = recording('greeting', 2_000, 'This call is recorded.');
    const call = await talk({ greeting: { by, interruptible: false } });
    call.told();
    await call.pass(1_000);
    call.operator.interrupt();
    await call.pass(100);
    expect(call.told()).toEqual(['system Your last answer was cut off. The caller has heard only this: "This call".']);
  });

  it('of the model that stands is heard to its end, and what was said over it is answered then', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: false } });
    expect(call.told()).toEqual(['respond']);
    call.says('r1', 'a', 1_000);
    await call.pass(200);
    await call.speaks('u1', 600);
    call.audio('r1', 'a', 500);
    await call.pass(100);
    expect(call.told()).toEqual([]);
    call.finishes('r1', 'a');
    expect(call.told()).toEqual(['respond']);
    call.answers('r2', 'b', 500);
    await call.pass(3_000);
    expect(call.ear()).toEqual(['a 1500', 'b 500']);
  });

  it('of the model that stands lets itself be interrupted again once it is over', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: false } });
    call.answers('r1', 'a', 1_000);
    await call.pass(1_100);
    call.answers('r2', 'b', 1_000);
    await call.pass(500);
    call.model.hearsSpeech('u1');
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 1000', 'b 500']);
  });

  it('of the model that stands does not make the agent deaf when its session breaks off', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: false } });
    call.says('r1', 'a', 500);
    await call.pass(100);
    call.sessions.closes('lost');
    await call.pass(500);
    call.sessions.ready();
    call.answers('r2', 'b', 2_000);
    await call.pass(600);
    call.model.hearsSpeech('u1');
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 500', 'b 600']);
  });
});

describe('a whole call', () => {
  it('is told in order, with its times', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true }, session: { transcription: {} } });
    call.answers('r1', 'a', 1_000, 'Hello, how can I help?');
    await call.pass(1_500);
    await call.speaks('u1', 800);
    call.model.emit({ type: 'caller-text', itemId: 'u1', text: 'When do you open?', final: true });
    call.answers('r2', 'b', 2_000, 'We open at nine in the morning.');
    await call.pass(1_000);
    call.press('1');
    await call.pass(1_500);
    call.answers('r3', 'c', 500, 'Done.');
    await call.pass(600);
    call.stops();
    expect(call.events.map((event) => (event.type === 'started' ? { ...event, startedAt: '' } : event))).toEqual([
      { atMs: 0, type: 'started', callSid: 'CA0', streamSid: 'MZ0', agent: 'agent', startedAt: '' },
      { atMs: 0, type: 'model', state: 'ready', tookMs: 0 },
      { atMs: 0, type: 'response-done', responseId: 'r1', status: 'completed' },
      {
        ...{ atMs: 1_000, type: 'agent-said', itemId: 'a', text: 'Hello, how can I help?', startMs: 0, endMs: 1_000 },
        ...{ interrupted: false, estimated: false },
      },
      {
        ...{ atMs: 2_300, type: 'caller-said', itemId: 'u1', text: 'When do you open?', final: true },
        ...{ startMs: 1_500, endMs: 2_300 },
      },
      { atMs: 2_300, type: 'response-done', responseId: 'r2', status: 'completed' },
      { atMs: 3_300, type: 'interrupted', cause: 'digit', unheardMs: 1_000 },
      {
        ...{ atMs: 3_300, type: 'agent-said', itemId: 'b', text: 'We open at', startMs: 2_300, endMs: 3_300 },
        ...{ interrupted: true, estimated: true, unheard: 'nine in the morning.' },
      },
      { atMs: 4_300, type: 'digits', digits: '1' },
      { atMs: 4_800, type: 'response-done', responseId: 'r3', status: 'completed' },
      {
        ...{ atMs: 5_300, type: 'agent-said', itemId: 'c', text: 'Done.', startMs: 4_800, endMs: 5_300 },
        ...{ interrupted: false, estimated: false },
      },
      { atMs: 5_400, type: 'ended', reason: 'caller' },
    ]);
  });

  it('tells the log of the relay nothing of what was said or pressed', async () => {
    const call = await talk({ session: { transcription: {} } });
    await call.speaks('u1', 800);
    call.model.emit({ type: 'caller-text', itemId: 'u1', text: 'secret', final: true });
    call.answers('r1', 'a', 500, 'secret');
    call.press('4');
    await call.pass(2_000);
    call.stops();
    expect(call.lines.join('')).not.toMatch(/secret|4\b/);
    expect(call.lines.at(-1)).toBe('info  call ended callSid=CA0 reason=caller\n');
  });

  it('does not touch another one that goes on beside it', async () => {
    const one = await talk();
    const other = await talk({ clock: one.clock });
    one.answers('r1', 'a', 2_000);
    other.answers('r1', 'b', 2_000);
    await one.pass(500);
    one.model.hearsSpeech('u1');
    one.stops();
    await one.pass(2_000);
    expect(one.ear()).toEqual(['a 500']);
    expect(other.ear()).toEqual(['b 2000']);
    expect(other.told()).toEqual([]);
    expect([one.ends, other.ends]).toEqual([['caller'], []]);
  });

  it('ends when it has lasted as long as it may', async () => {
    const call = await talk({ maxCallMs: 60_000 });
    await call.pass(59_999);
    expect(call.ends).toEqual([]);
    await call.pass(1);
    expect(call.ends).toEqual(['max-duration']);
    expect(call.model.said.at(-1)).toBe('close');
  });
});

describe('the state of a call', () => {
  it('goes from connecting over talking to ending, and what was commanded too early is done in its order', async () => {
    const talking = new WholeCall();
    let decide: (plan: CallPlan) => void = () => {};
    const planCall = (): Promise<CallPlan> =>
      new Promise((resolve) => {
        decide = resolve;
      });
    const call = new WholeCall({ planCall });
    expect([call.session.state, call.session.control('operator')]).toEqual(['connecting', undefined]);
    call.start();
    const { operator } = call;
    operator.inject('A fact.');
    operator.say('Hello.');
    const digits = operator.collectDigits({ maxDigits: 1, timeoutMs: 1_000 });
    expect([call.session.state, call.events]).toEqual(['connecting', []]);
    decide(
      await oneAgent(talking.sessions.open, { greeting: { by: 'none', interruptible: true } })(
        operator.info,
        silentLog,
      ),
    );
    await turn();
    talking.sessions.ready();
    expect(call.session.state).toBe('talking');
    expect(call.session.plan?.agent).toBe('agent');
    expect(talking.told()).toEqual(['system A fact.', expect.stringContaining('"Hello."')]);
    call.press('7');
    expect(await digits).toBe('7');
    operator.hangUp();
    expect(call.session.state).toBe('ending');
    call.stops();
    expect(call.eventsOf('steered').map((event) => 'command' in event && event.command)).toEqual([
      'inject',
      'say',
      'collect-digits',
      'hang-up',
    ]);
  });

  it('tells whoever waited for it when it never began to talk', async () => {
    const call = new WholeCall({ planCall: () => new Promise(() => {}) }).start();
    const digits = call.operator.collectDigits({ maxDigits: 1, timeoutMs: 1_000 });
    call.operator.say('Hello.');
    call.stops();
    await expect(digits).rejects.toMatchObject({ code: 'call-over' });
    expect(call.events).toEqual([{ atMs: 0, type: 'ended', reason: 'caller' }]);
  });

  it('says whose socket was lost', async () => {
    const call = await talk();
    call.session.onCarrierClosed();
    expect(call.ends).toEqual(['carrier-lost']);
  });
});
