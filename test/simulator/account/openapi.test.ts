import { readFileSync } from 'node:fs';
import { Ajv, type AnySchema } from 'ajv';
import twilio from 'twilio';
import RequestClient from 'twilio/lib/base/RequestClient.js';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, account, OURS, THEIRS, TOKEN } from './setup.js';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly properties: object } }> };
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly 'application/json': { readonly schema: AnySchema } } }>
  >;
}

const DESCRIPTION = JSON.parse(
  readFileSync(new URL('../../fixtures/twilio-api/openapi.json', import.meta.url), 'utf8'),
) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> };
};

/** What the description has and the account has not: nothing of it is used by a voice server while it runs. */
const LEFT_OUT = [
  'post /Accounts/{Sid}',
  'post /IncomingPhoneNumbers',
  'delete /IncomingPhoneNumbers/{Sid}',
  'delete /Applications/{Sid}',
  'delete /Calls/{Sid}',
  'post /Messages/{Sid}',
  'delete /Messages/{Sid}',
];

/** Where the description's own examples break its schemas, and the account follows the examples. */
const AS_IN_THE_EXAMPLES = [
  // "voice_application_sid": "" of a number without an application.
  /\/(voice|sms)_application_sid /,
  // "reason_conference_ended": null of a conference that goes on.
  /\/reason_conference_ended /,
];

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly fields: readonly string[];
  readonly status: number;
  readonly body: unknown;
}

/** Drives every route once through the SDK, and keeps what went over the wire. */
async function everything(): Promise<Exchange[]> {
  const { double, clock } = await account({
    applications: [{ voiceUrl: 'https://example.com/app' }],
    unfollowedCallMs: 600_000,
  });
  const exchanges: Exchange[] = [];
  class Witness extends RequestClient {
    override async request<Data>(request: Parameters<InstanceType<typeof RequestClient>['request']>[0]) {
      const given = request as typeof request & { data?: Data; params?: object };
      const uri = request.uri.replace('https://api.twilio.com', double.url);
      const response = await super.request<Data>({ ...given, uri });
      const { statusCode: status, body } = response as unknown as { statusCode: number; body: unknown };
      const fields = Object.entries({ ...given.data, ...given.params }).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      );
      const json: unknown = typeof body === 'string' && body !== '' ? JSON.parse(body) : body;
      exchanges.push({ method: request.method, path: new URL(uri).pathname, fields, status, body: json });
      return response;
    }
  }
  const client = twilio(ACCOUNT, TOKEN, { httpClient: new Witness() });
  const url = 'https://example.com/voice';

  await client.api.accounts(ACCOUNT).fetch();
  const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: OURS, limit: 1 });
  await client.incomingPhoneNumbers(number!.sid).fetch();
  await client.incomingPhoneNumbers(number!.sid).update({ voiceUrl: url, voiceMethod: 'POST', statusCallback: url });
  const application = await client.applications.create({ friendlyName: 'agent', voiceUrl: url });
  await client.applications.list();
  await client.applications(application.sid).fetch();
  await client.applications(application.sid).update({ voiceMethod: 'GET' });
  const { sid } = await client.calls.create({
    to: THEIRS,
    from: OURS,
    url,
    statusCallback: 'http://127.0.0.1:9/',
    statusCallbackEvent: ['ringing'],
    machineDetection: 'Enable',
    timeout: 30,
    record: true,
  });
  clock.advance(10_000);
  await client.calls.list({ status: 'in-progress' });
  await client.calls(sid).fetch();
  const recording = await client.calls(sid).recordings.create({ recordingChannels: 'dual' });
  await client.calls(sid).recordings.list();
  await client.calls(sid).recordings(recording.sid).fetch();
  await client.calls(sid).recordings(recording.sid).update({ status: 'stopped' });
  clock.advance(1000);
  await client.recordings.list();
  await client.recordings(recording.sid).fetch();
  await client.calls(sid).recordings(recording.sid).remove();
  const [other] = await client.recordings.list();
  await client.recordings(other!.sid).remove();
  await client.calls(sid).streams.create({ url: 'wss://example.com', name: 'fork', 'parameter1.name': 'a' });
  await client.calls(sid).streams('fork').update({ status: 'stopped' });
  await client.calls(sid).update({ twiml: '<Response/>' });
  const message = await client.messages.create({ to: THEIRS, from: OURS, body: 'hello' });
  await client.messages.list();
  await client.messages(message.sid).fetch();
  const room = client.conferences('support');
  const seat = await room.participants.create({ to: THEIRS, from: OURS, label: 'agent' });
  await client.conferences.list({ friendlyName: 'support' });
  await client.conferences(seat.conferenceSid).fetch();
  await room.participants.list();
  await room.participants('agent').fetch();
  await room.participants('agent').update({ muted: true, hold: true });
  await room.participants.create({ to: THEIRS, from: OURS });
  await room.participants('agent').remove();
  await client.conferences(seat.conferenceSid).update({ status: 'completed' });
  return exchanges;
}

