import { describe, expect, it } from 'vitest';
import { DEFAULT_BARGE_IN } from '../../src/call/plan.js';
import { VirtualClock } from '../helpers/virtual-clock.js';
import { recording, slowTool, sound, WholeCall, type WholeCallOptions } from '../helpers/whole-call.js';

const talk = (options: WholeCallOptions = {}): Promise<WholeCall> => new WholeCall(options).talk();

describe('an update', () => {
  it('is told to a model that makes no response at once', async () => {
    const call = await talk();
    call.operator.update({ instructions: 'Be long.' });
    expect(call.told()).toEqual(['update {"instructions":"Be long."}']);
    expect(call.session.conversation!.session.instructions).toBe('Be long.');
  });

  it('waits for response.done, and several are one', async () => {
    const call = await talk();
    call.says('r1', 'a', 500);
    call.operator.update({ instructions: 'Be long.' });
    call.operator.update({ tools: [] });
    expect(call.told()).toEqual([]);
    call.finishes('r1', 'a');
    expect(call.told()).toEqual(['update {"instructions":"Be long.","tools":[]}']);
  });

  it('stands behind the words of its own that a response is asked for with', async () => {
    const call = await talk();
    call.operator.update({ instructions: 'Be long.' });
    call.operator.say('We close in five minutes.');
    expect(call.told()).toEqual([
      'update {"instructions":"Be long."}',
      'respond Be long.\n\nSay exactly this, and nothing else: "We close in five minutes." tools=none',
    ]);
  });

  it('that waited for a response which broke off reaches the next session', async () => {
    const call = await talk();
    await call.pass(6_000);
    call.says('r1', 'a', 500);
    call.operator.update({ instructions: 'Be long.' });
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    expect(call.told()).toEqual(['update {"instructions":"Be long."}', expect.stringMatching(/^respond Be long\./)]);
  });
});

describe('a line to say', () => {
  it('waits until the caller has spoken and was answered', async () => {
    const call = await talk();
    call.model.hearsSpeech('u1');
    call.operator.say('We close.');
    call.model.hearsSilence('u1');
    expect(call.told()).toEqual([]);
    call.answers('r1', 'a', 500);
    expect(call.told()).toEqual(['respond Be brief.\n\nSay exactly this, and nothing else: "We close." tools=none']);
  });

  it('is said before there was a model, when there is', async () => {
    const call = new WholeCall().start();
    call.operator.say('We close.');
    call.model.emit({ type: 'ready' });
    expect(call.told()).toEqual(['respond Be brief.\n\nSay exactly this, and nothing else: "We close." tools=none']);
  });

  it('is asked for again in the same words when its response failed', async () => {
    const call = await talk();
    call.operator.say('We close.');
    const line = 'respond Be brief.\n\nSay exactly this, and nothing else: "We close." tools=none';
    call.model.starts('r1');
    call.model.ends('r1', 'failed', 'server_error');
    await call.pass(0);
    expect(call.told()).toEqual([line, line]);
  });
});

describe('a fact', () => {
  it('is told to the model at once, which is not asked to speak of it', async () => {
    const call = await talk();
    call.says('r1', 'a', 500);
    call.operator.inject('The caller is a member.');
    call.finishes('r1', 'a');
    await call.pass(2_000);
    expect(call.told()).toEqual(['system The caller is a member.']);
  });

  it('is spoken of when that is wanted, as soon as nobody speaks', async () => {
    const call = await talk();
    call.says('r1', 'a', 500);
    call.operator.inject('The taxi is here.', { respond: true });
    expect(call.told()).toEqual(['system The taxi is here.']);
    call.finishes('r1', 'a');
    expect(call.told()).toEqual(['respond']);
  });

  it('that came before the model was ready is told to it first', async () => {
    const call = new WholeCall().start();
    call.operator.inject('The caller is a member.');
    call.media('AAEC');
    call.model.emit({ type: 'ready' });
    expect(call.model.said).toEqual(['system The caller is a member.', 'audio AAEC']);
  });

  it('is remembered by a session that follows', async () => {
    const call = await talk();
    call.operator.inject('The caller is a member.');
    await call.pass(6_000);
    call.sessions.closes('lost');
    await call.pass(100);
    call.sessions.ready();
    expect(call.told()).toEqual(['system The caller is a member.']);
  });
});

describe('an interruption by an operator', () => {
  it('silences the agent now, and its memory ends with what was heard', async () => {
    const call = await talk();
    call.says('r1', 'a', 2_000);
    await call.pass(700);
    call.operator.interrupt();
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 700']);
    expect(call.told()).toEqual(['cancel r1', 'truncate a 0 700']);
  });

  it('stops the tone of a tool, too', async () => {
    const clock = new VirtualClock(5_000);
    const tools = [slowTool(clock, 'look_up', 5_000, { filler: { afterMs: 0, play: 'tone' } })];
    const call = await talk({ clock, tools });
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'look_up');
    call.model.ends('r1');
    await call.pass(500);
    call.operator.interrupt();
    await call.pass(3_000);
    expect(call.ear()).toEqual(['tone 500']);
  });

  it('of silence does nothing', async () => {
    const call = await talk();
    call.operator.interrupt();
    await call.pass(1_000);
    expect(call.told()).toEqual([]);
    expect(call.sent).toEqual([]);
    expect(call.eventsOf('steered')).toEqual([{ by: 'operator', command: 'interrupt' }]);
  });
});

describe('a muted caller', () => {
  it('is silence of the same length to the model, until unmuted', async () => {
    const call = await talk();
    call.operator.mute('caller', true);
    call.media(sound('caller', 20));
    call.operator.mute('caller', false);
    call.media(sound('caller', 20));
    const silence = Buffer.alloc(160, 0xff).toString('base64');
    expect(call.model.said).toEqual([`audio ${silence}`, `audio ${sound('caller', 20)}`]);
  });
});

