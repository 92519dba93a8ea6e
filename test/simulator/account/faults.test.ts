import { describe, expect, it } from 'vitest';
import { FaultPlan } from '../../../src/simulator/account/faults.js';
import { refusalOf, sdk } from './client.js';
import { ACCOUNT, account, TOKEN } from './setup.js';

describe('faults on request', () => {
  it.each([
    ['401', 401, 20003],
    ['404', 404, 20404],
    ['500', 500, 20500],
  ] as const)('%s is answered as Twilio answers it, once', async (kind, status, code) => {
    const { client, double } = await account();
    double.fault({ kind, times: 1 });
    expect(await refusalOf(client.calls.list())).toMatchObject({ status, code });
    expect(await client.calls.list()).toEqual([]);
    expect(double.requests.map(({ fault }) => fault)).toEqual([kind, undefined]);
  });

  it('429 says when to come back', async () => {
    const { double } = await account({ faults: [{ kind: '429', retryAfterSeconds: 3 }] });
    const response = await fetch(`${double.url}/2010-04-01/Accounts/${ACCOUNT}/Calls.json`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
  });

  it('timeout answers nothing at all', async () => {
    const { double } = await account({ faults: [{ kind: 'timeout' }] });
    const impatient = sdk(double.url, ACCOUNT, ACCOUNT, TOKEN, 100);
    expect(await refusalOf(impatient.calls.list())).toMatchObject({ code: 'ECONNABORTED' });
    expect(double.requests).toMatchObject([{ status: 0, fault: 'timeout' }]);
  });

  it.each([
    ['malformed', '{"sid": "CA0123", "status": '],
    ['empty', ''],
  ] as const)('%s is a good status with a body that is none', async (kind, body) => {
    const { double } = await account({ faults: [{ kind }] });
    const response = await fetch(`${double.url}/2010-04-01/Accounts/${ACCOUNT}/Calls.json`);
    expect([response.status, await response.text()]).toEqual([200, body]);
  });

  it('hit the requests that they are meant for, in their order, until cleared', () => {
    const plan = new FaultPlan();
    plan.add({ kind: '500', on: 'POST /Messages', times: 1 });
    plan.add({ kind: '429', on: '/Calls' });
    expect(plan.next('GET', '/x/Messages.json')).toBeUndefined();
    expect(plan.next('POST', '/x/Messages.json')?.kind).toBe('500');
    expect(plan.next('POST', '/x/Messages.json')).toBeUndefined();
    expect(plan.next('GET', '/x/Calls.json')?.kind).toBe('429');
    plan.clear();
    expect(plan.next('GET', '/x/Calls.json')).toBeUndefined();
  });
});
