import { describe, expect, it } from 'vitest';
import type { CallControl } from '../../src/call/control.js';
import { DEFAULT_BARGE_IN } from '../../src/call/plan.js';
import { collectDigits, hangUp, transfer } from '../../src/call/tools/builtin.js';
import { type Filler, type Tool, ToolError } from '../../src/call/tools/tool.js';
import type { CarrierRest } from '../../src/carrier/carrier.js';
import { VoicebridgeError } from '../../src/errors.js';
import { VirtualClock } from '../helpers/virtual-clock.js';
import { recording, slowTool, WholeCall, type WholeCallOptions } from '../helpers/whole-call.js';

/** A call with a tool `look_up` that takes 3 s. */
function slow(filler?: Filler['play'], options: WholeCallOptions = {}): Promise<WholeCall> {
  const clock = new VirtualClock(5_000);
  const tool = slowTool(
    clock,
    'look_up',
    3_000,
    filler === undefined ? {} : { filler: { afterMs: 800, play: filler } },
  );
  return new WholeCall({ clock, tools: [tool], ...options }).talk();
}

function withTools(tools: readonly Tool[], options: WholeCallOptions = {}): Promise<WholeCall> {
  return new WholeCall({ clock: new VirtualClock(5_000), tools, ...options }).talk();
}

/** A tool that does something with the call. */
function acts(name: string, run: (control: CallControl) => unknown, more: Partial<Tool> = {}): Tool {
  const declaration = { name, description: name, parameters: { type: 'object' } };
  return {
    declaration,
    timeoutMs: 60_000,
    run: async (_args, { control }) => ({ output: String(await run(control)) }),
    ...more,
  };
}

/** The model calls a tool, and says nothing else. */
function calls(call: WholeCall, responseId: string, callId: string, name: string, args = '{}'): void {
  call.model.starts(responseId);
  call.model.calls(responseId, callId, name, args);
  call.model.ends(responseId);
}

