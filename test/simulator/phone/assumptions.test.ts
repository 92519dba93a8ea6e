import { expect, it } from 'vitest';
import {
  ASSUMPTIONS,
  type AssumptionName,
  type Assumptions,
  parseAssumption,
  shownDefault,
} from '../../../src/simulator/phone/assumptions.js';
import { complete } from '../../../src/simulator/phone/dial-options.js';
import { silentCaller } from '../../helpers/phone.js';

it.each<[text: string, assume: Partial<Assumptions>]>([
  ['clear-delay=50ms', { clearDelayMs: 50 }],
  ['ping-every=0', { pingEveryMs: 0 }],
  ['close-code=1006', { closeCode: 1006 }],
  ['marks-on-clear=reverse', { marksOnClear: 'reverse' }],
  ['max-unread=65536', { maxUnreadBytes: 65_536 }],
])('%s is read', (text, assume) => {
  expect(parseAssumption(text)).toEqual({ assume });
});

it.each<[text: string, mistake: string]>([
  ['clear-delay', 'clear-delay takes a time like 500ms or 1.5s, up to 10 minutes, not ""'],
  ['clear-delay=50', 'clear-delay takes a time like 500ms or 1.5s, up to 10 minutes, not "50"'],
  ['handshake-timeout=700s', 'handshake-timeout takes a time like 500ms or 1.5s, up to 10 minutes, not "700s"'],
  ['close-code=1001', 'close-code takes 1000 or 1005 or 1006, not "1001"'],
  ['max-unread=0', 'max-unread takes a number of bytes from 1 to 268435456, not "0"'],
])('%s is refused with one sentence', (text, mistake) => {
  expect(parseAssumption(text)).toEqual({ mistake });
});

it('an assumption that there is none of is answered with those that there are', () => {
  const parsed = parseAssumption('gravity=9.81');
  expect(parsed).toEqual({
    mistake: expect.stringMatching(/^"gravity" cannot be assumed: there are handshake-timeout,/),
  });
  expect(parseAssumption('constructor=1')).toHaveProperty('mistake');
});

it('every default can be typed and is what the phone goes by', () => {
  const options = complete({ url: 'ws://127.0.0.1/', caller: silentCaller(0) });
  for (const name of Object.keys(ASSUMPTIONS) as AssumptionName[]) {
    const { option } = ASSUMPTIONS[name];
    expect(parseAssumption(`${name}=${shownDefault(name)}`)).toEqual({ assume: { [option]: options[option] } });
  }
});

it('what dial is told goes before what the script says, and faults add up', () => {
  const caller = {
    ...silentCaller(0),
    network: { toServerMs: 1, toPhoneMs: 2, jitterMs: 3 },
    assume: { clearDelayMs: 50, closeCode: 1006 },
    faults: [{ type: 'reset', at: 5000 }],
  } as const;
  const options = complete({ url: 'ws://127.0.0.1/', caller, clearDelayMs: 70, faults: [{ type: 'close', at: 1000 }] });
  expect(options).toMatchObject({
    network: { toServerMs: 1, toPhoneMs: 2, jitterMs: 3 },
    clearDelayMs: 70,
    closeCode: 1006,
    faults: [
      { type: 'reset', at: 5000 },
      { type: 'close', at: 1000 },
    ],
  });
});
