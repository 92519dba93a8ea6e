import { describe, expect, it } from 'vitest';
import type { GivenUp } from '../../src/call/ending.js';
import { Transfer } from '../../src/call/transfer.js';
import type { CarrierRest } from '../../src/carrier/carrier.js';
import { VoicebridgeError } from '../../src/errors.js';

/** The last words end as the test says. */
function transfer(redirect: CarrierRest['redirect'] | undefined) {
  const said = { played: (): void => {}, givenUp: (_why: GivenUp): void => {} };
  const rest = redirect && { redirect, hangUp: async () => {}, sendMessage: async () => {} };
  const ending = {
    begin(act: () => void, givenUp: (why: GivenUp) => void = () => {}) {
      Object.assign(said, { played: act, givenUp });
    },
  };
  return { transfer: new Transfer({ callSid: 'CA0', rest, ending }), said };
}

describe('Transfer', () => {
  it('asks the carrier when the last words have been played, and is done', async () => {
    const asked: unknown[] = [];
    const { transfer: it, said } = transfer(async (...args) => void asked.push(args));
    const over = it.to({ url: 'https://h/night' });
    expect([asked, it.done]).toEqual([[], false]);
    said.played();
    await over;
    expect([asked, it.done]).toEqual([[['CA0', { url: 'https://h/night' }]], true]);
  });

  it('has a number dialled', async () => {
    const asked: unknown[] = [];
    const { transfer: it, said } = transfer(async (_callSid, to) => void asked.push(to));
    const over = it.to({ number: '+15550003333', timeoutSeconds: 20 });
    said.played();
    await over;
    expect(asked).toEqual([
      {
        twiml:
          '<?xml version="1.0" encoding="UTF-8"?><Response><Dial timeout="20"><Number>+15550003333</Number></Dial></Response>',
      },
    ]);
  });

  it('counts as done while the carrier thinks, as it may end the stream before it answers', async () => {
    const { transfer: it, said } = transfer(() => new Promise(() => {}));
    it.to({ url: 'https://h/night' });
    said.played();
    await Promise.resolve();
    expect(it.done).toBe(true);
  });

  it('is not done when the carrier refuses, and says why', async () => {
    const refused = new VoicebridgeError('carrier-refused', {
      ...{ carrier: 'Twilio', what: 'redirect the call', code: 21220, page: '' },
    });
    const { transfer: it, said } = transfer(() => Promise.reject(refused));
    const over = it.to({ url: 'https://h/night' });
    said.played();
    await expect(over).rejects.toBe(refused);
    expect(it.done).toBe(false);
  });

  it.each([
    ['interrupted', 'transfer-interrupted'],
    ['over', 'call-over'],
  ] as const)('asks nobody when it is given up: %s', async (why, code) => {
    const asked: unknown[] = [];
    const { transfer: it, said } = transfer(async (...args) => void asked.push(args));
    const over = it.to({ url: 'https://h/night' });
    said.givenUp(why);
    await expect(over).rejects.toMatchObject({ code });
    expect([asked, it.done]).toEqual([[], false]);
  });

  it('needs the account of the carrier', async () => {
    const { transfer: it } = transfer(undefined);
    await expect(it.to({ url: 'https://h/night' })).rejects.toMatchObject({ code: 'transfer-needs-account' });
  });
});
