import { describe, expect, it } from 'vitest';
import { friendly } from '../../../src/simulator/account/numbers.js';
import { sdk } from './client.js';
import { ACCOUNT, account, OURS, TOKEN } from './setup.js';

// https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource

const TRUNK = 'TK0123456789abcdef0123456789abcdef';

describe('the numbers of an account', () => {
  it('are found by a number, a part of one with *, or a name, and fetched', async () => {
    const { client } = await account({
      numbers: ['+15557650100', '+442079460100', { phoneNumber: '+15557650101', friendlyName: 'support' }],
    });
    const found = async (query: object) =>
      (await client.incomingPhoneNumbers.list(query)).map(({ phoneNumber }) => phoneNumber);
    expect(await found({})).toEqual(['+15557650100', '+442079460100', '+15557650101']);
    expect(await found({ phoneNumber: '+15557650100' })).toEqual(['+15557650100']);
    expect(await found({ phoneNumber: '555*0101' })).toEqual(['+15557650101']);
    expect(await found({ phoneNumber: '46010' })).toEqual(['+442079460100']);
    expect(await found({ friendlyName: 'support' })).toEqual(['+15557650101']);
    expect(await found({ phoneNumber: '999' })).toEqual([]);
    const [number] = await client.incomingPhoneNumbers.list();
    expect(await client.incomingPhoneNumbers(number!.sid).fetch()).toMatchObject({
      friendlyName: '(555) 765-0100',
      voiceUrl: '',
      voiceMethod: 'POST',
      voiceApplicationSid: '',
      trunkSid: null,
      capabilities: { voice: true, sms: true, mms: true, fax: false },
      status: 'in-use',
    });
  });

  it('come in pages, whose addresses the SDK follows', async () => {
    const numbers = Array.from({ length: 7 }, (_, at) => `+1555765010${at}`);
    const { client, double } = await account({ numbers });
    const all = await client.incomingPhoneNumbers.list({ pageSize: 3 });
    expect(all.map(({ phoneNumber }) => phoneNumber)).toEqual(numbers);
    expect(double.requests.map(({ query }) => [query.Page, query.PageSize, query.PageToken])).toEqual([
      [undefined, '3', undefined],
      ['1', '3', `PA${double.numbers[2]!.sid}`],
      ['2', '3', `PA${double.numbers[5]!.sid}`],
    ]);
    const first = await client.incomingPhoneNumbers.page({ pageSize: 3 });
    expect(first.instances).toHaveLength(3);
    const second = await first.nextPage();
    expect((await second!.previousPage())!.instances.map(({ phoneNumber }) => phoneNumber)).toEqual(
      numbers.slice(0, 3),
    );
  });

  it('are updated in what the request names, and in nothing else', async () => {
    const { client, double, clock } = await account({
      numbers: [
        { phoneNumber: OURS, voiceUrl: 'https://old.example.com/voice', smsUrl: 'https://old.example.com/sms' },
      ],
    });
    const { sid } = double.numbers[0]!;
    clock.advance(60_000);
    const updated = await client.incomingPhoneNumbers(sid).update({
      voiceUrl: 'https://example.com/voice',
      voiceMethod: 'GET',
      voiceFallbackUrl: 'https://example.com/fallback',
      statusCallback: 'https://example.com/status',
      friendlyName: 'agent',
    });
    expect(updated).toMatchObject({
      voiceUrl: 'https://example.com/voice',
      voiceMethod: 'GET',
      voiceFallbackUrl: 'https://example.com/fallback',
      voiceFallbackMethod: 'POST',
      statusCallback: 'https://example.com/status',
      friendlyName: 'agent',
      smsUrl: 'https://old.example.com/sms',
      dateCreated: new Date('2026-11-21T10:00:00Z'),
      dateUpdated: new Date('2026-11-21T10:01:00Z'),
    });
    await client.incomingPhoneNumbers(sid).update({ voiceFallbackUrl: '', statusCallback: '' });
    expect(double.numbers[0]).toMatchObject({ voiceFallbackUrl: '', statusCallback: '', voiceMethod: 'GET' });
  });

  it('have an application or a trunk, never both, and keep their own address below it', async () => {
    const { client, double } = await account({
      numbers: [{ phoneNumber: OURS, trunkSid: TRUNK }],
      applications: [{ voiceUrl: 'https://example.com/app' }],
    });
    const [application] = await client.applications.list();
    const number = client.incomingPhoneNumbers(double.numbers[0]!.sid);
    expect((await number.update({ voiceUrl: 'https://example.com/voice' })).trunkSid).toBe(TRUNK);
    expect(await number.update({ voiceApplicationSid: application!.sid })).toMatchObject({
      voiceApplicationSid: application!.sid,
      trunkSid: null,
      voiceUrl: 'https://example.com/voice',
    });
    expect(await number.update({ trunkSid: TRUNK })).toMatchObject({ voiceApplicationSid: '', trunkSid: TRUNK });
    expect(await number.update({ trunkSid: '' })).toMatchObject({ trunkSid: null });
  });

  it('say whom a call to them asks: the application before their own address, nobody behind a trunk', async () => {
    const { client, double } = await account({
      numbers: [
        { phoneNumber: OURS, voiceUrl: 'https://example.com/voice', statusCallback: 'https://example.com/status' },
        { phoneNumber: '+15557650101', voiceUrl: 'https://example.com/voice', capabilities: { voice: false } },
        '+15557650102',
      ],
      applications: [{ voiceUrl: 'https://example.com/app', voiceMethod: 'GET' }],
    });
    const [application] = await client.applications.list();
    const number = client.incomingPhoneNumbers(double.numbers[0]!.sid);
    expect(double.incoming(OURS)).toEqual({
      url: 'https://example.com/voice',
      method: 'POST',
      statusCallback: 'https://example.com/status',
      statusCallbackMethod: 'POST',
    });
    await number.update({ voiceFallbackUrl: 'https://example.com/fallback' });
    expect(double.incoming(OURS)).toMatchObject({
      fallbackUrl: 'https://example.com/fallback',
      fallbackMethod: 'POST',
    });
    await number.update({ voiceApplicationSid: application!.sid });
    expect(double.incoming(OURS)).toEqual({ url: 'https://example.com/app', method: 'GET' });
    await number.update({ trunkSid: TRUNK });
    expect(double.incoming(OURS)).toBeUndefined();
    for (const other of ['+15557650101', '+15557650102', '+15557650103']) {
      expect(double.incoming(other)).toBeUndefined();
    }
  });

  it('have names like (415) 867-5309 in North America, and their own elsewhere', () => {
    expect(friendly('+14158675309')).toBe('(415) 867-5309');
    expect(friendly('+442079460100')).toBe('+442079460100');
  });
});

