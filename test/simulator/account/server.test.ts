import { describe, expect, it } from 'vitest';
import { serveAccount } from '../../../src/simulator/account/server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { sdk } from './client.js';
import { ACCOUNT, account, OURS, THEIRS, TOKEN } from './setup.js';

describe('the account’s server', () => {
  it('leaves nothing running when it is closed in the middle of a call', async () => {
    const clock = new VirtualClock();
    const double = await serveAccount({ accountSid: ACCOUNT, authToken: TOKEN, numbers: [OURS], clock });
    const client = sdk(double.url, ACCOUNT, ACCOUNT, TOKEN);
    await client.calls.create({ to: THEIRS, from: OURS, twiml: '<Response/>' });
    clock.advance(3000);
    expect(clock.pending).toBeGreaterThan(0);
    await double.close();
    expect(clock.pending).toBe(0);
  });

  it('says when its port is taken', async () => {
    const { double } = await account();
    await expect(serveAccount({ port: double.port })).rejects.toMatchObject({ code: 'port-in-use' });
  });

  it('refuses a person whom it does not understand', async () => {
    await expect(serveAccount({ people: { [THEIRS]: { answers: 'maybe' } } })).rejects.toThrow(RangeError);
  });

  it('draws the same sids for the same seed', async () => {
    const sids: string[] = [];
    for (const seed of [7, 7, 8]) {
      const { client } = await account({ seed });
      sids.push((await client.calls.create({ to: THEIRS, from: OURS, twiml: '<Response/>' })).sid);
    }
    expect(sids[0]).toBe(sids[1]);
    expect(sids[2]).not.toBe(sids[0]);
  });

  it('keeps a log of requests without secrets', async () => {
    const { client, double } = await account();
    await client.messages.create({ to: THEIRS, from: OURS, body: 'hello' });
    expect(double.requests).toEqual([
      {
        method: 'POST',
        path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
        query: {},
        form: { To: THEIRS, From: OURS, Body: 'hello' },
        user: ACCOUNT,
        status: 201,
      },
    ]);
  });

  it('tells a phone what kind of person it has dialled', async () => {
    const { double } = await account({ people: { [THEIRS]: { answers: 'machine', greetingMs: 4000 } } });
    expect(double.registry.personAt(THEIRS)).toMatchObject({ kind: 'machine', greetingMs: 4000 });
    expect(double.registry.personAt(OURS)).toMatchObject({ kind: 'human' });
  });
});
