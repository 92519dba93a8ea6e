import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CarrierProtocolError } from '../../../src/carrier/carrier.js';
import { twilioCarrier } from '../../../src/carrier/twilio.js';
import { fixtureLines } from '../../helpers/fixture-lines.js';

const MZ = 'MZ00000000000000000000000000000002';

describe('twilio, the relay reads', () => {
  it('every message of a call', () => {
    const events = fixtureLines('twilio-to-server.jsonl').map((line) => twilioCarrier.decode(line));
    expect(events).toEqual([
      { type: 'connected' },
      {
        type: 'start',
        streamSid: MZ,
        callSid: 'CA00000000000000000000000000000003',
        accountSid: 'AC00000000000000000000000000000001',
        parameters: {},
      },
      { type: 'media', payload: '/39+/w==', track: 'inbound', timestampMs: 155 },
      { type: 'mark', name: 'greeting-end' },
      { type: 'media', payload: '/v7+/g==', track: 'inbound', timestampMs: 175 },
      { type: 'dtmf', digit: '1' },
      { type: 'stop' },
    ]);
  });

  const start = (custom: string): string =>
    `{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"]${custom}},"streamSid":"MZ1"}`;

  it('a start without customParameters', () => {
    expect(twilioCarrier.decode(start(''))).toMatchObject({ type: 'start', parameters: {} });
  });

  it('a parameter named __proto__ as a parameter like any other', () => {
    const event = twilioCarrier.decode(start(',"customParameters":{"__proto__":"x","token":"t"}'));
    if (event.type !== 'start') throw new Error('not a start');
    expect(Object.keys(event.parameters)).toEqual(['__proto__', 'token']);
    expect(event.parameters.constructor).toBeUndefined();
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('an event nobody has heard of without failing', () => {
    expect(twilioCarrier.decode('{"event":"speechResumed","streamSid":"MZ1"}')).toEqual({
      type: 'unknown',
      event: 'speechResumed',
    });
  });

  it.each([
    ['text that is not JSON', 'hello'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a message without event', '{}'],
    ['an event that is a number', '{"event":4}'],
    ['media without media', '{"event":"media"}'],
    ['media that is an array', '{"event":"media","media":[]}'],
    ['a payload that is a number', '{"event":"media","media":{"track":"inbound","timestamp":"1","payload":1}}'],
    [
      'a payload that ends the string',
      '{"event":"media","media":{"track":"inbound","timestamp":"1","payload":"\\"}"}}',
    ],
    ['a timestamp that is a number', '{"event":"media","media":{"track":"inbound","timestamp":1,"payload":"/w=="}}'],
    ['a timestamp of words', '{"event":"media","media":{"track":"inbound","timestamp":"soon","payload":"/w=="}}'],
    ['a parameter that is an object', start(',"customParameters":{"a":{}}')],
    ['a stream that is not µ-law', start(',"mediaFormat":{"encoding":"audio/x-l16","sampleRate":8000,"channels":1}')],
    ['a sid with a quote', '{"event":"start","start":{"accountSid":"AC1","streamSid":"\\"","callSid":"CA1"}}'],
    ['a digit no key has', '{"event":"dtmf","dtmf":{"digit":"11"}}'],
  ])('refuses %s', (_, message) => {
    expect(() => twilioCarrier.decode(message)).toThrow(CarrierProtocolError);
  });

  it('throws nothing but CarrierProtocolError, whatever comes', () => {
    const lines = fixtureLines('twilio-to-server.jsonl');
    const mutated = fc
      .tuple(fc.constantFrom(...lines), fc.nat(600), fc.nat(8), fc.string({ maxLength: 4 }))
      .map(([line, at, cut, put]) => line.slice(0, at) + put + line.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (message) => {
        try {
          expect(typeof twilioCarrier.decode(message).type).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(CarrierProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('twilio, the relay writes', () => {
  it('the three messages a server may send, byte for byte', () => {
    const stream = twilioCarrier.stream(MZ);
    expect([stream.media('/39+/w=='), stream.mark('greeting-end'), stream.clear()]).toEqual(
      fixtureLines('twilio-from-server.jsonl'),
    );
  });

  it('the payload untouched, even one a decoder would rewrite', () => {
    expect(twilioCarrier.stream('MZ1').media('/x==')).toBe(
      '{"event":"media","streamSid":"MZ1","media":{"payload":"/x=="}}',
    );
  });

  it('a mark whose name needs quoting', () => {
    expect(twilioCarrier.stream('MZ1').mark('a"b')).toBe('{"event":"mark","streamSid":"MZ1","mark":{"name":"a\\"b"}}');
  });
});

describe('a frame that is written exactly as Twilio writes it', () => {
  const frame = (changes: { payload?: string; timestamp?: string; tail?: string; head?: string } = {}): string => {
    const { payload = '/39+/w==', timestamp = '155', tail = '', head = '' } = changes;
    return `${head}{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"${timestamp}","payload":"${payload}"},"streamSid":"${MZ}"}${tail}`;
  };
  /** The same message, written so that the long way is taken. */
  const otherwise = (text: string): string => text.replace('{"event"', '{ "event"');

  it('is read as the same frame written otherwise', () => {
    const expected = { type: 'media', payload: '/39+/w==', track: 'inbound', timestampMs: 155 };
    expect(twilioCarrier.decode(frame())).toEqual(expected);
    expect(twilioCarrier.decode(otherwise(frame()))).toEqual(expected);
  });

  it.each([
    ['a payload that is not base64', frame({ payload: 'a"b' })],
    ['a payload with a character of its own', frame({ payload: 'AA-A' })],
    ['half a group of base64', frame({ payload: 'A' })],
    ['padding in the middle', frame({ payload: 'AA==AAAA' })],
    ['a timestamp without digits', frame({ timestamp: '' })],
    ['something behind it', frame({ tail: 'x' })],
    ['something before it', frame({ head: 'x' })],
  ])('is refused with %s, whichever way it is written', (_, text) => {
    expect(() => twilioCarrier.decode(text)).toThrow(CarrierProtocolError);
    expect(() => twilioCarrier.decode(otherwise(text))).toThrow(CarrierProtocolError);
  });

  it('is read or refused alike both ways, wherever one character is changed', () => {
    const whole = frame();
    const outcome = (text: string): unknown => {
      try {
        return twilioCarrier.decode(text);
      } catch (error) {
        return error instanceof CarrierProtocolError ? 'refused' : error;
      }
    };
    const change = fc.record({
      at: fc.nat(whole.length - 1),
      by: fc.constantFrom('"', '\\', '0', 'A', '=', ' ', '}', '\u00e9'),
    });
    fc.assert(
      fc.property(change, ({ at, by }) => {
        const changed = whole.slice(0, at) + by + whole.slice(at + 1);
        // A space at the end is no part of the message for a parser, and makes the search give up.
        expect(outcome(changed)).toEqual(outcome(`${changed} `));
      }),
      { numRuns: 2_000 },
    );
  });
});
