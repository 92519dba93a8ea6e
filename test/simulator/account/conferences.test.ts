import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import type { Instructions } from '../../../src/simulator/account/dialler.js';
import type { AccountLine, CallEntry } from '../../../src/simulator/account/live-call.js';
import type { SimulatedAccount } from '../../../src/simulator/account/server.js';
import { refusalOf } from './client.js';
import { ACCOUNT, account, OURS, THEIRS, TOKEN } from './setup.js';

// https://www.twilio.com/docs/voice/api/conference-resource and …/conference-participant-resource

const CALLER = 'CA0123456789abcdef0123456789abcdef';

/** A caller who came in and waits in a room. */
function callerWaits(double: SimulatedAccount, more: object = {}) {
  const out: string[] = [];
  const entry = { callSid: CALLER, accountSid: ACCOUNT, from: THEIRS, to: OURS, direction: 'inbound' as const };
  double.registry.begin(entry, { callSid: CALLER, redirect: () => {}, hangUp: () => {} });
  double.registry.status(CALLER, 'in-progress');
  const seat = double.registry.join({
    friendlyName: 'support',
    callSid: CALLER,
    onOut: (reason) => out.push(reason),
    ...more,
  });
  return { seat: seat!, out };
}

describe('a conference', () => {
  it('is entered by a caller, dials a person, starts when they answer, and ends with the last one', async () => {
    const { client, double, server, pass } = await account();
    const { seat } = callerWaits(double, {
      statusCallback: `${server.url}/conference`,
      statusCallbackEvent: 'start end join leave',
    });
    const [room] = await client.conferences.list({ friendlyName: 'support', status: 'init' });
    expect(room).toMatchObject({ sid: seat.conferenceSid, status: 'init', region: 'us1' });
    const agent = await client
      .conferences(room!.sid)
      .participants.create({ to: '+15557650300', from: OURS, label: 'agent', earlyMedia: true });
    expect(agent).toMatchObject({ status: 'queued', label: 'agent', muted: false, conferenceSid: room!.sid });
    await pass(600);
    expect((await client.conferences(room!.sid).participants('agent').fetch()).status).toBe('ringing');
    await pass(2000);
    expect((await client.conferences(room!.sid).fetch()).status).toBe('in-progress');
    const inside = await client.conferences('support').participants.list();
    expect(inside.map(({ callSid, status }) => [callSid, status])).toEqual([
      [CALLER, 'connected'],
      [agent.callSid, 'connected'],
    ]);
    await client.calls(agent.callSid).update({ status: 'completed' });
    expect((await client.conferences(room!.sid).participants.list()).map(({ callSid }) => callSid)).toEqual([CALLER]);
    seat.leave();
    await pass(0);
    expect(await client.conferences(room!.sid).fetch()).toMatchObject({
      status: 'completed',
      reasonConferenceEnded: 'last-participant-left',
      callSidEndingConference: CALLER,
    });
    expect(server.seen.map(({ form }) => [form.SequenceNumber, form.StatusCallbackEvent, form.CallSid])).toEqual([
      ['1', 'participant-join', CALLER],
      ['2', 'participant-join', agent.callSid],
      ['3', 'conference-start', undefined],
      ['4', 'participant-leave', agent.callSid],
      ['5', 'participant-leave', CALLER],
      ['6', 'conference-end', undefined],
    ]);
    for (const { signature, url, form } of server.seen) {
      expect(twilio.validateRequest(TOKEN, signature, url, form)).toBe(true);
      expect(form).toMatchObject({ ConferenceSid: room!.sid, FriendlyName: 'support', AccountSid: ACCOUNT });
    }
    expect(server.seen.at(-1)!.form).toMatchObject({ ReasonConferenceEnded: 'last-participant-left' });
  });

  it('goes on without a person who does not answer', async () => {
    const { client, double, server, pass } = await account({ people: { '+15557650300': { answers: 'never' } } });
    const { seat, out } = callerWaits(double);
    await client.conferences('support').participants.create({
      to: '+15557650300',
      from: OURS,
      timeout: 15,
      statusCallback: `${server.url}/agent`,
      statusCallbackEvent: ['ringing', 'completed'],
    });
    await pass(16_000);
    expect(server.seen.map(({ form }) => form.CallStatus)).toEqual(['ringing', 'no-answer']);
    expect(await client.conferences(seat.conferenceSid).participants.list()).toHaveLength(1);
    expect((await client.conferences(seat.conferenceSid).fetch()).status).toBe('init');
    expect(out).toEqual([]);
  });

  it('mutes, holds and puts out, and tells each', async () => {
    const { client, double, server, pass } = await account();
    const { seat, out } = callerWaits(double, {
      statusCallback: `${server.url}/conference`,
      statusCallbackEvent: 'mute hold leave end',
    });
    const caller = client.conferences(seat.conferenceSid).participants(CALLER);
    expect(await caller.update({ muted: true })).toMatchObject({ muted: true, hold: false });
    expect(seat.muted).toBe(true);
    expect(await caller.update({ hold: true, holdUrl: 'https://example.com/music' })).toMatchObject({ hold: true });
    await caller.update({ muted: false, hold: false, endConferenceOnExit: true });
    expect([seat.muted, seat.hold]).toEqual([false, false]);
    expect(await caller.remove()).toBe(true);
    await pass(0);
    expect(out).toEqual(['kicked']);
    expect(server.seen.map(({ form }) => form.StatusCallbackEvent)).toEqual([
      'participant-mute',
      'participant-hold',
      'participant-unmute',
      'participant-unhold',
      'participant-leave',
      'conference-end',
    ]);
    expect(double.conferences[0]!.reason).toBe('participant-with-end-conference-on-exit-kicked');
    expect((await refusalOf(caller.fetch())).code).toBe(20404);
  });

  it('ends for everybody by the API, and when somebody leaves who ends it', async () => {
    const { client, double, pass } = await account();
    const one = callerWaits(double);
    const agent = await client
      .conferences('support')
      .participants.create({ to: '+15557650300', from: OURS, endConferenceOnExit: true });
    await pass(3000);
    await client.calls(agent.callSid).update({ status: 'completed' });
    expect(one.out).toEqual(['participant-with-end-conference-on-exit-left']);
    const two = callerWaits(double);
    expect(two.seat.conferenceSid).not.toBe(one.seat.conferenceSid);
    const second = await client.conferences('support').participants.create({ to: '+15557650300', from: OURS });
    await pass(3000);
    await client.conferences(two.seat.conferenceSid).update({ status: 'completed' });
    expect(two.out).toEqual(['conference-ended-via-api']);
    expect((await client.calls(second.callSid).fetch()).status).toBe('completed');
    expect((await client.conferences.list({ status: 'completed' })).map(({ sid }) => sid)).toEqual([
      two.seat.conferenceSid,
      one.seat.conferenceSid,
    ]);
  });

  it('takes an application in, whose VoiceUrl is followed with the parameters', async () => {
    const followed: { entry: CallEntry; to: Instructions }[] = [];
    const { client, double, pass } = await account({
      applications: [{ voiceUrl: 'https://example.com/ai' }],
      onAnswered: (entry, to, line: AccountLine) => {
        followed.push({ entry, to });
        line.begin(entry, {
          callSid: entry.callSid,
          redirect: () => {},
          hangUp: () => line.end(entry.callSid, 'completed', 1),
        });
      },
    });
    const { seat } = callerWaits(double);
    const [application] = await client.applications.list();
    const ai = await client
      .conferences(seat.conferenceSid)
      .participants.create({ to: `app:${application!.sid}?room=support`, from: OURS });
    await pass(1000);
    expect(followed.map(({ entry, to }) => [entry.callSid, to])).toEqual([
      [ai.callSid, { url: 'https://example.com/ai', method: 'POST', parameters: { room: 'support' } }],
    ]);
    expect(await client.conferences(seat.conferenceSid).participants(ai.callSid).fetch()).toMatchObject({
      status: 'connected',
    });
    await client.conferences(seat.conferenceSid).participants(ai.callSid).remove();
    expect((await client.calls(ai.callSid).fetch()).status).toBe('completed');
  });

  it('has no place for more than it may hold', async () => {
    const { double } = await account();
    const join = (callSid: string) =>
      double.registry.join({ friendlyName: 'small', callSid, maxParticipants: 2, startConferenceOnEnter: false });
    expect([join('CA1'), join('CA2'), join('CA3')].map(Boolean)).toEqual([true, true, false]);
    // Nobody of them may start it.
    expect(double.conferences[0]!.status).toBe('init');
  });
});

