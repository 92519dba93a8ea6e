import { describe, expect, it } from 'vitest';
import { L16_24K } from '../../src/audio/format.js';
import { type BargeInPolicy, DEFAULT_BARGE_IN } from '../../src/call/plan.js';
import { turn, WholeCall, type WholeCallOptions } from '../helpers/whole-call.js';

function talk(bargeIn: Partial<BargeInPolicy> = {}, options: WholeCallOptions = {}): Promise<WholeCall> {
  return new WholeCall({ bargeIn: { ...DEFAULT_BARGE_IN, ...bargeIn }, ...options }).talk();
}

const REVERSIBLE: Partial<BargeInPolicy> = { speech: 'reversible', backchannels: ['mm-hm'] };
const TRANSCRIBED: WholeCallOptions = { session: { transcription: {} } };

/** Two seconds of an answer, of which one has been heard. */
async function halfHeard(call: WholeCall): Promise<void> {
  call.answers('r1', 'a', 2_000, 'We open at nine in the morning.');
  await call.pass(1_000);
}

describe('speech', () => {
  it('stops the agent as soon as the model hears it, and the model learns what was heard', async () => {
    const call = await talk();
    await halfHeard(call);
    call.model.hearsSpeech('u1');
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 1000']);
    expect(call.told()).toEqual(['truncate a 0 1000']);
    expect(call.eventsOf('interrupted')).toEqual([{ cause: 'speech', unheardMs: 1000 }]);
  });

  it('does not stop it while it is shorter than the policy asks', async () => {
    const call = await talk({ minSpeechMs: 400 });
    await halfHeard(call);
    // The model says so 500 ms after its end.
    await call.speaks('u1', 800);
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 2000']);
    expect(call.told()).toEqual([]);
  });

  it('stops it when it has lasted as long as the policy asks, and is answered', async () => {
    const call = await talk({ minSpeechMs: 400 });
    call.answers('r1', 'a', 3_000);
    await call.pass(1_000);
    await call.speaks('u1', 1_500);
    expect(call.ear()).toEqual(['a 1900']);
    expect(call.told()).toEqual(['truncate a 0 1900', 'respond']);
  });

  it('does not stop an agent that cannot be interrupted, and is answered behind what it says', async () => {
    const call = await talk({ speech: 'off' });
    await halfHeard(call);
    await call.speaks('u1', 800);
    call.answers('r2', 'b', 500);
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 2000', 'b 500']);
    expect(call.told()).toEqual([]);
  });

  it('is answered once more by an agent that cannot be interrupted when it was still making its answer', async () => {
    const call = await talk({ speech: 'off' });
    call.says('r1', 'a', 1_000);
    await call.speaks('u1', 600);
    expect(call.told()).toEqual([]);
    call.finishes('r1', 'a');
    expect(call.told()).toEqual(['respond']);
  });

  it('counts as heard only what has come out of the resampler when the model speaks PCM', async () => {
    const call = await talk({}, { format: L16_24K });
    while (call.eventsOf('model').length === 0) await turn();
    call.model.starts('r1');
    const payload = Buffer.alloc(48 * 2_000).toString('base64');
    call.model.emit({ type: 'audio', responseId: 'r1', itemId: 'a', contentIndex: 0, payload });
    call.finishes('r1', 'a');
    await call.pass(1_000);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    expect(call.told()).toEqual(['truncate a 0 995']);
  });
});

