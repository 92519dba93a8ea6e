import { beforeEach, describe, expect, it } from 'vitest';
import { AgentVoice } from '../../src/call/agent-voice.js';
import type { CallEventBody } from '../../src/call/events.js';
import { Transcript } from '../../src/call/transcript.js';
import { twilioCarrier } from '../../src/carrier/twilio.js';
import { silentLog } from '../../src/log.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

let clock: VirtualClock;
/** What went to the carrier, without marks. */
let sent: string[];
/** Marks that have not been sent back. */
let marks: string[];
/** What the model was told. */
let told: string[];
let events: CallEventBody[];
let happened: string[];
let transcript: Transcript;
let voice: AgentVoice;

function open(reversible = false): void {
  transcript = new Transcript((line) => events.push(line));
  voice = new AgentVoice({
    ...{ carrier: twilioCarrier, encoder: twilioCarrier.stream('MZ0'), clock, startedMs: 1_000, log: silentLog },
    ...{ settings: { markEveryMs: 100, settleTimeoutMs: 400, heardSlackMs: 3 }, reversible, transcript },
    send: (text) => {
      const message = JSON.parse(text);
      if (message.event === 'mark') marks.push(message.mark.name);
      else if (message.event === 'clear') sent.push('clear');
      else sent.push(`media ${Buffer.from(message.media.payload, 'base64').length}`);
    },
    inOneWrite: (work) => work(),
    model: {
      interruption: 'client',
      cancelsOnSpeech: true,
      cancel: (responseId) => void told.push(`cancel ${responseId}`),
      truncate: (itemId, _index, ms) => void told.push(`truncate ${itemId} ${ms}`),
      addText: ({ role, text }) => void told.push(`${role} ${text}`),
    },
    onEvent: (event) => events.push(event),
    onPlayed: ({ itemId }) => happened.push(`played ${itemId}`),
    onInterrupted: () => happened.push('interrupted'),
    onResumed: () => happened.push('resumed'),
  });
}

function payload(ms: number): string {
  return Buffer.alloc(ms * 8, 0x55).toString('base64');
}

function says(responseId: string, itemId: string, ms: number): void {
  voice.say({ type: 'audio', responseId, itemId, contentIndex: 0, payload: payload(ms) });
}

function answers(responseId: string, itemId: string, ms: number): void {
  voice.responseStarted(responseId);
  says(responseId, itemId, ms);
  voice.itemDone(responseId, itemId);
  voice.responseDone(responseId);
}

/** Time goes by, and then the carrier has sent back all its marks. */
function plays(ms: number): void {
  clock.advance(ms);
  for (const name of marks.splice(0)) voice.audio.markEchoed(name);
}

/** What there is to hear is heard for so long, and no mark of it has come. */
function heard(ms: number): void {
  clock.advance(ms);
}

beforeEach(() => {
  clock = new VirtualClock(1_000);
  [sent, marks, told, events, happened] = [[], [], [], [], []];
  open();
});

describe('what the model says', () => {
  it('is sent, and told when it was played', () => {
    transcript.agentText('a', 'Hello!', 0);
    answers('r1', 'a', 200);
    expect(voice.busy).toBe(true);
    plays(200);
    expect(sent).toEqual(['media 798', 'media 798', 'media 4']);
    expect([voice.busy, happened, told]).toEqual([false, ['played a'], []]);
    expect(events).toEqual([
      {
        ...{ type: 'agent-said', itemId: 'a', text: 'Hello!', startMs: 0, endMs: 200 },
        ...{ interrupted: false, estimated: false },
      },
    ]);
  });

  it('is dropped when it could end a string of the carrier’s message', () => {
    voice.say({ type: 'audio', responseId: 'r1', itemId: 'a', contentIndex: 0, payload: 'AAEC","x":"' });
    expect(sent).toEqual([]);
  });

  it('is dropped when its response is dead, and the model told that nothing of it was heard', () => {
    voice.responseStarted('r1');
    voice.interrupt('speech');
    says('r1', 'a', 500);
    voice.itemDone('r1', 'a');
    expect(told).toEqual([]);
    voice.responseDone('r1');
    says('r1', 'a', 500);
    expect([sent, told]).toEqual([[], ['truncate a 0']]);
  });
});

describe('an interruption', () => {
  it('of what is heard clears, and tells model, transcript and log how far', () => {
    transcript.agentText('a', 'We open at nine in the morning.', 0);
    answers('r1', 'a', 2_000);
    heard(1_000);
    voice.interrupt('speech');
    expect(sent.at(-1)).toBe('clear');
    expect(events).toEqual([{ type: 'interrupted', cause: 'speech', unheardMs: 1_000 }]);
    voice.audio.settleNow();
    expect(told).toEqual(['truncate a 1000']);
    expect(events.at(-1)).toMatchObject({ type: 'agent-said', text: 'We open at', interrupted: true, estimated: true });
    expect(happened).toEqual(['interrupted']);
  });

  it('cancels what is being made, unless the model has done so itself', () => {
    voice.responseStarted('r1');
    voice.interrupt('speech');
    expect(told).toEqual([]);
    voice.responseDone('r1');
    voice.responseStarted('r2');
    voice.interrupt('digit');
    expect(told).toEqual(['cancel r2']);
    expect(events).toEqual([]);
  });

  it('of nothing does nothing', () => {
    answers('r1', 'a', 200);
    plays(200);
    voice.interrupt('operator');
    expect([told, happened]).toEqual([[], ['played a']]);
  });
});