describe('a muted agent', () => {
  it('falls silent in the middle of an answer, which counts as far as it was heard', async () => {
    const call = await talk();
    call.says('r1', 'a', 1_000, 'We open at nine');
    await call.pass(500);
    call.operator.mute('agent', true);
    call.text('r1', 'a', ' in the morning.');
    call.audio('r1', 'a', 1_000);
    call.model.ends('r1', 'cancelled');
    await call.pass(3_000);
    expect(call.ear()).toEqual(['a 500']);
    expect(call.told()).toEqual(['cancel r1', 'truncate a 0 500']);
    expect(call.eventsOf('agent-said')).toMatchObject([{ itemId: 'a', text: 'We open', interrupted: true }]);
  });

  it('says nothing that is heard, that stands in the transcript, or that the model believes was heard', async () => {
    const call = await talk();
    call.operator.mute('agent', true);
    call.says('r1', 'a', 1_000, 'Hello!');
    call.model.ends('r1', 'cancelled');
    await call.pass(2_000);
    expect(call.sent).toEqual([]);
    expect(call.told()).toEqual(['cancel r1', 'truncate a 0 0']);
    call.stops();
    expect(call.eventsOf('agent-said')).toEqual([]);
  });

  it('plays no tone and no recording either', async () => {
    const clock = new VirtualClock(5_000);
    const play = recording('moment', 500, 'One moment.');
    const tools = [slowTool(clock, 'look_up', 3_000, { filler: { afterMs: 0, play } })];
    const call = await talk({ clock, tools });
    call.operator.mute('agent', true);
    call.model.starts('r1');
    call.model.calls('r1', 'c1', 'look_up');
    call.model.ends('r1');
    await call.pass(2_000);
    expect(call.sent).toEqual([]);
  });

  it('is heard again from the next answer after it is unmuted', async () => {
    const call = await talk();
    call.operator.mute('agent', true);
    call.says('r1', 'a', 500);
    call.operator.mute('agent', false);
    call.audio('r1', 'a', 500);
    call.model.ends('r1', 'cancelled');
    call.answers('r2', 'b', 500);
    await call.pass(1_000);
    expect(call.ear()).toEqual(['b 500']);
  });
});

describe('another voice', () => {
  it('is a new session at the next turn boundary, which knows what was heard', async () => {
    const call = await talk({ session: { transcription: {} } });
    const first = call.model;
    call.answers('r1', 'a', 1_000, 'How can I help?');
    await call.pass(500);
    call.operator.setVoice('cedar');
    expect(call.sessions.sessions).toHaveLength(2);
    call.sessions.ready();
    expect(first.said).toEqual([]);
    await call.pass(600);
    expect(first.said).toEqual(['close']);
    expect(call.model.sessions[0]!.voice).toBe('cedar');
    expect(call.told()).toEqual(['agent How can I help?']);
    expect(call.eventsOf('model').slice(1)).toEqual([{ state: 'switched', reason: 'voice' }]);
    call.answers('r2', 'b', 500);
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 1000', 'b 500']);
  });

  it('does not come while the caller speaks, or an answer is due', async () => {
    const call = await talk();
    const first = call.model;
    call.operator.setVoice('cedar');
    first.hearsSpeech('u1');
    call.sessions.ready();
    await call.pass(1_000);
    first.hearsSilence('u1');
    first.starts('r1');
    expect(first.said).toEqual([]);
    first.emit({ type: 'audio', responseId: 'r1', itemId: 'a', contentIndex: 0, payload: sound('a', 500) });
    first.emit({ type: 'item-done', responseId: 'r1', itemId: 'a' });
    first.ends('r1');
    await call.pass(600);
    expect(first.said).toEqual(['close']);
    expect(call.ear()).toEqual(['a 500']);
  });
});

describe('an operator', () => {
  it('hangs up after what the agent says, or at once', async () => {
    const call = await talk();
    call.answers('r1', 'a', 1_000);
    call.operator.hangUp();
    await call.pass(900);
    expect(call.ends).toEqual([]);
    call.operator.hangUp({ now: true });
    expect(call.ends).toEqual(['hung-up']);
    expect(call.ear()).toEqual(['a 900']);
  });

  it('who hangs up while the caller speaks waits for the end of their turn, and gives it up for an answer', async () => {
    const call = await talk({ bargeIn: { ...DEFAULT_BARGE_IN, minSpeechMs: 200 } });
    call.model.hearsSpeech('u1');
    call.operator.hangUp();
    await call.pass(1_500);
    expect(call.ends).toEqual([]);
    call.model.hearsSilence('u1');
    expect(call.told()).toEqual(['respond']);
    await call.pass(1_000);
    expect(call.ends).toEqual([]);
  });

  it('is listed with each command, and has no hands on a call that is over', async () => {
    const call = await talk();
    const { operator } = call;
    operator.mute('agent', true);
    operator.setVoice('cedar');
    call.stops();
    operator.say('Too late.');
    await expect(operator.collectDigits({ maxDigits: 1, timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'call-over',
    });
    expect(call.eventsOf('steered')).toEqual([
      { by: 'operator', command: 'mute', detail: 'agent' },
      { by: 'operator', command: 'voice', detail: 'cedar' },
    ]);
  });

  it('may ask for keys', async () => {
    const call = await talk();
    const digits = call.operator.collectDigits({ maxDigits: 2, timeoutMs: 1_000 });
    call.press('4');
    call.press('2');
    expect(await digits).toBe('42');
    await call.pass(3_000);
    expect(call.told()).toEqual([]);
  });
});
