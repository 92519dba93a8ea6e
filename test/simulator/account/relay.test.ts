import { describe, expect, it } from 'vitest';
import { twilioRest } from '../../../src/carrier/twilio/rest.js';
import { ACCOUNT, account, OURS, THEIRS, TOKEN } from './setup.js';

const CALLER = 'CA0123456789abcdef0123456789abcdef';

describe('the relay’s own client against the account', () => {
  it('redirects and hangs up the call of a phone, sends a message, and takes a call that is over for hung up', async () => {
    const { double } = await account();
    const done: string[] = [];
    const entry = { callSid: CALLER, accountSid: ACCOUNT, from: THEIRS, to: OURS, direction: 'inbound' as const };
    double.registry.begin(entry, {
      callSid: CALLER,
      redirect: (to) => done.push('twiml' in to ? to.twiml : to.url),
      hangUp: () => double.registry.end(CALLER, 'completed', 5),
    });
    double.registry.status(CALLER, 'in-progress');
    const rest = twilioRest({ accountSid: ACCOUNT, username: ACCOUNT, password: TOKEN, baseUrl: double.url });
    await rest.redirect(CALLER, { twiml: '<Response><Hangup/></Response>' });
    await rest.sendMessage({ to: THEIRS, from: OURS, body: 'hello' });
    await rest.hangUp(CALLER);
    await rest.hangUp(CALLER);
    expect(done).toEqual(['<Response><Hangup/></Response>']);
    expect(double.calls.map(({ status, durationSeconds }) => [status, durationSeconds])).toEqual([['completed', 5]]);
    expect(double.messages.map(({ body }) => body)).toEqual(['hello']);
    await expect(rest.redirect(CALLER, { twiml: '<Response/>' })).rejects.toThrow('error 21220');
  });
});