describe('a tool of 3 s', () => {
  it('is answered by its result and one request for a response', async () => {
    const call = await slow();
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(2_999);
    expect(call.told()).toEqual([]);
    await call.pass(1);
    expect(call.told()).toEqual(['result c1 look_up done', 'respond']);
    call.answers('r2', 'a', 500);
    await call.pass(5_000);
    expect(call.told()).toEqual([]);
    expect(call.ear()).toEqual(['a 500']);
  });

  it('lets a soft tone be heard until the answer comes, which does not wait for its end', async () => {
    const call = await slow('tone');
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(800);
    expect(call.ear()).toEqual([]);
    await call.pass(2_200);
    expect(call.ear()).toEqual(['tone 2200']);
    call.answers('r2', 'a', 500);
    await call.pass(5_000);
    expect(call.ear()).toEqual(['a 500']);
    expect(call.eventsOf('filler')).toEqual([{ callId: 'c1' }]);
    expect(call.told()).toEqual(['result c1 look_up done', 'respond']);
  });

  it('lets a recording be heard once, of which the model learns', async () => {
    const call = await slow(recording('moment', 900, 'One moment, please.'));
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(3_000);
    expect(call.ear()).toEqual(['moment 900']);
    expect(call.told()).toEqual(['agent One moment, please.', 'result c1 look_up done', 'respond']);
  });

  it('does not play a recording over the caller, but as soon as they are silent', async () => {
    const call = await slow(recording('moment', 900, 'One moment, please.'));
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(500);
    await call.speaks('u1', 700);
    expect(call.ear()).toEqual([]);
    await call.pass(1_100);
    expect(call.ear()).toEqual(['moment 900']);
  });

  it('has the model say a line, and then asks for the answer, once', async () => {
    const call = await slow({ say: 'One moment.' });
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(800);
    const line = 'respond Be brief.\n\nSay exactly this, and nothing else: "One moment." tools=none';
    expect(call.told()).toEqual([line]);
    call.says('r2', 'moment', 900);
    await call.pass(2_500);
    // The line is still being made.
    expect(call.told()).toEqual(['result c1 look_up done']);
    call.finishes('r2', 'moment');
    expect(call.told()).toEqual(['respond']);
    call.answers('r3', 'a', 500);
    await call.pass(5_000);
    expect(call.ear()).toEqual(['moment 900', 'a 500']);
    expect(call.told()).toEqual([]);
  });

  it('has no line said any more when the result was there before the line could be', async () => {
    const call = await slow({ say: 'One moment.' });
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(500);
    await call.speaks('u1', 3_000);
    expect(call.told()).toEqual(['result c1 look_up done']);
    call.answers('r2', 'a', 500);
    await call.pass(5_000);
    expect(call.told()).toEqual([]);
  });

  it('lets what the caller says meanwhile be answered, and then its own result', async () => {
    const call = await slow('tone');
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(1_000);
    await call.speaks('u1', 600);
    call.answers('r2', 'a', 700);
    await call.pass(1_400);
    expect(call.told()).toEqual(['result c1 look_up done', 'respond']);
    call.answers('r3', 'b', 500);
    await call.pass(3_000);
    expect(call.ear()).toEqual(['tone 200', 'a 700', 'tone 700', 'b 500']);
    expect(call.told()).toEqual([]);
  });

  it('is told while the caller speaks, and answered together with what they say', async () => {
    const call = await slow();
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(2_500);
    await call.speaks('u1', 1_000);
    expect(call.told()).toEqual(['result c1 look_up done']);
    await call.pass(300);
    call.answers('r2', 'a', 500);
    await call.pass(5_000);
    expect(call.told()).toEqual([]);
  });

  it('is told while the caller speaks, and asked for once when the model does not answer by itself', async () => {
    const call = await slow(undefined, { bargeIn: { ...DEFAULT_BARGE_IN, minSpeechMs: 200 } });
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(2_500);
    await call.speaks('u1', 1_000);
    expect(call.told()).toEqual(['result c1 look_up done', 'respond']);
    call.answers('r2', 'a', 500);
    await call.pass(5_000);
    expect(call.told()).toEqual([]);
  });

  it('is asked for after all when the caller only coughed', async () => {
    const call = await slow();
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(2_500);
    await call.speaks('u1', 600);
    await call.pass(1_499);
    expect(call.told()).toEqual(['result c1 look_up done']);
    await call.pass(1);
    expect(call.told()).toEqual(['respond']);
  });

  it('is told while another response is being made, and asked for when that is done', async () => {
    const call = await slow();
    calls(call, 'r1', 'c1', 'look_up');
    await call.speaks('u1', 600);
    call.says('r2', 'a', 3_000);
    await call.pass(2_500);
    expect(call.told()).toEqual(['result c1 look_up done']);
    call.finishes('r2', 'a');
    expect(call.told()).toEqual(['respond']);
  });

  it('is asked for again when the model had just begun a response by itself, which knew nothing of it', async () => {
    const call = await slow();
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(3_000);
    expect(call.told()).toEqual(['result c1 look_up done', 'respond']);
    call.model.starts('r2');
    call.model.emit({
      ...{ type: 'error', code: 'conversation_already_has_active_response', message: 'r2 is being made', benign: true },
    });
    call.audio('r2', 'a', 500);
    expect(call.told()).toEqual([]);
    call.finishes('r2', 'a');
    expect(call.told()).toEqual(['respond']);
    call.answers('r3', 'b', 500);
    await call.pass(3_000);
    expect(call.told()).toEqual([]);
  });

  it('leaves nothing behind when the call ends before it', async () => {
    let finished: () => void = () => {};
    const tool = acts(
      'look_up',
      (control) =>
        new Promise<void>((resolve) => {
          finished = () => {
            control.say('Too late.');
            control.hangUp();
            control.collectDigits({ maxDigits: 1, timeoutMs: 5_000 }).catch((error) => outcomes.push(error.code));
            control.transfer({ url: 'https://h/x' }).catch((error) => outcomes.push(error.code));
            resolve();
          };
        }),
    );
    const outcomes: string[] = [];
    const call = await withTools([tool]);
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(1_000);
    call.stops();
    finished();
    await call.pass(10);
    expect(call.told()).toEqual(['close']);
    expect(outcomes).toEqual(['call-over', 'call-over']);
    expect(call.eventsOf('tool-finished')).toEqual([
      { callId: 'c1', name: 'look_up', outcome: 'cancelled', tookMs: 1_000 },
    ]);
    expect(call.events.at(-1)).toEqual({ atMs: 1_000, type: 'ended', reason: 'caller' });
    expect(call.clock.pending).toBe(0);
  });
});

