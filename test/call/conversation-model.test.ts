import { describe, expect, it } from 'vitest';
import { type CallPlan, DEFAULT_BARGE_IN } from '../../src/call/plan.js';
import { VirtualClock } from '../helpers/virtual-clock.js';
import { recording, slowTool, turn, WholeCall, type WholeCallOptions } from '../helpers/whole-call.js';

const talk = (options: WholeCallOptions = {}): Promise<WholeCall> => new WholeCall(options).talk();

const APOLOGY = recording('apology', 1_000, 'I am sorry, something is wrong.');
const GO_ON = expect.stringMatching(/^respond Be brief\.\n\nYour last line was cut off/);

/** Lasts long enough that its loss is no failure to open. */
async function lasting(options: WholeCallOptions = {}): Promise<WholeCall> {
  const call = await talk(options);
  await call.pass(6_000);
  return call;
}

describe('a response that failed', () => {
  it('is asked for once more, in the same way', async () => {
    const call = await talk({
      greeting: { by: 'model', instructions: 'Greet.', interruptible: true },
      apology: APOLOGY,
    });
    call.model.starts('r1');
    call.model.ends('r1', 'failed', 'server_error');
    await call.pass(0);
    expect(call.told()).toEqual(['respond Be brief.\n\nGreet.', 'respond Be brief.\n\nGreet.']);
    call.answers('r2', 'a', 500);
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 500']);
  });

  it('is apologised for when it fails again, and the call goes on', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true }, apology: APOLOGY });
    for (const responseId of ['r1', 'r2']) {
      call.model.starts(responseId);
      call.model.ends(responseId, 'failed', 'server_error');
      await call.pass(0);
    }
    await call.pass(2_000);
    expect(call.ear()).toEqual(['apology 1000']);
    expect(call.told()).toEqual(['respond', 'respond', 'agent I am sorry, something is wrong.']);
    await call.speaks('u1', 500);
    call.answers('r3', 'a', 500);
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 500']);
    expect(call.session.conversation!.usage).toMatchObject({ responses: 3, failed: 2, errors: { server_error: 2 } });
  });

  it('waits for a limit to be lifted', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true } });
    call.model.starts('r1');
    call.model.emit({ type: 'rate-limits', limits: [{ name: 'tokens', remaining: 0, resetSeconds: 1.5 }] });
    call.model.ends('r1', 'failed', 'rate_limit_exceeded');
    await call.pass(1_450);
    expect(call.told()).toEqual(['respond']);
    await call.pass(50);
    expect(call.told()).toEqual(['respond']);
  });

  it('is not asked for again when the caller has spoken meanwhile: they are answered for that', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true } });
    call.model.starts('r1');
    call.model.hearsSpeech('u1');
    call.model.ends('r1', 'failed', 'server_error');
    await call.pass(1_000);
    call.model.hearsSilence('u1');
    expect(call.told()).toEqual(['respond']);
  });
});

describe('a request that is answered by an error', () => {
  const error = { type: 'error', code: 'server_error', message: 'try again', benign: false } as const;

  it('is made once more', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true } });
    call.model.emit(error);
    await call.pass(999);
    expect(call.told()).toEqual(['respond']);
    await call.pass(1);
    expect(call.told()).toEqual(['respond']);
    call.answers('r1', 'a', 500);
    await call.pass(1_000);
    expect(call.told()).toEqual([]);
  });

  it('is not made once more when its response begins all the same', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true } });
    call.model.emit(error);
    call.answers('r1', 'a', 500);
    await call.pass(3_000);
    expect(call.told()).toEqual(['respond']);
  });

  it('is apologised for when it is refused again, and the agent is not dumb afterwards', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true }, apology: APOLOGY });
    call.model.emit(error);
    await call.pass(1_000);
    call.model.emit(error);
    await call.pass(2_000);
    expect(call.ear()).toEqual(['apology 1000']);
    call.told();
    call.operator.inject('Go on.', { respond: true });
    expect(call.told()).toEqual(['system Go on.', 'respond']);
  });

  it('is left alone when the error says that it is a race, or comes while a response is made', async () => {
    const call = await talk({ greeting: { by: 'model', interruptible: true } });
    call.model.emit({ ...error, code: 'response_cancel_not_active', benign: true });
    call.model.starts('r1');
    call.model.emit(error);
    await call.pass(3_000);
    expect(call.told()).toEqual(['respond']);
    expect(call.lines.filter((line) => line.includes('model error'))).toHaveLength(2);
  });
});

