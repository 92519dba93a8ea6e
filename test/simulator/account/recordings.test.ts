import { describe, expect, it } from 'vitest';
import type { AccountStream } from '../../../src/simulator/account/live-call.js';
import type { SimulatedAccount } from '../../../src/simulator/account/server.js';
import { refusalOf } from './client.js';
import { ACCOUNT, account, OURS, THEIRS } from './setup.js';

// https://www.twilio.com/docs/voice/api/recording and https://www.twilio.com/docs/voice/api/stream-resource

const CALLER = 'CA0123456789abcdef0123456789abcdef';

function goesOn(double: SimulatedAccount, streams: unknown[] = []): void {
  const entry = { callSid: CALLER, accountSid: ACCOUNT, from: THEIRS, to: OURS, direction: 'inbound' as const };
  double.registry.begin(entry, {
    callSid: CALLER,
    redirect: () => {},
    hangUp: () => double.registry.end(CALLER, 'completed', 3),
    startStream: ({ streamSid: _, ...stream }: AccountStream) => streams.push(stream),
    stopStream: () => streams.push('stopped'),
  });
  double.registry.status(CALLER, 'in-progress');
}

describe('recordings of a call', () => {
  it('start, pause, go on, stop, are told of and found', async () => {
    const { client, double, server, pass } = await account();
    goesOn(double);
    const { sid } = await client.calls(CALLER).recordings.create({
      recordingChannels: 'dual',
      recordingStatusCallback: `${server.url}/recording`,
      recordingStatusCallbackEvent: ['in-progress', 'completed'],
    });
    const recording = client.calls(CALLER).recordings(sid);
    expect(await recording.fetch()).toMatchObject({
      status: 'in-progress',
      channels: 2,
      duration: null,
      source: 'StartCallRecordingAPI',
      track: 'both',
    });
    await pass(2000);
    expect((await recording.update({ status: 'paused' })).status).toBe('paused');
    expect((await recording.update({ status: 'in-progress' })).status).toBe('in-progress');
    await pass(2000);
    const current = client.calls(CALLER).recordings('Twilio.CURRENT');
    expect((await current.update({ status: 'stopped' })).status).toBe('stopped');
    expect((await refusalOf(recording.update({ status: 'stopped' }))).code).toBe(21220);
    await pass(1000);
    expect(await client.recordings(sid).fetch()).toMatchObject({ status: 'completed', duration: '4', callSid: CALLER });
    expect((await client.recordings.list({ callSid: CALLER })).map((each) => each.sid)).toEqual([sid]);
    expect(await client.recordings.list({ callSid: 'CA1' })).toEqual([]);
    expect(server.seen.map(({ form }) => [form.RecordingSid, form.RecordingStatus, form.RecordingDuration])).toEqual([
      [sid, 'in-progress', undefined],
      [sid, 'completed', '4'],
    ]);
    expect(await recording.remove()).toBe(true);
    expect(await client.calls(CALLER).recordings.list()).toEqual([]);
  });

  it('end with the call, and begin with its answer when it asks for one', async () => {
    const { client, double, pass } = await account({ unfollowedCallMs: 5000 });
    const { sid } = await client.calls.create({ to: THEIRS, from: OURS, twiml: '<Response/>', record: true });
    await pass(1000);
    expect(double.recordings).toEqual([]);
    await pass(2000);
    expect(double.recordings.map(({ callSid, status, source }) => [callSid, status, source])).toEqual([
      [sid, 'in-progress', 'OutboundAPI'],
    ]);
    await pass(6000);
    expect(double.recordings.map(({ status, durationSeconds }) => [status, durationSeconds])).toEqual([
      ['completed', 5],
    ]);
  });
});

describe('one-way streams of a call', () => {
  it('are opened by the phone with their parameters, and stopped by sid or name', async () => {
    const { client, double } = await account();
    const seen: unknown[] = [];
    goesOn(double, seen);
    const stream = await client.calls(CALLER).streams.create({
      url: 'wss://example.com/fork',
      name: 'fork',
      track: 'both_tracks',
      'parameter1.name': 'tenant',
      'parameter1.value': 'one',
    });
    expect(stream.sid).toMatch(/^MZ[0-9a-f]{32}$/);
    expect(stream).toMatchObject({ status: 'in-progress', name: 'fork', callSid: CALLER });
    expect((await client.calls(CALLER).streams('fork').update({ status: 'stopped' })).status).toBe('stopped');
    expect(seen).toEqual([
      expect.objectContaining({
        url: 'wss://example.com/fork',
        track: 'both_tracks',
        parameters: { tenant: 'one' },
        name: 'fork',
      }),
      'stopped',
    ]);
    expect((await refusalOf(client.calls(CALLER).streams('other').update({ status: 'stopped' }))).code).toBe(20404);
  });

  it('are refused for a call that is not in progress', async () => {
    const { client, double } = await account();
    goesOn(double);
    double.registry.end(CALLER, 'completed', 1);
    expect((await refusalOf(client.calls(CALLER).streams.create({ url: 'wss://example.com' }))).code).toBe(21220);
  });
});