describe('a hold', () => {
  it('is refused where barge-in is not reversible', () => {
    answers('r1', 'a', 1_000);
    expect([voice.hold(), voice.held]).toEqual([false, false]);
  });

  it('is taken back: what was not heard is sent again, and later in the transcript', () => {
    open(true);
    transcript.agentText('a', 'Hello!', 0);
    answers('r1', 'a', 900);
    heard(300);
    expect([voice.hold(), voice.held]).toEqual([true, true]);
    clock.advance(500);
    sent = [];
    voice.resume('backchannel');
    expect(sent.map((message) => Number(message.split(' ')[1])).reduce((sum, bytes) => sum + bytes)).toBe(600 * 8);
    expect(events).toEqual([{ type: 'resumed', sound: 'backchannel', resumedMs: 600 }]);
    expect([told, happened]).toEqual([[], ['resumed']]);
  });
});

describe('a recorded line', () => {
  it('is known to the model when it was heard', () => {
    voice.sayLocal('greeting', payload(300), 'Welcome to the shop.');
    expect(told).toEqual([]);
    plays(300);
    expect(told).toEqual(['agent Welcome to the shop.']);
    expect(happened).toEqual(['played greeting 1']);
    expect(events).toMatchObject([{ type: 'agent-said', itemId: 'greeting 1', text: 'Welcome to the shop.' }]);
  });

  it('is known to the model as far as it was heard, which may be nothing', () => {
    voice.sayLocal('greeting', payload(1_000), 'Welcome to the shop.');
    heard(500);
    voice.interrupt('speech');
    voice.audio.settleNow();
    voice.sayLocal('apology', payload(1_000), 'I am sorry.');
    voice.interrupt('speech');
    voice.audio.settleNow();
    expect(told).toEqual(['agent Welcome to']);
  });

  it('that stands is known at once, and taken back as far as it was not heard after all', () => {
    voice.sayLocal('greeting', payload(1_000), 'Welcome to the shop.', { interruptible: false });
    expect(told.splice(0)).toEqual(['agent Welcome to the shop.']);
    expect(voice.protectedMs).toBeGreaterThan(0);
    voice.interrupt('operator');
    voice.audio.settleNow();
    expect(told).toEqual(['system Your last answer was cut off. The caller has heard nothing.']);
  });

  it('without words is nothing that the model must know', () => {
    voice.sayLocal('filler', payload(300), '', { filler: true });
    plays(300);
    expect([told, events]).toEqual([[], []]);
  });

  it('of the relay is cut short when the model has something to say', () => {
    voice.sayLocal('filler', payload(1_000), '', { filler: true });
    heard(300);
    answers('r1', 'a', 200);
    expect(sent.indexOf('clear')).toBeGreaterThan(0);
    expect(told).toEqual([]);
  });
});

describe('a protected response', () => {
  it('is the next one, until it is over', () => {
    voice.protectNext();
    voice.responseStarted('r1');
    expect(voice.protectedMs).toBeGreaterThan(0);
    voice.responseDone('r1');
    expect(voice.protectedMs).toBe(0);
    voice.responseStarted('r2');
    expect(voice.protectedMs).toBe(0);
  });

  it('is protected no longer when its session is gone', () => {
    voice.protectNext();
    voice.responseStarted('r1');
    voice.sessionEnded();
    expect(voice.protectedMs).toBe(0);
  });
});

describe('a muted agent', () => {
  it('has its responses cancelled as they begin, and plays nothing of its own', () => {
    voice.mute(true);
    voice.responseStarted('r1');
    says('r1', 'a', 300);
    voice.sayLocal('filler', payload(300), 'One moment.');
    voice.responseDone('r1');
    expect([sent, told]).toEqual([[], ['cancel r1', 'truncate a 0']]);
  });

  it('is heard again when it is unmuted', () => {
    voice.mute(true);
    voice.mute(false);
    answers('r1', 'a', 100);
    expect(sent).toEqual(['media 798', 'media 2']);
  });
});

describe('the end of a session of the model', () => {
  it('lets what was sent be played, and nothing follow', () => {
    voice.responseStarted('r1');
    says('r1', 'a', 300);
    voice.sessionEnded();
    says('r1', 'a', 300);
    plays(300);
    expect(sent).toEqual(['media 798', 'media 798', 'media 798', 'media 6']);
    expect([voice.busy, happened]).toEqual([false, ['played a']]);
  });

  it('tells nobody twice of a recorded line that is still playing', () => {
    voice.sayLocal('greeting', payload(300), 'Welcome.');
    voice.sessionEnded();
    plays(300);
    expect(told).toEqual([]);
  });
});

it('tells at the end of the call how much of the last line was heard', () => {
  transcript.agentText('a', 'We open at nine in the morning.', 0);
  answers('r1', 'a', 2_000);
  heard(1_000);
  voice.stop();
  expect(events).toMatchObject([{ type: 'agent-said', itemId: 'a', text: 'We open at', interrupted: true }]);
  expect(clock.pending).toBe(0);
});
