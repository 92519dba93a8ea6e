import type { Twilio } from 'twilio';
import { describe, expect, it } from 'vitest';
import { REFUSALS, type RefusalName } from '../../../src/simulator/account/refusals.js';
import type { AccountOptions, SimulatedAccount } from '../../../src/simulator/account/server.js';
import { refusalOf, sdk } from './client.js';
import { ACCOUNT, account, OURS, THEIRS } from './setup.js';

const URL_OF_TWIML = 'https://example.com/voice';
const TWIML = '<Response/>';
const UNKNOWN = '0123456789abcdef0123456789abcdef';

interface Case {
  readonly name: RefusalName;
  readonly options?: AccountOptions;
  /** The refused request. */
  readonly ask: (client: Twilio, double: SimulatedAccount) => Promise<unknown>;
  /** Code, HTTP status and sentence, literally. */
  readonly answer: readonly [number, number, string];
}

/** A call that goes on, of a phone that does nothing. */
function going(double: SimulatedAccount): string {
  const callSid = `CA${UNKNOWN}`;
  const entry = { callSid, accountSid: ACCOUNT, from: THEIRS, to: OURS, direction: 'inbound' as const };
  double.registry.begin(entry, { callSid, redirect: () => {}, hangUp: () => {} });
  double.registry.status(callSid, 'in-progress');
  return callSid;
}

const call = (more: object) => (client: Twilio) =>
  client.calls.create({ to: THEIRS, from: OURS, url: URL_OF_TWIML, ...more });
const message = (more: object) => (client: Twilio) =>
  client.messages.create({ to: THEIRS, from: OURS, body: 'hello', ...more });
const number = (changes: object) => (client: Twilio, double: SimulatedAccount) =>
  client.incomingPhoneNumbers(double.numbers[0]!.sid).update(changes);
const participant = (more: object) => (client: Twilio) =>
  client.conferences('support').participants.create({ to: THEIRS, from: OURS, ...more });

/** The SDK checks some fields itself; these requests go around it. */
const raw =
  (method: string, path: string, fields: Record<string, string> = {}) =>
  (_: Twilio, double: SimulatedAccount) =>
    rawRequest(double, method, path, new URLSearchParams(fields).toString());

async function rawRequest(double: SimulatedAccount, method: string, path: string, body: string, type?: string) {
  const authorization = `Basic ${Buffer.from(`${double.accountSid}:${double.authToken}`).toString('base64')}`;
  const response = await fetch(`${double.url}/2010-04-01/Accounts/${path}`, {
    method,
    headers: { authorization, 'content-type': type ?? 'application/x-www-form-urlencoded' },
    ...(method !== 'GET' && { body }),
  });
  if (response.ok) return;
  throw (await response.json()) as object;
}

const NUMBERS_TEXT =
  "is not yet verified for your account. You may only make calls from phone numbers that you've verified or purchased from Twilio.";