describe('tools', () => {
  it('of one response are answered together, in the order in which they were called', async () => {
    const clock = new VirtualClock(5_000);
    const tools = [slowTool(clock, 'slow', 2_000), slowTool(clock, 'quick', 500)];
    const call = await new WholeCall({ clock, tools }).talk();
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'slow');
    call.model.calls('r1', 'c2', 'quick');
    call.model.ends('r1');
    await call.pass(1_999);
    expect(call.told()).toEqual([]);
    await call.pass(1);
    expect(call.told()).toEqual(['result c1 slow done', 'result c2 quick done', 'respond']);
  });

  it('that fail are told to the model in words that are meant for it', async () => {
    const tool = acts('look_up', () => Promise.reject(new ToolError('no such order')));
    const call = await withTools([tool]);
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(50);
    expect(call.told()).toEqual(['result c1 {"error":"no such order"}', 'respond']);
    expect(call.lines.filter((line) => line.includes('tool finished'))).toEqual([
      'warn  tool finished callSid=CA0 tool=look_up outcome=failed tookMs=0\n',
    ]);
  });

  it('are not waited for by a call that is over because the caller hung up', async () => {
    const call = await slow('tone');
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(1_000);
    call.stops();
    await call.pass(0);
    expect(call.clock.pending).toBe(1);
    await call.pass(5_000);
    expect(call.told()).toEqual(['close']);
  });

  it('that were called by a session that broke off are answered to the next one, and then spoken of', async () => {
    const call = await slow();
    await call.pass(6_000);
    calls(call, 'r1', 'c1', 'look_up');
    await call.pass(500);
    call.sessions.closes('lost');
    await call.pass(2_500);
    call.sessions.ready();
    expect(call.told()).toEqual(['system The result of look_up, which you had called: look_up done', 'respond']);
    call.answers('r2', 'a', 500);
    await call.pass(3_000);
    expect(call.told()).toEqual([]);
  });
});