describe('the applications of an account', () => {
  it('are made, found, fetched and changed', async () => {
    const { client } = await account();
    const made = await client.applications.create({ friendlyName: 'agent', voiceUrl: 'https://example.com/app' });
    expect(made.sid).toMatch(/^AP[0-9a-f]{32}$/);
    expect((await client.applications.list({ friendlyName: 'agent' })).map(({ sid }) => sid)).toEqual([made.sid]);
    expect(await client.applications.list({ friendlyName: 'other' })).toEqual([]);
    await client.applications(made.sid).update({ voiceMethod: 'GET' });
    expect(await client.applications(made.sid).fetch()).toMatchObject({
      voiceUrl: 'https://example.com/app',
      voiceMethod: 'GET',
    });
  });
});

describe('the account itself', () => {
  it('is fetched, by its token or by one of its keys, without giving the token away', async () => {
    const key = 'SK0123456789abcdef0123456789abcdef';
    const { client, double } = await account({ apiKeys: { [key]: 'secret' } });
    for (const each of [client, sdk(double.url, ACCOUNT, key, 'secret')]) {
      const fetched = await each.api.accounts(ACCOUNT).fetch();
      expect(fetched).toMatchObject({ sid: ACCOUNT, status: 'active', type: 'Full' });
      expect(JSON.stringify(fetched)).not.toContain(TOKEN);
    }
    expect(double.requests.map(({ user }) => user)).toEqual([ACCOUNT, key]);
  });
});