describe('a person dialled by a call', () => {
  it('rings, answers and hangs up, and can be hung up on', async () => {
    const { double, client, pass } = await account({
      people: { [THEIRS]: { answers: 'after 1s', hangsUp: 'after 4s' } },
    });
    const heard: string[] = [];
    const dial = (to: string) =>
      double.registry.dial({
        from: OURS,
        to,
        parentCallSid: CALLER,
        timeoutSeconds: 10,
        onRinging: () => heard.push('ringing'),
        onAnswered: () => heard.push('answered'),
        onOver: (status, seconds) => heard.push(`${status} ${seconds}`),
      });
    const leg = dial(THEIRS);
    await pass(6000);
    expect(heard).toEqual(['ringing', 'answered', 'completed 4']);
    expect(await client.calls(leg.callSid).fetch()).toMatchObject({
      direction: 'outbound-dial',
      parentCallSid: CALLER,
    });
    expect((await client.calls.list({ parentCallSid: CALLER })).map(({ sid }) => sid)).toEqual([leg.callSid]);
    heard.length = 0;
    double.person(THEIRS, { answers: 'never' });
    dial(THEIRS);
    await pass(11_000);
    expect(heard).toEqual(['ringing', 'no-answer 0']);
    heard.length = 0;
    const given = dial(THEIRS);
    await pass(1000);
    given.hangUp();
    expect(heard).toEqual(['ringing', 'canceled 0']);
  });
});
