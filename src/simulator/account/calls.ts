import type { CallCallback, CallEvent, CallRecord } from './call-book.js';
import { isOver } from './call-book.js';
import type { Dialler, Instructions } from './dialler.js';
import { type Form, phoneNumber } from './form.js';
import { friendly } from './numbers.js';
import type { MachineDetection } from './outbound.js';
import { type RefusalName, refuse } from './refusals.js';
import { type Account, API_VERSION, dateOrNull, rfc2822 } from './state.js';

const MAX_TWIML_CHARACTERS = 4000;
const EVENTS: readonly CallEvent[] = ['initiated', 'ringing', 'answered', 'completed'];

/** Numbers that Twilio keeps for tests. https://www.twilio.com/docs/iam/test-credentials#test-calls */
const MAGIC_TO: Readonly<Record<string, RefusalName>> = {
  '+15005550001': 'callToImplausible',
  '+15005550002': 'callToUnreachable',
  '+15005550003': 'callToForeign',
  '+15005550004': 'callToBlocked',
};
export const MAGIC_FROM = '+15005550006';
const MAGIC_FROM_INVALID = '+15005550001';

/** `POST Calls.json`. https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource */
export function createCall(account: Account, dialler: Dialler, form: Form): CallRecord {
  if (!form.filled('To')) throw refuse('callWithoutTo');
  if (!form.filled('From')) throw refuse('callWithoutFrom');
  const instructions = instructionsOf(account, form);
  const to = calledOf(account, form.filled('To')!);
  const from = callerOf(account, form.filled('From')!, to);
  const callback = callbackOf(account, form);
  const detection = detectionOf(account, form);
  const ringSeconds = form.whole('Timeout', 1, 600, 'callTimeout') ?? 60;
  const limitSeconds = form.whole('TimeLimit', 1, 86_400) ?? 14_400;
  const channels = form.choice('RecordingChannels', ['mono', 'dual'], 'recordingChannels') ?? 'mono';
  const recordingCallback = account.recordings.callbackOf(form);
  return dialler.place({
    from,
    to,
    direction: 'outbound-api',
    instructions,
    ringForMs: ringSeconds * 1000,
    timeLimitMs: limitSeconds * 1000,
    ...(callback && { callback }),
    ...(detection && { detection }),
    onAnswered: (record) => {
      if (!form.flag('Record')) return;
      account.recordings.start(record, { channels, track: 'both', source: 'OutboundAPI', ...recordingCallback });
    },
  });
}

/** `POST Calls/{CA}.json`: another TwiML, or the end. */
export function updateCall(account: Account, dialler: Dialler, record: CallRecord, form: Form): void {
  const url = form.url('Url', 'callUrl', account.ground.privateUrls);
  const twiml = form.filled('Twiml');
  if (url && twiml !== undefined) throw refuse('callTwimlAndUrl');
  checkTwiml(twiml);
  const method = form.method('Method', 'callMethod') ?? 'POST';
  const status = form.choice('Status', ['completed', 'canceled'] as const, 'callStatus');
  if (isOver(record.status)) throw refuse('callNotInProgress');
  const callback = form.has('StatusCallback') ? callbackOf(account, form) : record.callback;
  const redirects = Boolean(url) || twiml !== undefined;
  if (redirects && record.status !== 'in-progress') throw refuse('callNotInProgress');

  if (callback) record.callback = callback;
  if (status !== undefined) return end(account, record, status);
  if (!redirects) return;
  const to = url ? { url, method } : { twiml: twiml! };
  record.updatedAt = account.ground.now();
  if (record.live) record.live.redirect(to);
  else dialler.follow(record, to);
}

/** "`canceled` will attempt to hang up calls that are queued or ringing but not affect calls already in progress." */
function end(account: Account, record: CallRecord, status: 'completed' | 'canceled'): void {
  if (status === 'canceled' && record.status === 'in-progress') return;
  if (record.stop) record.stop(status);
  else if (record.live) record.live.hangUp();
  else account.calls.end(record.callSid, status, account.calls.secondsSinceAnswer(record));
}

function instructionsOf(account: Account, form: Form): Instructions {
  const { privateUrls } = account.ground;
  const applicationSid = form.filled('ApplicationSid');
  if (applicationSid !== undefined) {
    const application = account.applications.get(applicationSid);
    if (!application) throw refuse('callApplication', applicationSid);
    if (!application.voiceUrl) throw refuse('callWithoutUrl');
    return { url: application.voiceUrl, method: application.voiceMethod };
  }
  const url = form.url('Url', 'callUrl', privateUrls);
  const method = form.method('Method', 'callMethod') ?? 'POST';
  const fallbackUrl = form.url('FallbackUrl', 'callUrl', privateUrls);
  const fallbackMethod = form.method('FallbackMethod', 'callMethod') ?? 'POST';
  const twiml = form.filled('Twiml');
  // "If both twiml and url are provided then twiml parameter will be ignored."
  if (url) return { url, method, ...(fallbackUrl && { fallbackUrl, fallbackMethod }) };
  if (twiml === undefined) throw refuse('callWithoutUrl');
  checkTwiml(twiml);
  return { twiml };
}

function checkTwiml(twiml: string | undefined): void {
  if (twiml !== undefined && twiml.length > MAX_TWIML_CHARACTERS) throw refuse('callTwimlTooLong');
}

/** Who is called, as it stands in the books afterwards. */
export function calledOf(account: Account, text: string): string {
  if (/^(client|sip|sips):./.test(text)) return text;
  const number = phoneNumber(text);
  if (number === undefined) throw refuse('callTo', text);
  const magic = MAGIC_TO[number];
  if (magic) throw refuse(magic, number);
  if (account.ground.trial && !account.people.isVerified(number) && !account.numbers.owned(number)) {
    throw refuse('callToUnverified', number);
  }
  return number;
}

