import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Form, phoneNumber } from '../../../src/simulator/account/form.js';
import { Refused } from '../../../src/simulator/account/refusals.js';

describe('a form', () => {
  it('tells an empty field from one that is missing', () => {
    const form = new Form('VoiceUrl=&Muted=TRUE&Hold=no');
    expect([form.text('VoiceUrl'), form.filled('VoiceUrl'), form.text('SmsUrl')]).toEqual(['', undefined, undefined]);
    expect([form.flag('Muted'), form.flag('Hold'), form.flag('Beep')]).toEqual([true, false, undefined]);
  });

  it('reads lists as repeated fields and as words', () => {
    expect(new Form('E=initiated&E=ringing').list('E')).toEqual(['initiated', 'ringing']);
    expect(new Form('E=initiated+ringing').list('E')).toEqual(['initiated', 'ringing']);
    expect(new Form('').list('E')).toEqual([]);
  });

  it.each(['https://example.com', 'http://example.com:8080/a?b=c', 'http://127.0.0.1:8080/voice'])(
    'takes %s for an address',
    (url) => {
      expect(new Form(new URLSearchParams({ Url: url }).toString()).url('Url', 'callUrl')).toBe(url);
    },
  );

  it.each([
    '/voice',
    'example.com/voice',
    'ftp://example.com',
    'https:///voice',
    'http://a b.com/',
    'https://under_score.example.com/',
  ])('refuses %s as one', (url) => {
    expect(() => new Form(new URLSearchParams({ Url: url }).toString()).url('Url', 'callUrl')).toThrow(Refused);
  });

  it.each([
    ['http://localhost:3000/', true],
    ['http://127.0.0.1/', true],
    ['http://192.168.1.2/', true],
    ['http://10.0.0.1/', true],
    ['http://172.16.0.1/', true],
    ['http://[::1]/', true],
    ['http://server/', true],
    ['http://172.32.0.1/', false],
    ['https://example.com/', false],
  ])('knows whether only this machine reaches %s: %s', (url, isPrivate) => {
    const read = () => new Form(new URLSearchParams({ Url: url }).toString()).url('Url', 'callUrl', false);
    if (isPrivate) expect(read).toThrow('Url is not a valid URL');
    else expect(read()).toBe(url);
  });

  it('refuses or reads whatever comes, and breaks on nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (body, value) => {
        const given = new Form(`${body}&V=${encodeURIComponent(value)}`);
        for (const read of [
          () => given.url('V', 'callUrl', false),
          () => given.method('V', 'callMethod'),
          () => given.whole('V', 0, 9),
          () => given.choice('V', ['a'], 'callStatus'),
        ]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(Refused);
          }
        }
        given.flag('V');
        given.list('V');
      }),
    );
  });
});

describe('a phone number', () => {
  it.each([
    ['+15557650100', '+15557650100'],
    ['(555) 765-0100', '+15557650100'],
    ['1 555 765 0100', '+15557650100'],
    ['+44 20 7946 0100', '+442079460100'],
    ['+18667786', undefined],
    ['+17890987654465', undefined],
    ['+0123456789', undefined],
    ['gdygadba', undefined],
    ['', undefined],
  ])('%s is %s', (text, number) => {
    expect(phoneNumber(text)).toBe(number);
  });

  it('is what it says once it is E.164', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const number = phoneNumber(text);
        if (number !== undefined) expect(phoneNumber(number)).toBe(number);
      }),
    );
  });
});
