import { describe, expect, it } from 'vitest';
import { readSettings, readWhoSpeaks, type SimulateFlags } from '../../../src/cli/simulate/settings.js';
import { VoicebridgeError } from '../../../src/errors.js';

const FLAGS: SimulateFlags = { seed: '1', record: true, page: true };

function refusal(flags: Partial<SimulateFlags>): string {
  try {
    readSettings({ ...FLAGS, ...flags });
  } catch (error) {
    if (!(error instanceof VoicebridgeError)) throw error;
    expect(error.exit).toBe(2);
    expect(error.hint).not.toMatch(/\{|undefined/);
    return error.message;
  }
  return 'accepted';
}

describe('the options of simulate', () => {
  it('have plain defaults', () => {
    expect(readSettings(FLAGS)).toEqual({
      parameters: {},
      seed: 1,
      page: true,
      record: true,
      json: false,
    });
  });

  it('are read', () => {
    const settings = readSettings({
      ...FLAGS,
      url: 'wss://example.com/media-stream',
      param: ['token=a=b', 'empty='],
      seed: '42',
      out: 'here',
      network: '40, 50.5,0',
      fault: ['stall@5s:1500ms', 'reset@9s'],
      assume: ['clear-delay=50ms', 'clear-delay=60ms', 'close-code=1006'],
      authToken: '12345',
      json: true,
    });
    expect(settings).toMatchObject({
      url: 'wss://example.com/media-stream',
      parameters: { token: 'a=b', empty: '' },
      seed: 42,
      outDir: 'here',
      network: { toServerMs: 40, toPhoneMs: 50.5, jitterMs: 0 },
      faults: [
        { type: 'stall', at: 5000, forMs: 1500 },
        { type: 'reset', at: 9000 },
      ],
      assume: { clearDelayMs: 60, closeCode: 1006 },
      authToken: '12345',
      json: true,
    });
  });

  it.each<[Partial<SimulateFlags>, string]>([
    [{ record: false, out: 'x' }, '--no-record and --out cannot be used together'],
    [
      { url: 'localhost:8080' },
      '--url localhost:8080 is neither a stream (ws://, wss://) nor a webhook (http://, https://)',
    ],
    [{ url: 'ws://' }, '--url ws:// is neither a stream (ws://, wss://) nor a webhook (http://, https://)'],
    [{ url: 'https://example.com/voice', from: '+15550100003', digits: '1,47#', method: 'get' }, 'accepted'],
    [
      { digits: '1#' },
      "--digits needs a webhook, --url http(s)://…/voice; press keys in a call.yaml: a step `- digits: '1#'`",
    ],
    [
      { url: 'http://a/voice', param: ['a=1'] },
      '--param needs a stream, --url ws(s)://…; a webhook says it in its TwiML',
    ],
    [{ url: 'http://a/voice', to: '12' }, '--to 12 is not a number such as +15550100001'],
    [{ url: 'http://a/voice', method: 'PUT' }, '--method PUT is neither POST nor GET'],
    [
      { url: 'http://a/voice', digits: '1a' },
      '--digits 1a has other keys than 0-9 * #, with a comma between two <Gather>s',
    ],
    [{ url: 'http://a/voice', dialAnswers: 'maybe' }, '--dial-answers maybe is none of: after 2s, busy, never'],
    [{ url: 'http://a/voice', fallbackUrl: 'b' }, '--fallback-url b is not an http:// or https:// address'],
    [{ param: ['novalue'] }, '--param novalue is not of the form name=value'],
    [{ param: ['=x'] }, '--param =x is not of the form name=value'],
    [{ param: ['a=1', 'a=2'] }, '--param a is given twice'],
    [
      { param: [`a=${'x'.repeat(499)}`] },
      '--param a is too long: Twilio takes names and values of less than 500 characters together',
    ],
    [{ param: [`a=${'x'.repeat(498)}`] }, 'accepted'],
    [{ seed: '-1' }, '--seed -1 is not a whole number'],
    [{ seed: '1e3' }, '--seed 1e3 is not a whole number'],
    [
      { from: '+15550100003' },
      '--from needs a webhook, --url http(s)://…/voice; tell the server in a parameter: --param from=…',
    ],
    [{ out: '' }, '--out is empty'],
    [{ authToken: ' ' }, '--auth-token is empty'],
    [{ fault: ['stall@5s'] }, '--fault: a stall needs how long it lasts: stall@5s:1500ms'],
    [
      { assume: ['clear-delay=50'] },
      '--assume: clear-delay takes a time like 500ms or 1.5s, up to 10 minutes, not "50"',
    ],
  ])('%j: %s', (flags, message) => {
    expect(refusal(flags)).toBe(message);
  });

  it.each(['', '40', '40,40', '40,40,-1', '40,,10', 'a,b,c', '1,2,3,4', '0,0,10001', 'NaN,0,0', 'Infinity,0,0'])(
    'refuses the network %j',
    (network) => {
      expect(refusal({ network })).toMatch(`--network ${network} is not three numbers of milliseconds`);
    },
  );
});

describe('who speaks', () => {
  const flags = (more: Partial<SimulateFlags>): SimulateFlags => ({ ...FLAGS, ...more });

  it('is a file, the caller of a recorded call, or a person with or without half-duplex', () => {
    expect(readWhoSpeaks('call.yaml', FLAGS)).toEqual({ path: 'call.yaml' });
    expect(readWhoSpeaks(undefined, flags({ replay: 'calls/1' }))).toEqual({ replay: 'calls/1' });
    expect(readWhoSpeaks(undefined, flags({ mic: true }))).toEqual({ mic: { halfDuplex: false } });
    expect(readWhoSpeaks(undefined, flags({ mic: true, halfDuplex: true }))).toEqual({ mic: { halfDuplex: true } });
  });

  it.each<[path: string | undefined, flags: Partial<SimulateFlags>, message: string]>([
    ['a.wav', { mic: true }, '--mic and a.wav cannot be used together'],
    ['a.wav', { halfDuplex: true }, '--half-duplex needs --mic: it mutes a microphone'],
    [undefined, {}, "missing required argument 'caller': a WAV, a call.yaml, or --mic to speak"],
    ['a.wav', { replay: 'calls/1' }, '--replay and a.wav cannot be used together'],
    [undefined, { replay: 'calls/1', mic: true }, '--replay and --mic cannot be used together'],
    [undefined, { replay: ' ' }, '--replay is empty'],
  ])('is not %s with %j', (path, more, message) => {
    expect(() => readWhoSpeaks(path, flags(more))).toThrow(message);
  });
});
