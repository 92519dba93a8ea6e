import { type Account, rfc2822 } from './state.js';

/** `Accounts/{AC}.json`. https://www.twilio.com/docs/iam/api/account */
export function accountResource({ ground, calls, numbers }: Account): object {
  const uri = ground.uri('');
  const below = ['Calls', 'Conferences', 'IncomingPhoneNumbers', 'Recordings', 'Applications', 'Messages'];
  const created = calls.all[0]?.createdAt ?? numbers.all[0]?.createdAt ?? ground.now();
  return {
    sid: ground.accountSid,
    owner_account_sid: ground.accountSid,
    friendly_name: 'voicebridge account double',
    // Twilio gives the token; whoever asks has it, and a log of answers should not.
    auth_token: 'redacted',
    date_created: rfc2822(created),
    date_updated: rfc2822(created),
    status: 'active',
    type: ground.trial ? 'Trial' : 'Full',
    uri: `${uri}.json`,
    subresource_uris: Object.fromEntries(
      below.map((name) => [name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase(), `${uri}/${name}.json`]),
    ),
  };
}
