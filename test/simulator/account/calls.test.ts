import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import type { Instructions } from '../../../src/simulator/account/dialler.js';
import type { AccountLine, CallEntry } from '../../../src/simulator/account/live-call.js';
import { refusalOf } from './client.js';
import { ACCOUNT, account, OURS, THEIRS, TOKEN } from './setup.js';

// Fields and their order: https://www.twilio.com/docs/voice/api/call-resource

const URL_OF_TWIML = 'https://example.com/voice';

/** A phone that does nothing but be up until it is told otherwise. */
function idlePhone() {
  const seen: { entry: CallEntry; to: Instructions }[] = [];
  const redirects: unknown[] = [];
  const onAnswered = (entry: CallEntry, to: Instructions, line: AccountLine): void => {
    seen.push({ entry, to });
    line.begin(entry, {
      callSid: entry.callSid,
      redirect: (next) => redirects.push(next),
      hangUp: () => line.end(entry.callSid, 'completed', 7),
    });
  };
  return { seen, redirects, onAnswered };
}

describe('an outbound call', () => {
  it('is queued, rings, is answered, does what the phone does with its TwiML, and is completed', async () => {
    const phone = idlePhone();
    const { client, pass, double } = await account({ onAnswered: phone.onAnswered });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML });
    expect(call).toMatchObject({
      status: 'queued',
      direction: 'outbound-api',
      to: THEIRS,
      from: OURS,
      fromFormatted: '(555) 765-0100',
      phoneNumberSid: double.numbers[0]!.sid,
      startTime: null,
      duration: null,
      answeredBy: null,
      apiVersion: '2010-04-01',
      uri: `/2010-04-01/Accounts/${ACCOUNT}/Calls/${call.sid}.json`,
    });
    expect(call.dateCreated).toEqual(new Date('2026-11-21T10:00:00Z'));
    await pass(500);
    expect((await client.calls(call.sid).fetch()).status).toBe('ringing');
    expect(phone.seen).toEqual([]);
    await pass(2000);
    expect(phone.seen).toEqual([
      {
        entry: {
          callSid: call.sid,
          accountSid: ACCOUNT,
          from: OURS,
          to: THEIRS,
          direction: 'outbound-api',
        },
        to: { url: URL_OF_TWIML, method: 'POST' },
      },
    ]);
    await pass(6500);
    expect((await client.calls(call.sid).update({ status: 'completed' })).status).toBe('completed');
    expect(await client.calls(call.sid).fetch()).toMatchObject({
      status: 'completed',
      duration: '7',
      startTime: new Date('2026-11-21T10:00:02Z'),
      endTime: new Date('2026-11-21T10:00:09Z'),
    });
  });

  it('hands over TwiML, and only the address when both are given', async () => {
    const phone = idlePhone();
    const { client, pass } = await account({ onAnswered: phone.onAnswered });
    await client.calls.create({ to: THEIRS, from: OURS, twiml: '<Response><Pause/></Response>' });
    await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML, method: 'GET', twiml: '<Response/>' });
    await pass(3000);
    expect(phone.seen.map(({ to }) => to)).toEqual([
      { twiml: '<Response><Pause/></Response>' },
      { url: URL_OF_TWIML, method: 'GET' },
    ]);
  });

  it('follows an application, whose callback counts instead of its own', async () => {
    const phone = idlePhone();
    const { client, pass, server, double } = await account({
      onAnswered: phone.onAnswered,
      applications: [{ friendlyName: 'agent', voiceUrl: URL_OF_TWIML, voiceMethod: 'GET' }],
    });
    const [application] = await client.applications.list({ friendlyName: 'agent' });
    await client.calls.create({
      to: THEIRS,
      from: OURS,
      applicationSid: application!.sid,
      statusCallback: `${server.url}/status`,
    });
    await pass(3000);
    expect(phone.seen[0]!.to).toEqual({ url: URL_OF_TWIML, method: 'GET' });
    expect(double.callbacks).toEqual([]);
  });

  it('tells each event once, in order, signed, in the form that Twilio sends', async () => {
    const phone = idlePhone();
    const { client, pass, server } = await account({ onAnswered: phone.onAnswered });
    const call = await client.calls.create({
      to: THEIRS,
      from: OURS,
      url: URL_OF_TWIML,
      statusCallback: `${server.url}/status?tenant=1`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    });
    await pass(10_000);
    await client.calls(call.sid).update({ status: 'completed' });
    await pass(0);
    expect(server.seen.map(({ form }) => [form.CallStatus, form.SequenceNumber, form.Timestamp])).toEqual([
      ['initiated', '0', 'Sat, 21 Nov 2026 10:00:00 +0000'],
      ['ringing', '1', 'Sat, 21 Nov 2026 10:00:00 +0000'],
      ['in-progress', '2', 'Sat, 21 Nov 2026 10:00:02 +0000'],
      ['completed', '3', 'Sat, 21 Nov 2026 10:00:10 +0000'],
    ]);
    for (const { signature, url, form, headers } of server.seen) {
      expect(twilio.validateRequest(TOKEN, signature, url, form)).toBe(true);
      expect(headers['user-agent']).toBe('TwilioProxy/1.1');
    }
    expect(server.seen.at(-1)!.form).toMatchObject({
      AccountSid: ACCOUNT,
      CallSid: call.sid,
      From: OURS,
      Caller: OURS,
      To: THEIRS,
      Called: THEIRS,
      Direction: 'outbound-api',
      ApiVersion: '2010-04-01',
      CallbackSource: 'call-progress-events',
      CallDuration: '7',
      Duration: '1',
      FromCity: '',
    });
  });

  it('tells only the end when no event is named', async () => {
    const { client, pass, server } = await account({ people: { [THEIRS]: { answers: 'busy' } } });
    await client.calls.create({
      to: THEIRS,
      from: OURS,
      url: URL_OF_TWIML,
      statusCallback: `${server.url}/status`,
      statusCallbackMethod: 'GET',
    });
    await pass(2000);
    expect(server.seen).toHaveLength(1);
    const { method, url, signature } = server.seen[0]!;
    const fields = new URL(url).searchParams;
    expect([method, fields.get('CallStatus'), fields.get('SipResponseCode')]).toEqual(['GET', 'busy', '486']);
    expect(twilio.validateRequest(TOKEN, signature, url, {})).toBe(true);
  });

  it.each([
    ['never', 'no-answer', 20_600],
    ['busy', 'busy', 1100],
    ['fails', 'failed', 1100],
    ['after 30s', 'no-answer', 20_600],
  ])('to somebody who answers %s ends as %s', async (answers, status, afterMs) => {
    const { client, pass } = await account({ people: { [THEIRS]: { answers } } });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML, timeout: 20 });
    await pass(afterMs - 200);
    expect((await client.calls(call.sid).fetch()).endTime).toBeNull();
    await pass(200);
    expect(await client.calls(call.sid).fetch()).toMatchObject({ status, duration: '0' });
  });

  it('ends when the person hangs up, and after its time limit', async () => {
    const phone = idlePhone();
    const { client, pass } = await account({
      onAnswered: phone.onAnswered,
      people: { [THEIRS]: { answers: 'after 1s', hangsUp: 'after 5s' } },
    });
    const patient = '+15557650300';
    const [hungUp, limited] = [
      await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML }),
      await client.calls.create({ to: patient, from: OURS, url: URL_OF_TWIML, timeLimit: 60 }),
    ];
    await pass(6600);
    expect((await client.calls(hungUp.sid).fetch()).status).toBe('completed');
    expect((await client.calls(limited.sid).fetch()).status).toBe('in-progress');
    await pass(60_000);
    expect((await client.calls(limited.sid).fetch()).status).toBe('completed');
  });

  it('is hung up after a while when nobody follows its TwiML', async () => {
    const { client, pass } = await account({ unfollowedCallMs: 3000 });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML });
    await pass(2600);
    expect((await client.calls(call.sid).fetch()).status).toBe('in-progress');
    await pass(3000);
    expect(await client.calls(call.sid).fetch()).toMatchObject({ status: 'completed', duration: '3' });
  });

  it('fails when what follows its TwiML breaks', async () => {
    const { client, pass } = await account({ onAnswered: () => Promise.reject(new Error('broken')) });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML });
    await pass(3000);
    expect((await client.calls(call.sid).fetch()).status).toBe('failed');
  });

  it.each(['completed', 'canceled'] as const)('that still rings is taken back by Status=%s', async (status) => {
    const { client, pass } = await account({ people: { [THEIRS]: { answers: 'never' } } });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML });
    await pass(1000);
    expect((await client.calls(call.sid).update({ status })).status).toBe('canceled');
  });

  it('that goes on is not touched by Status=canceled', async () => {
    const phone = idlePhone();
    const { client, pass } = await account({ onAnswered: phone.onAnswered });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML });
    await pass(3000);
    expect((await client.calls(call.sid).update({ status: 'canceled' })).status).toBe('in-progress');
  });

  it('is redirected to an address or to TwiML while it goes on, and not before or after', async () => {
    const phone = idlePhone();
    const { client, pass } = await account({ onAnswered: phone.onAnswered });
    const call = await client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML });
    const redirect = () => client.calls(call.sid).update({ url: 'https://example.com/next', method: 'GET' });
    const notInProgress = { status: 400, code: 21220, message: 'Call is not in-progress. Cannot redirect.' };
    expect(await refusalOf(redirect())).toEqual(notInProgress);
    await pass(3000);
    await redirect();
    await client.calls(call.sid).update({ twiml: '<Response><Hangup/></Response>' });
    expect(phone.redirects).toEqual([
      { url: 'https://example.com/next', method: 'GET' },
      { twiml: '<Response><Hangup/></Response>' },
    ]);
    await client.calls(call.sid).update({ status: 'completed' });
    expect(await refusalOf(redirect())).toEqual(notInProgress);
    expect(await refusalOf(client.calls(call.sid).update({ status: 'completed' }))).toEqual(notInProgress);
  });
});