describe('a session that breaks off', () => {
  it('in the middle of an answer is followed by one that knows what will be heard, and is asked to go on', async () => {
    const call = await lasting({ session: { transcription: {} } });
    await call.speaks('u1', 1_000);
    call.model.emit({ type: 'caller-text', itemId: 'u1', text: 'When do you open?', final: true });
    call.says('r1', 'a', 1_000, 'We open at nine');
    await call.pass(300);
    call.sessions.closes('expired', 'session_expired');
    call.media('AAEC');
    await call.pass(100);
    call.sessions.ready();
    expect(call.model.said).toEqual(['caller When do you open?', 'agent We open at nine', 'audio AAEC', GO_ON]);
    call.answers('r2', 'b', 500, 'in the morning.');
    await call.pass(3_000);
    expect(call.ear()).toEqual(['a 1000', 'b 500']);
    expect(call.eventsOf('model')).toEqual([
      { state: 'ready', tookMs: 0 },
      { state: 'retrying', reason: 'session_expired' },
      { state: 'switched', reason: 'expired' },
    ]);
  });

  it('between two answers is followed by one that is asked for nothing', async () => {
    const call = await lasting();
    call.answers('r1', 'a', 500, 'Hello!');
    await call.pass(600);
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    await call.pass(3_000);
    expect(call.told()).toEqual(['agent Hello!']);
  });

  it('before it could answer the caller is followed by one that is asked to', async () => {
    const call = await lasting();
    await call.speaks('u1', 1_000);
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    expect(call.told()).toEqual(['respond']);
  });

  it('is not gone on with when a key has stopped the answer meanwhile', async () => {
    const call = await lasting();
    call.says('r1', 'a', 2_000, 'We open at nine');
    await call.pass(500);
    call.sessions.closes('lost');
    call.press('1');
    await call.pass(1_200);
    call.sessions.ready();
    await call.pass(0);
    expect(call.told().slice(1)).toEqual(['caller The caller pressed 1 on the keypad.', 'respond']);
    expect(call.ear()).toEqual(['a 500']);
  });

  it('tells the next one once of a recorded greeting that was heard', async () => {
    const by = recording('greeting', 1_000, 'Welcome.');
    const call = await lasting({ greeting: { by, interruptible: true } });
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    await call.pass(2_000);
    expect(call.told()).toEqual(['agent Welcome.']);
  });

  it('tells the next one once of a recording that is being heard, and what was not heard of it', async () => {
    const clock = new VirtualClock(5_000);
    const filler = { afterMs: 0, play: recording('moment', 2_000, 'One moment, please.') };
    const call = await lasting({ clock, tools: [slowTool(clock, 'look_up', 3_000, { filler })] });
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'look_up');
    call.model.ends('r1');
    await call.pass(500);
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    expect(call.told()).toEqual(['agent One moment, please.']);
    await call.pass(800);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    expect(call.told()).toEqual([
      'system Your last answer was cut off. The caller has heard only this: "One moment,".',
    ]);
  });

  it('takes what it owes the caller of a tool to the next one', async () => {
    const clock = new VirtualClock(5_000);
    const call = await lasting({ clock, tools: [slowTool(clock, 'look_up', 300)] });
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'look_up');
    call.model.ends('r1');
    await call.pass(100);
    call.sessions.closes('lost');
    await call.pass(400);
    call.sessions.ready();
    expect(call.told()).toEqual(['system The result of look_up, which you had called: look_up done', 'respond']);
  });

  it('does not make two answers of a cut-off line and a tool that was called in it', async () => {
    const clock = new VirtualClock(5_000);
    const call = await lasting({ clock, tools: [slowTool(clock, 'look_up', 50)] });
    call.says('r1', 'a', 1_000, 'Let me see');
    call.model.calls('r1', 'c1', 'look_up');
    await call.pass(200);
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    expect(call.told()).toEqual([
      'agent Let me see',
      GO_ON,
      'system The result of look_up, which you had called: look_up done',
    ]);
    call.answers('r2', 'b', 500);
    expect(call.told()).toEqual(['respond']);
    call.answers('r3', 'c', 500);
    await call.pass(3_000);
    expect(call.told()).toEqual([]);
  });
});