describe('hang_up', () => {
  it.each([0, 150, 300])('comes after the goodbye was played, with marks that are late by %d ms', async (lateMs) => {
    const call = await withTools([hangUp], { delayMs: [0, lateMs] });
    await call.pass(1_000);
    call.says('r1', 'goodbye', 2_000);
    call.model.calls('r1', 'c1', 'hang_up');
    await call.pass(100);
    call.finishes('r1', 'goodbye');
    await call.pass(1_900 + lateMs - 1);
    expect(call.ends).toEqual([]);
    await call.pass(1);
    expect(call.ends).toEqual(['hung-up']);
    expect(call.ear()).toEqual(['goodbye 2000']);
    expect(call.told()).toEqual(['result c1 {"ok":true}', 'close']);
  });

  it('comes after a goodbye that is made longer than it takes to play', async () => {
    const call = await withTools([hangUp]);
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'hang_up');
    await call.pass(500);
    call.audio('r1', 'goodbye', 300);
    await call.pass(1_000);
    call.audio('r1', 'goodbye', 300);
    call.finishes('r1', 'goodbye');
    expect(call.ends).toEqual([]);
    await call.pass(400);
    expect(call.ends).toEqual(['hung-up']);
    expect(call.ear()).toEqual(['goodbye 600']);
  });

  it('is given up when the caller speaks over the goodbye: the floor is theirs', async () => {
    const call = await withTools([hangUp]);
    call.says('r1', 'goodbye', 2_000);
    call.model.calls('r1', 'c1', 'hang_up');
    call.finishes('r1', 'goodbye');
    await call.pass(1_000);
    expect(call.session.state).toBe('ending');
    await call.speaks('u1', 800);
    expect(call.session.state).toBe('talking');
    call.answers('r2', 'a', 500);
    await call.pass(5_000);
    expect(call.ear()).toEqual(['goodbye 1000', 'a 500']);
    expect(call.ends).toEqual([]);
  });

  it('is given up when a key or an operator stops the goodbye while it is still being made', async () => {
    const call = await withTools([hangUp]);
    call.says('r1', 'goodbye', 2_000);
    call.model.calls('r1', 'c1', 'hang_up');
    await call.pass(500);
    call.press('1');
    call.model.ends('r1', 'cancelled');
    await call.pass(5_000);
    expect(call.ends).toEqual([]);
  });

  it('is not given up for a noise that an agent with reversible barge-in goes on after', async () => {
    const bargeIn = { ...DEFAULT_BARGE_IN, speech: 'reversible' } as const;
    const call = await withTools([hangUp], { bargeIn });
    call.says('r1', 'goodbye', 2_000);
    call.model.calls('r1', 'c1', 'hang_up');
    call.finishes('r1', 'goodbye');
    await call.pass(1_000);
    await call.speaks('u1', 600);
    await call.pass(5_000);
    expect(call.ear()).toEqual(['goodbye 2000']);
    expect(call.ends).toEqual(['hung-up']);
  });

  it('does not cut off a caller who has begun to speak, and it is not clear yet whether they interrupt', async () => {
    const call = await withTools([hangUp], { bargeIn: { ...DEFAULT_BARGE_IN, minSpeechMs: 400 } });
    call.says('r1', 'goodbye', 1_000);
    call.model.calls('r1', 'c1', 'hang_up');
    call.finishes('r1', 'goodbye');
    await call.pass(900);
    call.model.hearsSpeech('u1');
    await call.pass(500);
    expect(call.ends).toEqual([]);
    await call.pass(1_000);
    call.model.hearsSilence('u1');
    expect(call.told()).toEqual(['result c1 {"ok":true}', 'respond']);
    call.answers('r2', 'a', 500);
    await call.pass(1_000);
    expect(call.ends).toEqual([]);
  });

  it('comes after all when that was only a cough', async () => {
    const call = await withTools([hangUp], { bargeIn: { ...DEFAULT_BARGE_IN, minSpeechMs: 400 } });
    call.says('r1', 'goodbye', 1_000);
    call.model.calls('r1', 'c1', 'hang_up');
    call.finishes('r1', 'goodbye');
    await call.pass(900);
    await call.speaks('u1', 700);
    await call.pass(100);
    expect(call.ends).toEqual(['hung-up']);
  });

  it('is an apology when the model is lost in the middle of the goodbye, or a key stops it then', async () => {
    const middle = await withTools([hangUp]);
    middle.says('r1', 'goodbye', 300);
    middle.model.calls('r1', 'c1', 'hang_up');
    await middle.pass(100);
    middle.sessions.closes('refused');
    await middle.pass(3_000);
    expect(middle.ear()).toEqual(['goodbye 300', 'tone 660']);
    const stopped = await withTools([hangUp]);
    stopped.says('r1', 'goodbye', 2_000);
    stopped.model.calls('r1', 'c1', 'hang_up');
    stopped.finishes('r1', 'goodbye');
    await stopped.pass(1_000);
    stopped.sessions.closes('refused');
    stopped.press('1');
    await stopped.pass(3_000);
    expect(stopped.ear()).toEqual(['goodbye 1000', 'tone 660']);
    expect([middle.ends, stopped.ends]).toEqual([['model-lost'], ['model-lost']]);
  });

  it('comes all the same when the model is lost while the goodbye is played', async () => {
    const call = await withTools([hangUp]);
    call.says('r1', 'goodbye', 2_000);
    call.model.calls('r1', 'c1', 'hang_up');
    call.finishes('r1', 'goodbye');
    await call.pass(1_000);
    call.sessions.closes('refused');
    await call.pass(3_000);
    expect(call.ear()).toEqual(['goodbye 2000']);
    expect(call.ends).toEqual(['hung-up']);
  });
});

