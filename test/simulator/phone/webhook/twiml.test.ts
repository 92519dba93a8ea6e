import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TWIML_RULES } from '../../../../src/simulator/phone/webhook/rules.js';
import { isUnopenable, parametersOf, readTwiml } from '../../../../src/simulator/phone/webhook/twiml.js';

const wrap = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?><Response>${body}</Response>`;
const stream = (attributes: string, inside = ''): string =>
  wrap(`<Connect><Stream ${attributes}>${inside}</Stream></Connect>`);
const URL = 'url="wss://example.com/media"';
const rulesOf = (text: string): string[] => readTwiml(text).mistakes.map(({ rule }) => rule);

/** Each rule that a document can break by itself: one that breaks it, and the nearest that does not. */
const FIXTURES = {
  'webhook/too-large': {
    fails: wrap(`<Say>${'a'.repeat(66_000)}</Say>`),
    passes: wrap(`<Say>${'a'.repeat(60_000)}</Say>`),
  },
  'twiml/not-xml': { fails: wrap('<Say>you & me</Say>'), passes: wrap('<Say>you &amp; me</Say>') },
  'twiml/blank-before-declaration': { fails: `\n${wrap('<Hangup/>')}`, passes: wrap('<Hangup/>') },
  'twiml/no-response': { fails: '<response><Hangup/></response>', passes: '<Response><Hangup/></Response>' },
  'twiml/unknown-verb': { fails: wrap('<hangup/>'), passes: wrap('<Hangup/>') },
  'twiml/unknown-attribute': {
    fails: stream(`${URL} statuscallback="https://example.com/s"`),
    passes: stream(`${URL} statusCallback="https://example.com/s"`),
  },
  'twiml/bidirectional': { fails: stream(`${URL} bidirectional="true"`), passes: stream(URL) },
  'twiml/misplaced': { fails: wrap(`<Stream ${URL}/>`), passes: stream(URL) },
  'stream/no-url': { fails: stream('url="media"'), passes: stream(URL) },
  'stream/not-wss': {
    fails: stream('url="ws://example.com/media"'),
    passes: stream('url="ws://127.0.0.1:8080/media"'),
  },
  'stream/query': {
    fails: stream('url="wss://example.com/media?a=1"'),
    passes: stream('url="wss://example.com/media/a=1"'),
  },
  'stream/track': { fails: stream(`${URL} track="both_tracks"`), passes: stream(`${URL} track="inbound_track"`) },
  'stream/two-streams': {
    fails: wrap(`<Connect><Stream ${URL}/><Stream ${URL}/></Connect>`),
    passes: wrap(`<Connect><Stream ${URL}/></Connect>`),
  },
  'stream/parameter-too-long': {
    fails: stream(URL, `<Parameter name="a" value="${'b'.repeat(499)}"/>`),
    passes: stream(URL, `<Parameter name="a" value="${'b'.repeat(498)}"/>`),
  },
  'stream/parameter-without-name': {
    fails: stream(URL, '<Parameter value="b"/>'),
    passes: stream(URL, '<Parameter name="a" value="b"/>'),
  },
  'stream/nothing-after-start': {
    fails: wrap(`<Start><Stream ${URL}/></Start>`),
    passes: wrap(`<Start><Stream ${URL} track="both_tracks"/></Start><Pause length="60"/>`),
  },
} as const;

describe.each(Object.entries(FIXTURES))('%s', (rule, { fails, passes }) => {
  it('finds the document that breaks it', () => {
    expect(rulesOf(fails)).toEqual([rule]);
  });

  it('finds nothing in the one beside it', () => {
    expect(rulesOf(passes)).toEqual([]);
  });
});

it('does not follow a document that is none, and leaves out what TwiML does not know', () => {
  expect(readTwiml('<Response><Say>hello</Response>').verbs).toBeUndefined();
  expect(readTwiml(wrap('<say>no</say><Say>yes</Say>')).verbs?.map(({ text }) => text)).toEqual(['yes']);
});

it('says what was meant, and where', () => {
  expect(readTwiml(stream(`${URL} status_callback="x"`)).mistakes[0]).toMatchObject({
    message: '<Stream> has no attribute status_callback, did you mean statusCallback?',
    excerpt: '<Stream url="wss://example.com/media" status_callback="x">',
  });
  expect(readTwiml('<Response>\n<Say>a</Sai>\n</Response>').mistakes[0]).toMatchObject({
    message: 'the answer is not well-formed XML, line 2: unexpected close tag',
  });
});

it('keeps the parameters that arrive', () => {
  const inside = `<Parameter name="agent" value="a &amp; b"/><Parameter name="long" value="${'b'.repeat(500)}"/>`;
  const connect = readTwiml(stream(URL, inside)).verbs![0]!;
  expect(parametersOf(connect.children[0]!)).toEqual({ agent: 'a & b' });
});

it('opens a stream with a query, and none with another scheme or track', () => {
  const opens = (attributes: string) => !isUnopenable(readTwiml(stream(attributes)).verbs![0]!.children[0]!, 'Connect');
  expect(opens('url="wss://example.com/media?a=1"')).toBe(true);
  expect(opens('url="https://example.com/media"')).toBe(false);
  expect(opens(`${URL} track="outbound_track"`)).toBe(false);
});

it('reads any text without throwing', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map(wrap)), (text) => void readTwiml(text)));
});

it('says of each rule what Twilio does and what to write instead, without a full stop', () => {
  for (const { meaning, twilio, instead } of Object.values(TWIML_RULES)) {
    for (const sentence of [meaning, twilio, instead]) expect(sentence).toMatch(/[^.]$/);
  }
});