describe('a model that is slow to open', () => {
  it('is given all that the caller said meanwhile, in order, and then greets', async () => {
    const call = new WholeCall({ greeting: { by: 'model', interruptible: true } }).start();
    const frames = Array.from({ length: 250 }, (_, i) => Buffer.alloc(160, i).toString('base64'));
    for (const frame of frames) {
      call.media(frame);
      await call.pass(20);
    }
    expect(call.model.said).toEqual([]);
    call.model.emit({ type: 'ready' });
    expect(call.model.said).toEqual([...frames.map((frame) => `audio ${frame}`), 'respond']);
    expect(call.eventsOf('model')).toEqual([{ state: 'ready', tookMs: 5_000 }]);
  });

  it('is given what was said while the plan was being made, too', async () => {
    let decide: (plan: CallPlan) => void = () => {};
    const other = new WholeCall();
    const call = new WholeCall({
      planCall: () =>
        new Promise((resolve) => {
          decide = resolve;
        }),
    }).start();
    call.media('AAEC');
    await call.pass(500);
    call.media('QUI=');
    decide({
      ...{ agent: 'late', models: [call.sessions.open], greeting: { by: 'none', interruptible: true }, tools: [] },
      bargeIn: { speech: 'immediate', minSpeechMs: 0, maxNoiseMs: 600, backchannels: [], digits: 'any' },
      session: {
        ...{ instructions: '', tools: [], history: [] },
        turnDetection: { type: 'server_vad', createsResponses: true, interruptsResponses: true },
      },
    });
    call.media('fwB/');
    await turn();
    call.media('AAAA');
    expect(call.sessions.sessions).toHaveLength(1);
    call.sessions.ready();
    expect(call.model.said).toEqual(['audio AAEC', 'audio QUI=', 'audio fwB/', 'audio AAAA']);
    expect(other.sessions.sessions).toEqual([]);
  });
});

describe('a call without a model', () => {
  it('ends with the apology of the agent', async () => {
    const call = new WholeCall({ apology: APOLOGY }).start();
    await turn();
    call.model.emit({ type: 'closed', reason: 'HTTP 401', cause: 'refused' });
    await call.pass(900);
    expect(call.ends).toEqual([]);
    expect(call.session.state).toBe('ending');
    await call.pass(200);
    expect(call.ear()).toEqual(['apology 1000']);
    expect(call.ends).toEqual(['model-lost']);
    expect(call.eventsOf('model')).toEqual([{ state: 'lost', reason: 'HTTP 401' }]);
    expect(call.events.at(-1)).toMatchObject({ type: 'ended', reason: 'model-lost' });
  });

  it('ends with falling tones when there is none', async () => {
    const call = new WholeCall().start();
    await turn();
    call.model.emit({ type: 'closed', reason: 'HTTP 401', cause: 'refused' });
    await call.pass(1_000);
    expect(call.ear()).toEqual(['tone 660']);
    expect(call.ends).toEqual(['model-lost']);
  });

  it('plays nothing else meanwhile, whatever a tool still does', async () => {
    const clock = new VirtualClock(5_000);
    const tools = [slowTool(clock, 'look_up', 5_000, { filler: { afterMs: 0, play: 'tone' } })];
    const call = await talk({ clock, tools, apology: APOLOGY });
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'look_up');
    call.model.ends('r1');
    await call.pass(1_500);
    call.sessions.closes('refused');
    await call.pass(3_000);
    expect(call.ear()).toEqual(['tone 2000', 'apology 1000']);
    expect(call.ends).toEqual(['model-lost']);
  });

  it('is one whose plan was rejected', async () => {
    const call = new WholeCall({ planCall: () => Promise.reject(new Error('no such agent')) }).start();
    await call.pass(1_000);
    expect(call.ear()).toEqual(['tone 660']);
    expect(call.ends).toEqual(['model-lost']);
    expect(call.lines).toContain('error no agent can be found for this call callSid=CA0 reason="no such agent"\n');
  });

  it('is one whose plan could not even be asked for', async () => {
    const planCall = (): never => {
      throw new Error('no such agent');
    };
    const call = new WholeCall({ planCall }).start();
    await call.pass(1_000);
    expect(call.ends).toEqual(['model-lost']);
  });
});