const CASES: readonly Case[] = [
  {
    name: 'authenticate',
    ask: (_, { url }) => sdk(url, ACCOUNT, ACCOUNT, 'wrong').calls.list(),
    answer: [20003, 401, 'Authenticate'],
  },
  {
    name: 'notFound',
    ask: (client) => client.calls(`CA${UNKNOWN}`).fetch(),
    answer: [
      20404,
      404,
      `The requested resource /2010-04-01/Accounts/${ACCOUNT}/Calls/CA${UNKNOWN}.json was not found`,
    ],
  },
  { name: 'methodNotAllowed', ask: raw('DELETE', `${ACCOUNT}/Calls.json`), answer: [20004, 405, 'Method not allowed'] },
  {
    name: 'tooManyRequests',
    options: { faults: [{ kind: '429' }] },
    ask: (client) => client.calls.list(),
    answer: [20429, 429, 'Too Many Requests'],
  },
  {
    name: 'internal',
    options: { faults: [{ kind: '500' }] },
    ask: (client) => client.calls.list(),
    answer: [20500, 500, 'Internal Server Error'],
  },
  {
    name: 'unsupportedMedia',
    ask: (_, double) => rawRequest(double, 'POST', `${ACCOUNT}/Calls.json`, '{"To":"+1"}', 'application/json'),
    answer: [20415, 415, 'Unsupported Media Type'],
  },
  {
    name: 'parameter',
    ask: raw('GET', `${ACCOUNT}/Calls.json?PageSize=many`),
    answer: [20001, 400, 'Invalid parameter: PageSize'],
  },
  {
    name: 'pageToken',
    ask: raw('GET', `${ACCOUNT}/Calls.json?Page=1&PageToken=PACAx`),
    answer: [21481, 400, 'Invalid PageToken'],
  },

  { name: 'callWithoutTo', ask: call({ to: '' }), answer: [21201, 400, "No 'To' number is specified"] },
  { name: 'callWithoutFrom', ask: call({ from: '' }), answer: [21213, 400, "No 'From' number is specified"] },
  { name: 'callWithoutUrl', ask: call({ url: '' }), answer: [21205, 400, 'Url parameter is required.'] },
  { name: 'callUrl', ask: call({ url: '/voice' }), answer: [21205, 400, 'Url is not a valid URL: /voice'] },
  {
    name: 'callFromUnverified',
    ask: call({ from: THEIRS }),
    answer: [21210, 400, `The source phone number provided, ${THEIRS}, ${NUMBERS_TEXT}`],
  },
  {
    name: 'callTo',
    ask: call({ to: '+18667786' }),
    answer: [21211, 400, 'The phone number you are attempting to call, +18667786, is not valid.'],
  },
  {
    name: 'callFrom',
    ask: call({ from: 'me' }),
    answer: [21212, 400, 'The source phone number provided, me, is not valid'],
  },
  {
    name: 'callToUnreachable',
    ask: call({ to: '+15005550002' }),
    answer: [21214, 400, "'To' phone number cannot be reached"],
  },
  {
    name: 'callToForeign',
    ask: call({ to: '+15005550003' }),
    answer: [
      21215,
      400,
      'Account not authorized to call +15005550003. Perhaps you need to enable some international permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk',
    ],
  },
  {
    name: 'callToBlocked',
    ask: call({ to: '+15005550004' }),
    answer: [21216, 400, 'Account not allowed to call +15005550004'],
  },
  {
    name: 'callToImplausible',
    ask: call({ to: '+15005550001' }),
    answer: [21217, 400, 'Phone number does not appear to be valid'],
  },
  {
    name: 'callApplication',
    ask: call({ applicationSid: `AP${UNKNOWN}` }),
    answer: [21218, 400, 'Invalid ApplicationSid'],
  },
  {
    name: 'callToUnverified',
    options: { trial: true },
    ask: call({}),
    answer: [21219, 400, `The number ${THEIRS} is unverified. Trial accounts may only make calls to verified numbers.`],
  },
  {
    name: 'callNotInProgress',
    ask: async (client) => {
      const { sid } = await client.calls.create({ to: THEIRS, from: OURS, twiml: TWIML });
      return client.calls(sid).update({ twiml: TWIML });
    },
    answer: [21220, 400, 'Call is not in-progress. Cannot redirect.'],
  },
  {
    name: 'recordingNotEligible',
    ask: async (client) => {
      const { sid } = await client.calls.create({ to: THEIRS, from: OURS, twiml: TWIML });
      return client.calls(sid).recordings.create();
    },
    answer: [21220, 400, 'Requested resource is not eligible for recording'],
  },
  {
    name: 'callMachineDetection',
    ask: call({ machineDetection: 'Sometimes' }),
    answer: [21234, 400, 'Invalid Machine Detection configuration value'],
  },
  {
    name: 'callTwimlTooLong',
    ask: call({ url: '', twiml: `<Response>${' '.repeat(4000)}</Response>` }),
    answer: [32018, 400, 'Twiml size exceeded maximum allowed value'],
  },
  {
    name: 'callTwimlAndUrl',
    ask: (client, double) => client.calls(going(double)).update({ url: URL_OF_TWIML, twiml: TWIML }),
    answer: [20001, 400, 'Twiml and Url parameters are mutually exclusive'],
  },
  { name: 'callMethod', ask: call({ method: 'PUT' }), answer: [21209, 400, 'Invalid Method: PUT'] },
  {
    name: 'callStatusCallback',
    ask: call({ statusCallback: 'example.com/status' }),
    answer: [21609, 400, "Invalid 'StatusCallback': example.com/status"],
  },
  { name: 'callTimeout', ask: call({ timeout: 601 }), answer: [21208, 400, 'Invalid Timeout: 601'] },
  { name: 'callSendDigits', ask: call({ sendDigits: '1!' }), answer: [21206, 400, 'Invalid SendDigits: 1!'] },
  {
    name: 'callStatus',
    ask: (client, double) => client.calls(going(double)).update({ status: 'ended' as never }),
    answer: [20001, 400, 'Invalid Status: ended'],
  },
  {
    name: 'streamUrl',
    ask: (client, double) => client.calls(going(double)).streams.create({ url: 'https://example.com' }),
    answer: [31923, 400, 'Stream - Invalid URL: https://example.com'],
  },
  {
    name: 'streamName',
    ask: async (client, double) => {
      const { streams } = client.calls(going(double));
      await streams.create({ url: 'wss://example.com', name: 'fork' });
      return streams.create({ url: 'wss://example.com', name: 'fork' });
    },
    answer: [20001, 400, 'Name already in use: fork'],
  },
  {
    name: 'streamTrack',
    ask: (client, double) =>
      client.calls(going(double)).streams.create({ url: 'wss://example.com', track: 'all' as never }),
    answer: [31941, 400, 'Stream - Invalid Track configuration: all'],
  },
  {
    name: 'recordingStatus',
    ask: async (client, double) => {
      const { recordings } = client.calls(going(double));
      const { sid } = await recordings.create();
      return recordings(sid).update({ status: 'gone' as never });
    },
    answer: [20001, 400, 'Invalid Status: gone'],
  },
  {
    name: 'recordingChannels',
    ask: (client, double) => client.calls(going(double)).recordings.create({ recordingChannels: 'three' }),
    answer: [20001, 400, 'Invalid RecordingChannels: three'],
  },

  {
    name: 'voiceUrl',
    options: { privateUrls: 'refuse' },
    ask: number({ voiceUrl: 'http://localhost:3001/api/voice-webhook' }),
    answer: [21402, 400, 'VoiceUrl is not valid: http://localhost:3001/api/voice-webhook'],
  },
  { name: 'voiceMethod', ask: number({ voiceMethod: 'PUT' }), answer: [21403, 400, 'VoiceMethod is not valid: PUT'] },
  {
    name: 'voiceFallbackAlone',
    ask: number({ voiceFallbackUrl: URL_OF_TWIML }),
    answer: [21405, 400, 'Cannot set VoiceFallbackUrl without setting Url'],
  },
  {
    name: 'numberApplication',
    ask: number({ voiceApplicationSid: `AP${UNKNOWN}` }),
    answer: [21420, 400, 'ApplicationSid is not accessible'],
  },
  {
    name: 'numberStatusCallback',
    ask: number({ statusCallback: 'nowhere' }),
    answer: [21502, 400, 'Invalid callback url: nowhere'],
  },
  { name: 'numberTrunk', ask: number({ trunkSid: 'trunk' }), answer: [20001, 400, 'TrunkSid is not valid: trunk'] },

  { name: 'messageWithoutTo', ask: message({ to: '' }), answer: [21604, 400, "A 'To' phone number is required."] },
  {
    name: 'messageWithoutFrom',
    ask: message({ from: '' }),
    answer: [21603, 400, "A 'From' phone number is required."],
  },
  { name: 'messageWithoutBody', ask: message({ body: '' }), answer: [21602, 400, 'Message body is required.'] },
  {
    name: 'messageTo',
    ask: message({ to: '123' }),
    answer: [21211, 400, "The 'To' number 123 is not a valid phone number."],
  },
  {
    name: 'messageFrom',
    ask: message({ from: '+15005550001' }),
    answer: [
      21212,
      400,
      "The 'From' number +15005550001 is not a valid phone number, shortcode, or alphanumeric sender ID.",
    ],
  },
  {
    name: 'messageFromForeign',
    ask: message({ from: '+123' }),
    answer: [
      21606,
      400,
      'The From phone number +123 is not a valid, SMS-capable inbound phone number or short code for your account.',
    ],
  },
  {
    name: 'messageToUnverified',
    options: { trial: true },
    ask: message({}),
    answer: [21608, 400, "The 'to' phone number provided is not yet verified for this account."],
  },
  {
    name: 'messageStatusCallback',
    ask: message({ statusCallback: 'nowhere' }),
    answer: [21609, 400, "Invalid 'StatusCallback'"],
  },
  {
    name: 'messageToStopped',
    options: { people: { [THEIRS]: { messages: 'stopped' } } },
    ask: message({}),
    answer: [21610, 400, 'Attempt to send to unsubscribed recipient'],
  },
  { name: 'messageQueueFull', ask: message({ from: '+15005550008' }), answer: [21611, 429, 'SMS queue is full.'] },
  {
    name: 'messageToUnreachable',
    ask: message({ to: '+15005550002' }),
    answer: [21612, 400, "The 'To' phone number: +15005550002, is not currently reachable via SMS."],
  },
  {
    name: 'messageToLandline',
    options: { people: { [THEIRS]: { messages: 'landline' } } },
    ask: message({}),
    answer: [21614, 400, `To number: ${THEIRS}, is not a mobile number`],
  },
  {
    name: 'messageTooLong',
    ask: message({ body: 'x'.repeat(1601) }),
    answer: [21617, 400, 'The concatenated message body exceeds the 1600 character limit.'],
  },

  {
    name: 'conferenceFull',
    ask: async (client) => {
      await participant({ maxParticipants: 2, label: 'one' })(client);
      await participant({ label: 'two' })(client);
      return participant({ label: 'three' })(client);
    },
    answer: [16020, 400, 'Conference: Participant capacity reached'],
  },
  {
    name: 'conferenceEnded',
    ask: async (client) => {
      const { conferenceSid } = await participant({})(client);
      await client.conferences(conferenceSid).update({ status: 'completed' });
      return client.conferences(conferenceSid).participants.create({ to: THEIRS, from: OURS });
    },
    answer: [16099, 400, 'Unexpected conference status'],
  },
  {
    name: 'participantLabel',
    ask: participant({ label: 'a/b' }),
    answer: [16023, 400, "Conference: Participant label invalid (max 128 chars, not CallSid, no '/')"],
  },
  {
    name: 'participantLabelTaken',
    ask: async (client) => {
      await participant({ label: 'agent' })(client);
      return participant({ label: 'agent' })(client);
    },
    answer: [16025, 400, 'Participant label is in use by another participant'],
  },
  {
    name: 'participantApplication',
    ask: participant({ to: `app:AP${UNKNOWN}` }),
    answer: [21218, 400, 'Invalid ApplicationSid'],
  },
  {
    name: 'conferenceStatus',
    ask: async (client) => {
      const { conferenceSid } = await participant({})(client);
      return client.conferences(conferenceSid).update({ status: 'paused' as never });
    },
    answer: [20001, 400, 'Invalid Status: paused'],
  },
];

