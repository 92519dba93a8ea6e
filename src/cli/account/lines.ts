import type { CallRecord } from '../../simulator/account/call-book.js';
import type { SentCallback } from '../../simulator/account/callback.js';
import type { AccountRequest, SimulatedAccount } from '../../simulator/account/server.js';

/** One request as one line: what was asked with which fields, what was answered. Values are left out: they are private. */
export function requestLine({ method, path, form, query, status, code, fault }: AccountRequest): string {
  const [, below = path] = /^\/2010-04-01\/Accounts\/[^/]+\/(.*)$/.exec(path) ?? [];
  const fields = [...Object.keys(query), ...Object.keys(form)];
  return [
    method.padEnd(4),
    below,
    status === 0 ? 'no answer' : String(status),
    ...(fields.length > 0 ? [`(${fields.join(' ')})`] : []),
    ...(fault === undefined ? [] : [`on request: ${fault}`]),
    ...(code === undefined ? [] : [`${code} https://www.twilio.com/docs/errors/${code}`]),
  ].join('  ');
}

export function callLine({ callSid, direction, status, durationSeconds, answeredBy }: CallRecord): string {
  const lasted = durationSeconds === undefined || durationSeconds === 0 ? '' : ` after ${durationSeconds} s`;
  const whom = answeredBy === undefined ? '' : `, answered by ${answeredBy}`;
  return `call  ${callSid}  ${direction}  ${status}${lasted}${whom}`;
}

export function callbackLine({ method, url, form, status, error }: SentCallback): string {
  const about = form.CallStatus ?? form.MessageStatus ?? form.RecordingStatus ?? form.StatusCallbackEvent ?? '';
  const { origin, pathname } = new URL(url);
  return `told  ${method} ${origin}${pathname}  ${about}  ${status ?? error ?? ''}`;
}

/** How to point the SDK, and this program, at the account. */
export function howTo({ url, accountSid, authToken }: SimulatedAccount): string {
  return `
voicebridge itself (serve, call, provision) asks here with
  TWILIO_ACCOUNT_SID=${accountSid} TWILIO_AUTH_TOKEN=${authToken} TWILIO_API_URL=${url}

the twilio SDK (Node), which has no option for another host, with a client of its own:
  import twilio from 'twilio';
  import RequestClient from 'twilio/lib/base/RequestClient.js';
  class Here extends RequestClient {
    request(options) {
      return super.request({ ...options, uri: options.uri.replace('https://api.twilio.com', '${url}') });
    }
  }
  const client = twilio('${accountSid}', '${authToken}', { httpClient: new Here() });

`;
}