describe('the end of a call', () => {
  const clock = (): VirtualClock => new VirtualClock(5_000);
  const states: [string, () => Promise<WholeCall>][] = [
    ['before it started', async () => new WholeCall()],
    ['while it is planned', async () => new WholeCall({ planCall: () => new Promise(() => {}) }).start()],
    ['while the model is opened', async () => new WholeCall().start()],
    ['while the greeting is played', () => talk({ greeting: { by: APOLOGY, interruptible: false } })],
    [
      'in the middle of an answer',
      async () => {
        const call = await talk({ maxCallMs: 60_000 });
        call.says('r1', 'a', 1_000);
        await call.pass(300);
        return call;
      },
    ],
    [
      'in the middle of an interruption',
      async () => {
        const call = await talk({ delayMs: [50, 50] });
        call.says('r1', 'a', 1_000);
        await call.pass(300);
        call.model.hearsSpeech('u1');
        return call;
      },
    ],
    [
      'in the middle of a sound that may be none',
      async () => {
        const call = await talk({ bargeIn: { ...DEFAULT_BARGE_IN, speech: 'reversible' } });
        call.says('r1', 'a', 1_000);
        await call.pass(300);
        call.model.hearsSpeech('u1');
        return call;
      },
    ],
    [
      'in the middle of a tool, with its tone, and of digits',
      async () => {
        const time = clock();
        const tools = [
          slowTool(time, 'look_up', 60_000, { run: () => new Promise(() => {}), filler: { afterMs: 0, play: 'tone' } }),
        ];
        const call = await talk({ clock: time, tools });
        call.model.starts('r1');
        call.model.calls('r1', 'c1', 'look_up');
        call.model.ends('r1');
        call.operator.collectDigits({ maxDigits: 2, timeoutMs: 60_000 }).catch(() => {});
        await call.pass(500);
        call.press('1');
        return call;
      },
    ],
    [
      'while the goodbye is played',
      async () => {
        const call = await talk();
        call.answers('r1', 'a', 1_000);
        call.operator.hangUp();
        await call.pass(300);
        return call;
      },
    ],
    [
      'while a response is to be asked for again',
      async () => {
        const call = await talk({ greeting: { by: 'model', interruptible: true } });
        call.model.emit({ type: 'error', code: 'server_error', message: '', benign: false });
        return call;
      },
    ],
    [
      'while a session is being replaced',
      async () => {
        const call = await lasting();
        call.sessions.closes('lost');
        await call.pass(10);
        return call;
      },
    ],
    [
      'while the apology is played',
      async () => {
        const call = await talk({ apology: APOLOGY });
        call.sessions.closes('refused');
        await call.pass(300);
        return call;
      },
    ],
  ];

  it.each(states)('%s leaves no timer behind, and is told once', async (_when, begin) => {
    const call = await begin();
    call.session.end('shutdown');
    call.session.end('caller');
    call.session.onCarrierClosed();
    // What is on its way to the carrier and back is not ours.
    await call.pass(200);
    expect(call.clock.pending).toBe(0);
    expect(call.ends).toEqual(['shutdown']);
  });
});
