import { describe, expect, it } from 'vitest';
import type { Instructions } from '../../../src/simulator/account/dialler.js';
import { detect } from '../../../src/simulator/account/outbound.js';
import { behaviourOf } from '../../../src/simulator/account/person.js';
import { account, OURS, THEIRS } from './setup.js';

// https://www.twilio.com/docs/voice/answering-machine-detection

describe('detection of answering machines', () => {
  const enable = { mode: 'Enable', timeoutMs: 30_000 } as const;
  const messageEnd = { mode: 'DetectMessageEnd', timeoutMs: 30_000 } as const;

  it.each([
    ['after 2s', enable, 'human', 2000],
    ['machine', enable, 'machine_start', 4000],
    ['machine', messageEnd, 'machine_end_beep', 8500],
    ['after 2s', messageEnd, 'human', 2000],
    ['fax', enable, 'fax', 1500],
    ['machine', { ...messageEnd, timeoutMs: 5000 }, 'unknown', 5000],
  ] as const)('of %s with %o says %s after %i ms', (answers, detection, answeredBy, afterMs) => {
    expect(detect(behaviourOf({ answers, greetingMs: 8000 }), detection)).toEqual({ answeredBy, afterMs });
  });

  it('holds the TwiML back until it is known who answered', async () => {
    const followed: Instructions[] = [];
    const { client, pass } = await account({
      people: { [THEIRS]: { answers: 'machine after 1s', greetingMs: 5000 } },
      onAnswered: (_, to) => void followed.push(to),
    });
    const call = await client.calls.create({
      to: THEIRS,
      from: OURS,
      twiml: '<Response/>',
      machineDetection: 'DetectMessageEnd',
    });
    await pass(6900);
    expect(followed).toEqual([]);
    expect(await client.calls(call.sid).fetch()).toMatchObject({ status: 'in-progress', answeredBy: null });
    await pass(200);
    expect(followed).toEqual([{ twiml: '<Response/>', answeredBy: 'machine_end_beep' }]);
    expect((await client.calls(call.sid).fetch()).answeredBy).toBe('machine_end_beep');
  });

  it('tells it later, when it is asynchronous', async () => {
    const followed: Instructions[] = [];
    const { client, pass, server } = await account({
      people: { [THEIRS]: { answers: 'machine after 1s' } },
      onAnswered: (_, to) => void followed.push(to),
    });
    const call = await client.calls.create({
      to: THEIRS,
      from: OURS,
      twiml: '<Response/>',
      machineDetection: 'Enable',
      asyncAmd: 'true',
      asyncAmdStatusCallback: `${server.url}/amd`,
    });
    await pass(1600);
    expect(followed).toEqual([{ twiml: '<Response/>' }]);
    expect(server.seen).toEqual([]);
    await pass(4000);
    expect(server.seen.map(({ form }) => form)).toEqual([
      {
        CallSid: call.sid,
        AccountSid: call.accountSid,
        AnsweredBy: 'machine_start',
        MachineDetectionDuration: '4000',
      },
    ]);
  });

  it('is left out when digits are sent', async () => {
    const followed: Instructions[] = [];
    const { client, pass } = await account({
      people: { [THEIRS]: { answers: 'machine after 1s' } },
      onAnswered: (_, to) => void followed.push(to),
    });
    await client.calls.create({
      to: THEIRS,
      from: OURS,
      twiml: '<Response/>',
      machineDetection: 'Enable',
      sendDigits: '1',
    });
    await pass(1600);
    expect(followed).toEqual([{ twiml: '<Response/>' }]);
  });
});
