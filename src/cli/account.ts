import { resolve as resolvePath } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { VoicebridgeError } from '../errors.js';
import { DEFAULTS } from '../options.js';
import type { OnAnswered } from '../simulator/account/dialler.js';
import { FAULTS, type Fault, type FaultKind } from '../simulator/account/faults.js';
import type { NumberSettings } from '../simulator/account/numbers.js';
import type { Person } from '../simulator/account/person.js';
import type { WebhookCall } from '../simulator/phone/webhook/call.js';
import { untilStopped } from './until-stopped.js';
import type { World } from './world.js';

interface AccountFlags {
  host: string;
  port: number;
  number: readonly NumberSettings[];
  application: readonly string[];
  person: readonly (readonly [string, Person])[];
  caller?: string;
  verified: readonly string[];
  trial: boolean;
  publicOnly: boolean;
  sid?: string;
  token?: string;
  key: readonly (readonly [string, string])[];
  fault: readonly Fault[];
  json: boolean;
}

/** A number of its own to begin with, of the range that is kept for fiction. */
const EXAMPLE_NUMBER = '+15555550100';

/** `voicebridge account`: the simulated account alone, for any program that uses Twilio's REST API. */
export function register(program: Command, world: World): void {
  const { account: defaults } = DEFAULTS;
  program
    .command('account')
    .summary('the simulated account alone: the part of Twilio’s REST API that a voice server uses')
    .description(
      'Starts a stateful double of Twilio’s REST API (2010-04-01): numbers, applications, calls, streams, recordings,\n' +
        'messages, conferences. It checks and refuses what Twilio refuses, with its bodies and codes; the twilio SDK\n' +
        'drives it. Calls are answered by simulated people; with --caller they speak, and the TwiML is followed.',
    )
    .option('--host <address>', 'address to listen on', defaults.host)
    .option('--port <number>', 'port to listen on, 0 for any', port, defaults.port)
    .option(
      '--number <+1…[=url]>',
      `a number of the account, with its VoiceUrl (${EXAMPLE_NUMBER}); repeatable`,
      collect(number),
      [],
    )
    .option('--application <url>', 'a TwiML application with this VoiceUrl; repeatable', collect(String), [])
    .option(
      '--person <+1…=how>',
      'who answers how: "after 2s", never, busy, fails, machine, fax, stopped or landline (for messages); repeatable',
      collect(person),
      [],
    )
    .option(
      '--caller <file>',
      'what people who answer say (a WAV, a folder or a call.yaml, as for simulate): calls follow their TwiML, streams and all',
    )
    .option('--verified <+1…>', 'a verified caller id; repeatable', collect(e164), [])
    .option('--trial', 'a trial account: calls and writes to verified numbers only', false)
    .option('--public-only', 'refuse addresses that only this machine reaches, as Twilio does', false)
    .option('--sid <AC…>', `the account's sid (${defaults.accountSid})`, sid)
    .option('--token <token>', `its auth token (${defaults.authToken})`)
    .option('--key <SK…=secret>', 'an API key; repeatable', collect(apiKey), [])
    .option(
      '--json',
      'print one JSON line on stdout when listening, then one for every request, callback and call',
      false,
    )
    .optionsGroup('Misbehaviour:')
    .option(
      '--fault <what[,times[,where]]>',
      `requests fail: ${FAULTS.join(', ')}; "429,2,POST /Messages" for two of them; repeatable`,
      collect(fault),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  $ voicebridge account --number +15557650100=https://voice.example.com/voice
  $ voicebridge account --person +15557650200=never --person '+15557650300=machine after 5s'
  $ voicebridge account --caller samples/interrupt         people who answer talk to the stream of the TwiML
  $ voicebridge account --fault 429,2                      the first two requests come too fast`,
    )
    .action((flags: AccountFlags) => runAccount(flags, world));
}

async function runAccount(flags: AccountFlags, world: World): Promise<void> {
  const [{ serveAccount }, { callbackLine, callLine, howTo, requestLine }] = await Promise.all([
    import('../simulator/account/server.js'),
    import('./account/lines.js'),
  ]);
  const say = (line: string, event: object): void => {
    world.stderr.write(`${line}\n`);
    if (flags.json) world.stdout.write(`${JSON.stringify(event)}\n`);
  };
  const talking = new Set<WebhookCall>();
  const account = await serveAccount({
    ...(flags.caller !== undefined && {
      onAnswered: await phoneOf(flags, resolvePath(world.cwd, flags.caller), talking),
    }),
    host: flags.host,
    port: flags.port,
    ...(flags.sid !== undefined && { accountSid: flags.sid }),
    ...(flags.token !== undefined && { authToken: flags.token }),
    apiKeys: Object.fromEntries(flags.key),
    numbers: flags.number.length > 0 ? flags.number : [EXAMPLE_NUMBER],
    applications: flags.application.map((voiceUrl) => ({ voiceUrl })),
    people: Object.fromEntries(flags.person),
    verified: flags.verified,
    trial: flags.trial,
    privateUrls: flags.publicOnly ? 'refuse' : 'accept',
    faults: flags.fault,
    onRequest: (request) => say(requestLine(request), { event: 'request', ...request }),
    onCallback: (sent) => say(callbackLine(sent), { event: 'callback', ...sent }),
    onCall: (call) => {
      const { callSid, direction, status, durationSeconds, answeredBy } = call;
      say(callLine(call), { event: 'call', callSid, direction, status, durationSeconds, answeredBy });
    },
  }).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    throw new VoicebridgeError('usage', { message: error.message, command: 'account' }, { cause: error });
  });
  world.stderr.write(`listening on ${account.url}\n${howTo(account)}`);
  if (flags.json) {
    const { host, port: portNumber, url, accountSid } = account;
    world.stdout.write(`${JSON.stringify({ event: 'listening', host, port: portNumber, url, accountSid })}\n`);
  }
  await untilStopped(world);
  for (const call of talking) call.hangUp();
  await Promise.allSettled([...talking].map(({ done }) => done));
  await account.close();
}

/** A phone behind every call that is answered, with the same voice each time. */
async function phoneOf(flags: AccountFlags, file: string, talking: Set<WebhookCall>): Promise<OnAnswered> {
  const [{ followOutbound }, { loadCaller }] = await Promise.all([
    import('../simulator/account/follow.js'),
    import('../simulator/phone/script.js'),
  ]);
  const caller = await loadCaller(file);
  const authToken = flags.token ?? DEFAULTS.account.authToken;
  return followOutbound(
    () => ({ caller, authToken }),
    (call) => {
      talking.add(call);
      const forget = (): void => void talking.delete(call);
      call.done.then(forget, forget);
    },
  );
}

function collect<Value>(parse: (text: string) => Value): (text: string, before: readonly Value[]) => readonly Value[] {
  return (text, before) => [...before, parse(text)];
}

function port(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

function e164(text: string): string {
  if (/^\+[1-9]\d{6,14}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a number in E.164, like +15557650100.');
}

function number(text: string): NumberSettings {
  const [phoneNumber = '', voiceUrl] = split(text);
  if (voiceUrl === undefined) return { phoneNumber: e164(phoneNumber) };
  if (!URL.canParse(voiceUrl)) throw new InvalidArgumentError('Behind the = stands a VoiceUrl, like https://….');
  return { phoneNumber: e164(phoneNumber), voiceUrl };
}

function person(text: string): readonly [string, Person] {
  const [who = '', how] = split(text);
  if (how === undefined) throw new InvalidArgumentError('It must be like +15557650200=never.');
  if (how === 'stopped' || how === 'landline') return [who, { messages: how }];
  return [who, { answers: how }];
}

function sid(text: string): string {
  if (/^AC[0-9a-f]{32}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be AC and 32 hexadecimal digits.');
}

function apiKey(text: string): readonly [string, string] {
  const [key = '', secret] = split(text);
  if (/^SK[0-9a-f]{32}$/.test(key) && secret) return [key, secret];
  throw new InvalidArgumentError('It must be like SK0123456789abcdef0123456789abcdef=secret.');
}

function fault(text: string): Fault {
  const [kind, times, ...on] = text.split(',').map((part) => part.trim());
  const count = times === undefined ? undefined : Number(times);
  if (
    !(FAULTS as readonly string[]).includes(kind ?? '') ||
    (count !== undefined && !(Number.isInteger(count) && count > 0))
  ) {
    throw new InvalidArgumentError(`It must be one of ${FAULTS.join(', ')}, then how many times, then where.`);
  }
  return {
    kind: kind as FaultKind,
    ...(count !== undefined && { times: count }),
    ...(on.length > 0 && { on: on.join(',') }),
  };
}

/** What stands before the first `=` and what behind it. */
function split(text: string): string[] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
