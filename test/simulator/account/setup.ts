import { afterEach } from 'vitest';
import { type AccountOptions, type SimulatedAccount, serveAccount } from '../../../src/simulator/account/server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { listener, sdk } from './client.js';

export const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
export const TOKEN = 'the-token';
export const OURS = '+15557650100';
export const THEIRS = '+15557650200';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** An account in virtual time with one number, the SDK pointed at it, and somebody's server for its callbacks. */
export async function account(options: AccountOptions = {}) {
  const clock = new VirtualClock();
  const double: SimulatedAccount = await serveAccount({
    accountSid: ACCOUNT,
    authToken: TOKEN,
    numbers: [OURS],
    clock,
    startedAt: new Date('2026-11-21T10:00:00Z'),
    ...options,
  });
  open.push(double);
  const server = await listener();
  open.push(server);
  const client = sdk(double.url, ACCOUNT, ACCOUNT, TOKEN);
  return {
    double,
    clock,
    client,
    server,
    /** Moves time, then waits until every callback has been answered. */
    async pass(ms: number) {
      clock.advance(ms);
      await double.idle();
    },
  };
}