describe('reversible barge-in', () => {
  it('lets the same answer go on after a noise, and tells the model nothing', async () => {
    const call = await talk(REVERSIBLE);
    await halfHeard(call);
    await call.speaks('u1', 700);
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 2000']);
    expect(call.sent.filter((message) => message === 'clear')).toHaveLength(1);
    expect(call.told()).toEqual([]);
    expect(call.eventsOf('resumed')).toEqual([{ sound: 'noise', resumedMs: 1000 }]);
    expect(call.eventsOf('agent-said')).toEqual([
      {
        ...{ itemId: 'a', text: 'We open at nine in the morning.', startMs: 0, endMs: 2_700 },
        ...{ interrupted: false, estimated: false },
      },
    ]);
  });

  it('lets it go on after "mm-hm", as soon as the transcript says so', async () => {
    const call = await talk(REVERSIBLE, TRANSCRIBED);
    await halfHeard(call);
    await call.speaks('u1', 900);
    await call.pass(300);
    expect(call.ear()).toEqual(['a 1000']);
    call.model.emit({ type: 'caller-text', itemId: 'u1', text: 'Mm-hm.', final: true });
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 1000']);
    expect(call.told()).toEqual([]);
    expect(call.eventsOf('resumed')).toEqual([{ sound: 'backchannel', resumedMs: 1000 }]);
  });

  it('stops the answer for words, cuts the memory of the model where the caller heard it end, and asks for another', async () => {
    const call = await talk(REVERSIBLE, TRANSCRIBED);
    call.says('r1', 'a', 2_000);
    await call.pass(1_000);
    await call.speaks('u1', 900);
    call.model.emit({ type: 'caller-text', itemId: 'u1', text: 'No, wait.', final: true });
    expect(call.told()).toEqual(['cancel r1', 'truncate a 0 1000']);
    call.model.ends('r1', 'cancelled');
    expect(call.told()).toEqual(['respond']);
    call.answers('r2', 'b', 500);
    await call.pass(1_000);
    expect(call.ear()).toEqual(['a 1000', 'b 500']);
  });

  it('stops it for a sound that goes on, without waiting for its end', async () => {
    const call = await talk(REVERSIBLE);
    call.says('r1', 'a', 2_000);
    await call.pass(1_000);
    call.model.hearsSpeech('u1');
    await call.pass(1_050);
    expect(call.told()).toEqual([]);
    await call.pass(50);
    expect(call.told()).toEqual(['cancel r1', 'truncate a 0 1000']);
  });

  it('keeps what the model says meanwhile, behind what was not heard', async () => {
    const call = await talk(REVERSIBLE);
    call.says('r1', 'a', 900);
    await call.pass(300);
    call.model.hearsSpeech('u1');
    await call.pass(200);
    call.audio('r1', 'a', 600);
    call.finishes('r1', 'a');
    await call.pass(400);
    call.model.hearsSilence('u1');
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 1500']);
  });

  it('is decided at once when an operator interrupts, for good', async () => {
    const call = await talk(REVERSIBLE);
    call.says('r1', 'a', 2_000);
    await call.pass(1_000);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    call.operator.interrupt();
    await call.pass(0);
    expect(call.told()).toEqual(['cancel r1', 'truncate a 0 1000']);
    call.model.ends('r1', 'cancelled');
    call.model.hearsSilence('u1');
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 1000']);
    expect(call.eventsOf('resumed')).toEqual([]);
    expect(call.told()).toEqual(['respond']);
  });

  it('is decided at once when an operator mutes the agent, for good', async () => {
    const call = await talk(REVERSIBLE);
    call.says('r1', 'a', 2_000);
    await call.pass(1_000);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    call.operator.mute('agent', true);
    call.model.ends('r1', 'cancelled');
    await call.pass(500);
    call.model.hearsSilence('u1');
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 1000']);
    expect(call.eventsOf('resumed')).toEqual([]);
  });

  it('ends with the session of the model: what is held is heard, and the model is asked to go on', async () => {
    const call = await talk(REVERSIBLE);
    await call.pass(6_000);
    call.says('r1', 'a', 900, 'We open at nine in the morning');
    await call.pass(300);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    call.audio('r1', 'a', 600);
    call.sessions.closes('lost');
    await call.pass(300);
    expect(call.ear()).toEqual(['a 300']);
    call.sessions.ready();
    expect(call.told()).toEqual(['agent We open at nine in the', expect.stringMatching(/^respond Be brief.*Go on/s)]);
    call.answers('r2', 'b', 500);
    await call.pass(3_000);
    expect(call.ear()).toEqual(['a 1200', 'b 500']);
    expect(call.told()).toEqual([]);
  });
});

describe('digits', () => {
  it('stop the agent, and are answered in its place', async () => {
    const call = await talk();
    await halfHeard(call);
    call.press('5');
    await call.pass(1_100);
    expect(call.ear()).toEqual(['a 1000']);
    expect(call.told()).toEqual(['truncate a 0 1000', 'caller The caller pressed 5 on the keypad.', 'respond']);
  });

  it('do not stop it where none may, and are answered behind what it says', async () => {
    const call = await talk({ digits: 'none' });
    await halfHeard(call);
    call.press('5');
    await call.pass(1_100);
    expect(call.ear()).toEqual(['a 2000']);
    expect(call.told()).toEqual(['caller The caller pressed 5 on the keypad.', 'respond']);
  });

  it.each([
    ['0', ['a 1000']],
    ['5', ['a 2000']],
  ])('stop it where only 0 and # may: %s', async (digit, heard) => {
    const call = await talk({ digits: '0#' });
    await halfHeard(call);
    call.press(digit);
    await call.pass(1_500);
    expect(call.ear()).toEqual(heard);
  });

  it('stop what is held for good', async () => {
    const call = await talk(REVERSIBLE);
    await halfHeard(call);
    call.model.hearsSpeech('u1');
    await call.pass(100);
    call.press('5');
    await call.pass(300);
    call.model.hearsSilence('u1');
    await call.pass(2_000);
    expect(call.ear()).toEqual(['a 1000']);
    expect(call.eventsOf('resumed')).toEqual([]);
  });
});