describe('transfer', () => {
  const targets = { sales: { number: '+15550003333' }, night: { url: 'https://h/night' } };
  const refused = new VoicebridgeError('carrier-refused', {
    ...{ carrier: 'Twilio', what: 'redirect the call', code: 21220, page: '' },
  });

  function rest(redirect: CarrierRest['redirect']): CarrierRest {
    return { redirect, hangUp: async () => {}, sendMessage: async () => {} };
  }

  async function transferring(carrier: CarrierRest): Promise<WholeCall> {
    const call = await withTools([transfer(targets)], { rest: carrier });
    call.says('r1', 'lead', 1_000);
    call.model.calls('r1', 'c1', 'transfer', '{"target":"night"}');
    await call.pass(100);
    call.finishes('r1', 'lead');
    return call;
  }

  it('comes after what the agent says was played, and leaves the end to the carrier', async () => {
    const asked: unknown[] = [];
    const call = await transferring(rest(async (...args) => void asked.push(args)));
    await call.pass(850);
    expect(asked).toEqual([]);
    await call.pass(200);
    expect(asked).toEqual([['CA0', { url: 'https://h/night' }]]);
    expect(call.ear()).toEqual(['lead 1000']);
    expect(call.told()).toEqual(['result c1 {"ok":true}']);
    expect(call.ends).toEqual([]);
    call.stops();
    expect(call.ends).toEqual(['transferred']);
  });

  it('that the carrier refuses is told to the model, and the call goes on', async () => {
    const call = await transferring(rest(() => Promise.reject(refused)));
    await call.pass(1_100);
    expect(call.told()).toEqual([expect.stringContaining('result c1 {"error":"'), 'respond']);
    call.answers('r2', 'a', 500);
    await call.pass(1_000);
    expect(call.ends).toEqual([]);
    call.stops();
    expect(call.ends).toEqual(['caller']);
  });

  it('is given up when the caller speaks before it', async () => {
    const asked: unknown[] = [];
    const call = await transferring(rest(async (...args) => void asked.push(args)));
    await call.pass(300);
    await call.speaks('u1', 800);
    await call.pass(2_000);
    expect(asked).toEqual([]);
    expect(call.told()).toEqual([
      'truncate lead 0 400',
      'result c1 {"error":"the caller spoke before the call was handed over"}',
      'respond',
    ]);
  });

  it('of an operator is refused without an account, and when the call ends before it', async () => {
    const without = await withTools([]);
    await expect(without.operator.transfer({ url: 'https://h/x' })).rejects.toMatchObject({
      code: 'transfer-needs-account',
    });
    const call = await withTools([], { rest: rest(async () => {}) });
    call.answers('r1', 'a', 2_000);
    const transferred = call.operator.transfer({ url: 'https://h/x' });
    const outcome = expect(transferred).rejects.toMatchObject({ code: 'call-over' });
    await call.pass(500);
    call.stops();
    await outcome;
  });
});

describe('collect_digits', () => {
  it('gives the keys to the tool, and not to the model as something that was said', async () => {
    const call = await withTools([collectDigits]);
    call.says('r1', 'prompt', 500);
    call.model.calls('r1', 'c1', 'collect_digits', '{"maxDigits":4,"terminator":"#"}');
    call.finishes('r1', 'prompt');
    await call.pass(600);
    for (const digit of '12#') call.press(digit);
    await call.pass(3_000);
    expect(call.told()).toEqual(['result c1 {"digits":"12"}', 'respond']);
  });

  it('does not take the tone of another tool for a prompt', async () => {
    const clock = new VirtualClock(5_000);
    const other = slowTool(clock, 'look_up', 20_000, { filler: { afterMs: 0, play: 'tone' } });
    const call = await withTools([collectDigits, other], { clock });
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'collect_digits', '{"maxDigits":1}');
    call.model.calls('r1', 'c2', 'look_up');
    call.model.ends('r1');
    await call.pass(11_000);
    expect(call.eventsOf('tool-finished')).toMatchObject([{ callId: 'c1' }]);
  });

  it('lets the caller hear the prompt first: the time for the first key begins at its end', async () => {
    const call = await withTools([collectDigits]);
    call.says('r1', 'prompt', 6_000);
    call.model.calls('r1', 'c1', 'collect_digits', '{"maxDigits":1}');
    call.finishes('r1', 'prompt');
    await call.pass(10_900);
    expect(call.told()).toEqual([]);
    await call.pass(200);
    expect(call.told()).toEqual(['result c1 {"digits":"","note":"the caller pressed nothing in time"}', 'respond']);
  });
});