describe('a call that a phone enters', () => {
  const inbound = (callSid: string): CallEntry => ({
    callSid,
    accountSid: ACCOUNT,
    from: THEIRS,
    to: OURS,
    direction: 'inbound',
  });

  it('stands in the books, is redirected and hung up by the SDK', async () => {
    const { client, double } = await account();
    const sid = 'CA0123456789abcdef0123456789abcdef';
    const done: string[] = [];
    double.registry.begin(inbound(sid), {
      callSid: sid,
      redirect: (to) => done.push(JSON.stringify(to)),
      hangUp: () => {
        done.push('hung up');
        double.registry.end(sid, 'completed', 12);
      },
    });
    expect(await client.calls(sid).fetch()).toMatchObject({
      status: 'ringing',
      direction: 'inbound',
      phoneNumberSid: double.numbers[0]!.sid,
    });
    double.registry.status(sid, 'in-progress');
    await client.calls(sid).update({ url: 'https://example.com/dial' });
    await client.calls(sid).update({ status: 'completed' });
    expect(done).toEqual(['{"url":"https://example.com/dial","method":"POST"}', 'hung up']);
    expect(await client.calls(sid).fetch()).toMatchObject({ status: 'completed', duration: '12' });
  });

  it('never goes back: what was told before does not count again', async () => {
    const { client, double, server } = await account();
    const sid = 'CA0123456789abcdef0123456789abcdef';
    double.registry.begin(inbound(sid), { callSid: sid, redirect: () => {}, hangUp: () => {} });
    double.registry.status(sid, 'in-progress');
    await client.calls(sid).update({ statusCallback: `${server.url}/status` });
    double.registry.status(sid, 'ringing');
    expect(double.calls[0]!.status).toBe('in-progress');
    double.registry.end(sid, 'completed', 61);
    double.registry.end(sid, 'failed', 0);
    double.registry.status(sid, 'in-progress');
    await double.idle();
    expect(server.seen.map(({ form }) => [form.CallStatus, form.CallDuration, form.Duration, form.Direction])).toEqual([
      ['completed', '61', '2', 'inbound'],
    ]);
    double.registry.status('CA1', 'in-progress');
    double.registry.end('CA1', 'completed', 1);
    expect(double.calls).toHaveLength(1);
  });

  it('is listed by its state and its ends, the newest first', async () => {
    const { client, double, clock } = await account();
    for (const [at, sid] of ['CA1', 'CA2', 'CA3'].entries()) {
      clock.advance(at);
      double.registry.begin(inbound(sid), { callSid: sid, redirect: () => {}, hangUp: () => {} });
    }
    double.registry.status('CA2', 'in-progress');
    expect((await client.calls.list({ from: THEIRS })).map(({ sid }) => sid)).toEqual(['CA3', 'CA2', 'CA1']);
    expect((await client.calls.list({ status: 'in-progress' })).map(({ sid }) => sid)).toEqual(['CA2']);
    expect(await client.calls.list({ to: THEIRS })).toEqual([]);
    expect(await client.calls.list({ startTimeAfter: new Date('2026-11-21T00:00:00Z') })).toHaveLength(1);
    expect(await client.calls.list({ startTimeBefore: new Date('2026-11-20T00:00:00Z') })).toHaveLength(0);
  });
});