describe('what the account refuses', () => {
  it.each(CASES)('$name: $answer.0', async ({ options, ask, answer: [code, status, message] }) => {
    const { client, double } = await account(options);
    expect(await refusalOf(ask(client, double))).toEqual({ code, status, message });
    expect(double.requests.at(-1)).toMatchObject({ status, code });
  });

  it('has a case for every row of the table', () => {
    expect(CASES.map(({ name }) => name)).toEqual(Object.keys(REFUSALS));
  });

  it('changes nothing', async () => {
    for (const { options, ask } of CASES.filter(({ name }) => /^(voice|number)/.test(name))) {
      const { client, double } = await account(options);
      const before = JSON.stringify(double.numbers);
      await refusalOf(ask(client, double));
      expect(JSON.stringify(double.numbers)).toBe(before);
    }
  });

  it('is answered with the body that Twilio answers with, and nothing else in it', async () => {
    const { double } = await account();
    const response = await fetch(`${double.url}/2010-04-01/Accounts/${ACCOUNT}/Calls.json`, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="Twilio API"');
    expect(await response.text()).toBe(
      '{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}',
    );
  });

  it.each([
    `/2010-04-01/Accounts/${ACCOUNT}/Calls`,
    `/2010-04-01/Accounts/${ACCOUNT}/calls.json`,
    `/2010-04-01/Accounts/${ACCOUNT}/Calls.json/`,
    `/2010-04-01/Accounts/AC${UNKNOWN.replace('0', '1')}/Calls.json`,
    `/2011-04-01/Accounts/${ACCOUNT}/Calls.json`,
    '/',
  ])('is every path that is not literally one of its own: %s', async (path) => {
    const { double } = await account();
    const response = await fetch(`${double.url}${path}`);
    expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
      404,
      `The requested resource ${path} was not found`,
    ]);
  });
});
