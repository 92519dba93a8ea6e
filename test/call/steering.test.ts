import { beforeEach, describe, expect, it } from 'vitest';
import { CallLog } from '../../src/call/call-log.js';
import type { Conversation } from '../../src/call/conversation.js';
import type { CallEvent } from '../../src/call/events.js';
import { Steering } from '../../src/call/steering.js';
import { silentLog } from '../../src/log.js';
import { CALL } from '../helpers/fake-control.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

/** What the conversation was told: the method and its arguments. */
let did: unknown[][];
let clock: VirtualClock;
let log: CallLog;
/** `early`: there is no conversation yet. */
let state: 'early' | 'talking' | 'over';
let waiting: (() => void)[];

const conversation = new Proxy({} as Conversation, {
  get:
    (_target, method) =>
    (...args: unknown[]) => {
      did.push([method, ...args]);
      return method === 'collectDigits' ? Promise.resolve('42') : Promise.resolve();
    },
});

function steering(by: 'operator' | 'tool' = 'operator'): Steering {
  return new Steering({
    ...{ info: CALL, by, log },
    withConversation: (work, tooLate) => {
      if (state === 'talking') work(conversation);
      else if (state === 'early') waiting.push(() => (state === 'over' ? tooLate?.() : work(conversation)));
      else tooLate?.();
    },
  });
}

function events(): CallEvent[] {
  return log.events;
}

beforeEach(() => {
  did = [];
  waiting = [];
  state = 'talking';
  clock = new VirtualClock(500);
  log = new CallLog({ clock, startedMs: 0, callSid: CALL.callSid, log: silentLog });
});

describe('Steering', () => {
  it('passes every command on, and makes an event of it', async () => {
    const control = steering();
    const request = { maxDigits: 2, timeoutMs: 1_000 };
    control.update({ instructions: 'A', tools: [] });
    control.setVoice('cedar');
    control.say('Hello.');
    control.inject('A fact.');
    control.inject('Another.', { respond: true });
    control.interrupt();
    control.mute('caller', true);
    control.mute('agent', false);
    control.hangUp();
    control.hangUp({ now: true });
    expect(await control.collectDigits(request)).toBe('42');
    await control.transfer({ number: '+15550003333' });
    expect(did).toEqual([
      ['update', { instructions: 'A', tools: [] }],
      ['setVoice', 'cedar'],
      ['sayLine', 'Hello.'],
      ['inject', 'A fact.', false],
      ['inject', 'Another.', true],
      ['interrupt', 'operator'],
      ['mute', 'caller', true],
      ['mute', 'agent', false],
      ['hangUp', false],
      ['hangUp', true],
      ['collectDigits', request],
      ['transfer', { number: '+15550003333' }],
    ]);
    expect(events().map(({ atMs: _at, type: _type, ...event }) => event)).toEqual([
      { by: 'operator', command: 'update', detail: 'instructions and tools' },
      { by: 'operator', command: 'voice', detail: 'cedar' },
      { by: 'operator', command: 'say', detail: 'Hello.' },
      { by: 'operator', command: 'inject', detail: 'A fact.' },
      { by: 'operator', command: 'inject', detail: 'Another.' },
      { by: 'operator', command: 'interrupt' },
      { by: 'operator', command: 'mute', detail: 'caller' },
      { by: 'operator', command: 'unmute', detail: 'agent' },
      { by: 'operator', command: 'hang-up' },
      { by: 'operator', command: 'hang-up' },
      { by: 'operator', command: 'collect-digits' },
      { by: 'operator', command: 'transfer' },
    ]);
  });

  it('writes no number of a transfer into an event', async () => {
    await steering('tool').transfer({ number: '+15550003333' });
    expect(JSON.stringify(events())).not.toContain('5550003333');
    expect(events()).toEqual([{ atMs: 500, type: 'steered', by: 'tool', command: 'transfer' }]);
  });

  it('carries out what came too early in its order, with the time at which it did', () => {
    state = 'early';
    const control = steering();
    control.say('One.');
    control.say('Two.');
    expect([did, events()]).toEqual([[], []]);
    state = 'talking';
    clock.advance(250);
    for (const work of waiting) work();
    expect(did).toEqual([
      ['sayLine', 'One.'],
      ['sayLine', 'Two.'],
    ]);
    expect(events().map(({ atMs }) => atMs)).toEqual([750, 750]);
  });

  it('does nothing after the call, and says so where somebody waits', async () => {
    state = 'over';
    const control = steering();
    control.say('One.');
    await expect(control.transfer({ url: 'https://h/x' })).rejects.toMatchObject({ code: 'call-over' });
    await expect(control.collectDigits({ maxDigits: 1, timeoutMs: 1 })).rejects.toMatchObject({ code: 'call-over' });
    expect([did, events()]).toEqual([[], []]);
  });

  it('says so to whoever waited for a call that never began', async () => {
    state = 'early';
    const transferred = steering().transfer({ url: 'https://h/x' });
    state = 'over';
    for (const work of waiting) work();
    await expect(transferred).rejects.toMatchObject({ code: 'call-over' });
  });

  it('tells what has happened, and what happens, until it is not wanted', () => {
    const control = steering();
    control.interrupt();
    const heard: [string, number][] = [];
    const stop = control.listen((event, number) => heard.push([event.type, number]));
    control.interrupt();
    stop();
    control.interrupt();
    expect(heard).toEqual([
      ['steered', 1],
      ['steered', 2],
    ]);
  });
});