/** On whose behalf: a number of the account with a voice, a verified one, or, towards clients and SIP, a name. */
export function callerOf(account: Account, text: string, to: string): string {
  if (/^(client|sip|sips):./.test(to) || to.startsWith('app:')) {
    if (/^(client|sip|sips):./.test(text) || !/^[+\d]/.test(text)) return text;
  }
  const number = phoneNumber(text);
  if (number === undefined || number === MAGIC_FROM_INVALID) throw refuse('callFrom', text);
  const owned = account.numbers.owned(number);
  if (owned?.capabilities.voice || number === MAGIC_FROM || account.people.isVerified(number)) return number;
  throw refuse('callFromUnverified', number);
}

export function callbackOf(account: Account, form: Form): CallCallback | undefined {
  const application = account.applications.get(form.filled('ApplicationSid') ?? '');
  if (application) {
    const { statusCallback: url, statusCallbackMethod: method } = application;
    return url ? { url, method, events: ['completed'] } : undefined;
  }
  const url = form.url('StatusCallback', 'callStatusCallback', account.ground.privateUrls);
  const method = form.method('StatusCallbackMethod', 'callMethod') ?? 'POST';
  if (!url) return undefined;
  // Twilio logs words it does not know (21626) and leaves them out.
  const asked = form.list('StatusCallbackEvent').filter((each) => (EVENTS as string[]).includes(each)) as CallEvent[];
  return { url, method, events: asked.length > 0 ? asked : ['completed'] };
}

function detectionOf(account: Account, form: Form): MachineDetection | undefined {
  const mode = form.choice('MachineDetection', ['Enable', 'DetectMessageEnd'] as const, 'callMachineDetection');
  const timeout = form.whole('MachineDetectionTimeout', 3, 59, 'callMachineDetection') ?? 30;
  const digits = form.filled('SendDigits');
  if (digits !== undefined && !/^[0-9A-D#*wW]{1,32}$/.test(digits)) throw refuse('callSendDigits', digits);
  const url = form.url('AsyncAmdStatusCallback', 'callStatusCallback', account.ground.privateUrls);
  const method = form.method('AsyncAmdStatusCallbackMethod', 'callMethod') ?? 'POST';
  // "If both SendDigits and MachineDetection are provided, then MachineDetection will be ignored."
  if (mode === undefined || digits !== undefined) return undefined;
  return {
    mode,
    timeoutMs: timeout * 1000,
    ...(form.flag('AsyncAmd') && { async: { method, ...(url && { url }) } }),
  };
}

/** `GET Calls.json`. The newest first, as Twilio lists them. */
export function findCalls(account: Account, query: Form): CallRecord[] {
  const wanted = (name: string, value: string): boolean => {
    const asked = query.filled(name);
    return asked === undefined || asked === value;
  };
  return account.calls.all
    .filter(
      (each) =>
        wanted('To', each.to) &&
        wanted('From', each.from) &&
        wanted('Status', statusInBooks(each)) &&
        wanted('ParentCallSid', each.parentCallSid ?? '') &&
        isWithin(query, 'StartTime', each.startedAt) &&
        isWithin(query, 'EndTime', each.endedAt),
    )
    .reverse();
}

/** `StartTime=2026-11-21`, `StartTime>=…`, `StartTime<=…`: the signs are part of the field's name. */
export function isWithin(query: Form, name: string, date: Date | undefined): boolean {
  const day = (text: string): number => Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  const on = query.filled(name);
  const from = query.filled(`${name}>`);
  const to = query.filled(`${name}<`);
  if (on === undefined && from === undefined && to === undefined) return true;
  if (date === undefined) return false;
  const at = date.getTime();
  if (on !== undefined && !(at >= day(on) && at < day(on) + 86_400_000)) return false;
  if (from !== undefined && !(at >= day(from))) return false;
  return to === undefined || at < day(to) + (to.length === 10 ? 86_400_000 : 1);
}

/** The resource knows no `initiated`: that is a moment, told by callbacks alone. */
function statusInBooks({ status }: CallRecord): string {
  return status === 'initiated' ? 'queued' : status;
}

export function callResource(account: Account, record: CallRecord): { sid: string } & Record<string, unknown> {
  const { ground } = account;
  const { callSid: sid, from, to } = record;
  const own = account.numbers.owned(record.direction === 'inbound' ? to : from);
  const uri = ground.uri(`/Calls/${sid}`);
  const below = (name: string): string => `${uri}/${name}.json`;
  return {
    sid,
    date_created: rfc2822(record.createdAt),
    date_updated: rfc2822(record.updatedAt),
    parent_call_sid: record.parentCallSid ?? null,
    account_sid: record.accountSid,
    to,
    to_formatted: friendly(to),
    from,
    from_formatted: friendly(from),
    phone_number_sid: own?.sid ?? null,
    status: statusInBooks(record),
    start_time: dateOrNull(record.startedAt),
    end_time: dateOrNull(record.endedAt),
    duration: record.durationSeconds === undefined ? null : String(record.durationSeconds),
    price: null,
    price_unit: 'USD',
    direction: record.direction,
    answered_by: record.answeredBy ?? null,
    api_version: API_VERSION,
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: {
      notifications: below('Notifications'),
      recordings: below('Recordings'),
      payments: below('Payments'),
      events: below('Events'),
      siprec: below('Siprec'),
      streams: below('Streams'),
      transcriptions: below('Transcriptions'),
      user_defined_message_subscriptions: below('UserDefinedMessageSubscriptions'),
      user_defined_messages: below('UserDefinedMessages'),
    },
  };
}
