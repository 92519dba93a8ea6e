import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeBinaryMessage, judgeServerMessage, phoneEncoder } from '../../../src/carrier/twilio/phone.js';
import { fixtureLines } from '../../helpers/fixture-lines.js';

const SIDS = {
  accountSid: 'AC00000000000000000000000000000001',
  streamSid: 'MZ00000000000000000000000000000002',
  callSid: 'CA00000000000000000000000000000003',
};

describe('twilio, the phone writes', () => {
  it('a whole call, byte for byte', () => {
    const phone = phoneEncoder(SIDS);
    expect([
      phone.connected(),
      phone.start({}),
      phone.media(155, '/39+/w=='),
      phone.mark('greeting-end'),
      phone.media(175, '/v7+/g=='),
      phone.dtmf('1'),
      phone.stop(),
    ]).toEqual(fixtureLines('twilio-to-server.jsonl'));
  });

  it('custom parameters', () => {
    expect(phoneEncoder(SIDS).start({ caller: 'Zoë "Z"' })).toContain(
      '"customParameters":{"caller":"Zoë \\"Z\\""}},"str',
    );
  });
});

describe('twilio, the phone judges', () => {
  it('the three messages a server may send as commands', () => {
    expect(fixtureLines('twilio-from-server.jsonl').map((line) => judgeServerMessage(line, SIDS.streamSid))).toEqual([
      { command: { type: 'media', audio: Buffer.from([0xff, 0x7f, 0x7e, 0xff]) } },
      { command: { type: 'mark', name: 'greeting-end' } },
      { command: { type: 'clear' } },
    ]);
  });

  const cases = fixtureLines('twilio-invalid.jsonl').map(
    (line) => JSON.parse(line) as { rule: string; fails: string; passes: string },
  );
  it.each(cases)('$rule: $fails', ({ rule, fails, passes }) => {
    expect(judgeServerMessage(fails, SIDS.streamSid).rule).toBe(rule);
    const accepted = judgeServerMessage(passes, SIDS.streamSid);
    expect(accepted.rule).toBeUndefined();
    expect(accepted.command).toBeDefined();
  });

  it('a message with extra fields as a mistake and a command', () => {
    const text = `{"event":"media","streamSid":"${SIDS.streamSid}","media":{"payload":"/w==","chunk":"1"}}`;
    expect(judgeServerMessage(text, SIDS.streamSid)).toEqual({
      command: { type: 'media', audio: Buffer.from([0xff]) },
      rule: 'message/extra-field',
      message: 'the field "media.chunk" does not belong there',
    });
  });

  it('a binary message as a mistake', () => {
    expect(judgeBinaryMessage(160)).toEqual({
      rule: 'message/binary',
      message: 'a binary message of 160 bytes: only text is allowed',
    });
  });

  it('anything without throwing, and always to a command or a rule', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...fixtureLines('twilio-from-server.jsonl')),
        fc.nat(90),
        fc.nat(8),
        fc.string({ maxLength: 4 }),
      )
      .map(([line, at, cut, put]) => line.slice(0, at) + put + line.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (message) => {
        const { command, rule } = judgeServerMessage(message, SIDS.streamSid);
        expect(command !== undefined || rule !== undefined).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