function operationOf({ method, path }: Exchange): { template: string; operation: Operation | undefined } {
  const found = Object.entries(DESCRIPTION.paths).find(([template]) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return { template: found?.[0] ?? path, operation: found?.[1][method.toLowerCase()] };
}

const short = (template: string): string =>
  template.replace(/^\/2010-04-01(\/Accounts\/\{AccountSid\})?/, '').replace(/\.json$/, '');

/** OpenAPI 3.0's `nullable` as JSON Schema has it, and references into the whole description. */
function jsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, jsonSchema(each)]),
  );
  if (typeof rest.$ref === 'string') rest.$ref = rest.$ref.replace(/^#/, 'twilio#');
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema({ $id: 'twilio', ...(jsonSchema(DESCRIPTION) as object) });
ajv.addFormat(
  'date-time-rfc-2822',
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d \+0000$/,
);
ajv.addFormat('http-method', /^(GET|POST)$/);
ajv.addFormat('phone-number', /^\+\d+$/);
ajv.addFormat('currency', /^USD$/i);
for (const format of ['uri', 'uri-map', 'endpoint', 'phone-number-capabilities', 'twiml']) ajv.addFormat(format, true);

describe('the account against Twilio’s own OpenAPI description', () => {
  const exchanges = everything();

  it('has every operation of the resources that it has, but for those that are named', async () => {
    const driven = new Set(
      (await exchanges).map((each) => `${each.method.toLowerCase()} ${short(operationOf(each).template)}`),
    );
    const described = Object.entries(DESCRIPTION.paths).flatMap(([template, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb} ${short(template)}`),
    );
    expect(described.filter((each) => !driven.has(each)).sort()).toEqual([...LEFT_OUT].sort());
    expect([...driven].filter((each) => !described.includes(each))).toEqual([]);
  });

  it('answers with a status and a body that the description allows', async () => {
    const wrong = (await exchanges).flatMap((each) => {
      const { template, operation } = operationOf(each);
      const answer = operation?.responses[String(each.status)];
      if (!answer) return [`${each.method} ${short(template)} answers ${each.status}`];
      const schema = answer.content?.['application/json'].schema;
      if (!schema) return each.body ? [`${each.method} ${short(template)} has a body`] : [];
      const validate = ajv.compile(jsonSchema(schema) as AnySchema);
      if (validate(each.body)) return [];
      return (validate.errors ?? []).map(
        ({ instancePath, message }) => `${each.method} ${short(template)}: ${instancePath} ${message}`,
      );
    });
    expect(wrong.filter((each) => !AS_IN_THE_EXAMPLES.some((known) => known.test(each)))).toEqual([]);
  });

  it('leaves no field of a resource out, and adds none', async () => {
    const wrong = (await exchanges).flatMap((each) => {
      const { template, operation } = operationOf(each);
      const schema = operation?.responses[String(each.status)]?.content?.['application/json'].schema as
        | { $ref?: string; properties?: Record<string, { items?: { $ref: string } }> }
        | undefined;
      const body = each.body as Record<string, unknown>;
      const list = Object.entries(schema?.properties ?? {}).find(([, { items }]) => items);
      const ref = list?.[1].items?.$ref ?? schema?.$ref;
      const resource = list ? (body[list[0]] as object[])[0] : body;
      if (ref === undefined || !resource) return [];
      const known = Object.keys(DESCRIPTION.components.schemas[ref.split('/').pop()!]?.properties ?? {});
      const given = Object.keys(resource);
      return [
        ...known.filter((name) => !given.includes(name)).map((name) => `${short(template)} lacks ${name}`),
        ...given.filter((name) => !known.includes(name)).map((name) => `${short(template)} adds ${name}`),
      ];
    });
    expect([...new Set(wrong)]).toEqual([]);
  });
});
