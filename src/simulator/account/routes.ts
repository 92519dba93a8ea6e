import { accountResource } from './account-resource.js';
import type { CallRecord } from './call-book.js';
import { isOver } from './call-book.js';
import { callResource, createCall, findCalls, isWithin, updateCall } from './calls.js';
import type { Dialler } from './dialler.js';
import type { Form } from './form.js';
import { page } from './paging.js';
import { createParticipant, seatOf } from './participants.js';
import { refuse } from './refusals.js';
import type { Room, Seat } from './rooms.js';
import { type Account, API_VERSION } from './state.js';

/** One request, its account known and its credentials checked. */
export interface ApiRequest {
  readonly account: Account;
  readonly dialler: Dialler;
  /** As it was asked for, without the query. */
  readonly path: string;
  /** The variable parts of the path, in their order, behind the account. */
  readonly parts: readonly string[];
  readonly query: Form;
  readonly form: Form;
}

export interface Answer {
  readonly status: number;
  /** Without one, nothing: 204. */
  readonly body?: object;
}

type Handler = (request: ApiRequest) => Answer;
type Verb = 'GET' | 'POST' | 'DELETE';

const ok = (body: object): Answer => ({ status: 200, body });
const created = (body: object): Answer => ({ status: 201, body });
const GONE: Answer = { status: 204 };

/** The sid of a call, a number and so on in a path; `{}` in a template stands for one. */
const PART = '([^/]+?)';

/**
 * Every path below `/2010-04-01/Accounts/{AC}` that there is, with what can be done there. Names and order are those of
 * https://www.twilio.com/docs/openapi and the SDKs.
 */
const ROUTES: Readonly<Record<string, Partial<Record<Verb, Handler>>>> = {
  '': { GET: ({ account }) => ok(accountResource(account)) },
  '/IncomingPhoneNumbers': {
    GET: ({ account: { numbers }, path, query }) =>
      ok(
        page(
          'incoming_phone_numbers',
          numbers.find(query).map((each) => numbers.resource(each)),
          path,
          query,
        ),
      ),
  },
  '/IncomingPhoneNumbers/{}': {
    GET: (request) => ok(request.account.numbers.resource(numberIn(request))),
    POST: (request) => {
      const number = numberIn(request);
      request.account.numbers.update(number, request.form);
      return ok(request.account.numbers.resource(number));
    },
  },
  '/Applications': {
    GET: ({ account: { applications }, path, query }) =>
      ok(
        page(
          'applications',
          applications.find(query).map((each) => applications.resource(each)),
          path,
          query,
        ),
      ),
    POST: ({ account: { applications }, form }) => created(applications.resource(applications.create(form))),
  },
  '/Applications/{}': {
    GET: (request) => ok(request.account.applications.resource(applicationIn(request))),
    POST: (request) => {
      const application = applicationIn(request);
      request.account.applications.update(application, request.form);
      return ok(request.account.applications.resource(application));
    },
  },
  '/Calls': {
    GET: ({ account, path, query }) =>
      ok(
        page(
          'calls',
          findCalls(account, query).map((each) => callResource(account, each)),
          path,
          query,
        ),
      ),
    POST: ({ account, dialler, form }) => created(callResource(account, createCall(account, dialler, form))),
  },
  '/Calls/{}': {
    GET: (request) => ok(callResource(request.account, callIn(request))),
    POST: (request) => {
      const call = callIn(request);
      updateCall(request.account, request.dialler, call, request.form);
      return ok(callResource(request.account, call));
    },
  },
  '/Calls/{}/Recordings': {
    GET: (request) => {
      const { recordings } = request.account;
      const own = recordings.ofCall(callIn(request).callSid).map((each) => recordings.resource(each, 'call'));
      return ok(page('recordings', own, request.path, request.query));
    },
    POST: (request) => {
      const { recordings } = request.account;
      return created(recordings.resource(recordings.create(callIn(request), request.form), 'call'));
    },
  },
  '/Calls/{}/Recordings/{}': {
    GET: (request) => ok(request.account.recordings.resource(callRecordingIn(request), 'call')),
    POST: (request) => {
      const recording = callRecordingIn(request);
      request.account.recordings.update(recording, request.form);
      return ok(request.account.recordings.resource(recording, 'call'));
    },
    DELETE: (request) => {
      request.account.recordings.delete(callRecordingIn(request));
      return GONE;
    },
  },
  '/Calls/{}/Streams': {
    POST: (request) => {
      const { streams } = request.account;
      // 200 where every other creation is 201: so says Twilio's own description.
      return ok(streams.resource(streams.create(callIn(request), request.form)));
    },
  },
  '/Calls/{}/Streams/{}': {
    POST: (request) => {
      const { streams } = request.account;
      const call = callIn(request);
      const stream = streams.find(call.callSid, request.parts[1]!) ?? missing(request);
      streams.stop(call, stream, request.form);
      return ok(streams.resource(stream));
    },
  },
  '/Recordings': {
    GET: ({ account: { recordings }, path, query }) => {
      const callSid = query.filled('CallSid');
      const found = recordings.all.filter((each) => callSid === undefined || each.callSid === callSid);
      return ok(
        page(
          'recordings',
          found.map((each) => recordings.resource(each, 'account')),
          path,
          query,
        ),
      );
    },
  },
  '/Recordings/{}': {
    GET: (request) => {
      const { recordings } = request.account;
      return ok(recordings.resource(recordings.get(request.parts[0]!) ?? missing(request), 'account'));
    },
    DELETE: (request) => {
      const { recordings } = request.account;
      recordings.delete(recordings.get(request.parts[0]!) ?? missing(request));
      return GONE;
    },
  },
  '/Messages': {
    GET: ({ account: { messages }, path, query }) =>
      ok(
        page(
          'messages',
          messages.find(query).map((each) => messages.resource(each)),
          path,
          query,
        ),
      ),
    POST: ({ account: { messages }, form }) => created(messages.resource(messages.create(form))),
  },
  '/Messages/{}': {
    GET: (request) => {
      const { messages } = request.account;
      return ok(messages.resource(messages.get(request.parts[0]!) ?? missing(request)));
    },
  },
  '/Conferences': {
    GET: ({ account: { rooms }, path, query }) => {
      const [name, status] = [query.filled('FriendlyName'), query.filled('Status')];
      const found = rooms.all.filter(
        (room) =>
          (name === undefined || room.friendlyName === name) &&
          (status === undefined || room.status === status) &&
          isWithin(query, 'DateCreated', room.createdAt),
      );
      return ok(page('conferences', found.map((room) => rooms.resource(room)).reverse(), path, query));
    },
  },
  '/Conferences/{}': {
    GET: (request) => ok(request.account.rooms.resource(roomBySid(request))),
    POST: (request) => {
      const room = roomBySid(request);
      request.account.rooms.change(room, request.form);
      return ok(request.account.rooms.resource(room));
    },
  },
  '/Conferences/{}/Participants': {
    GET: (request) => {
      const { rooms } = request.account;
      const room = rooms.find(request.parts[0]!) ?? missing(request);
      const asked = [request.query.flag('Muted'), request.query.flag('Hold'), request.query.flag('Coaching')];
      const found = [...room.seats.values()].filter((seat) =>
        [seat.muted, seat.hold, seat.coaching].every((is, at) => asked[at] === undefined || asked[at] === is),
      );
      const seats = found.map((seat) => rooms.seatResource(room, seat));
      return ok(page('participants', seats, request.path, request.query));
    },
    POST: (request) => {
      const { account, dialler, parts, path, form } = request;
      const { room, seat } = createParticipant(account, dialler, parts[0]!, path, form);
      return created(account.rooms.seatResource(room, seat));
    },
  },
  '/Conferences/{}/Participants/{}': {
    GET: (request) => {
      const { room, seat } = seatIn(request);
      return ok(request.account.rooms.seatResource(room, seat));
    },
    POST: (request) => {
      const { room, seat } = seatIn(request);
      request.account.rooms.update(room, seat, request.form);
      return ok(request.account.rooms.seatResource(room, seat));
    },
    DELETE: (request) => {
      const { room, seat } = seatIn(request);
      request.account.rooms.kick(room, seat);
      return GONE;
    },
  },
};

const COMPILED = Object.entries(ROUTES).map(([template, verbs]) => ({
  pattern: new RegExp(`^/${API_VERSION}/Accounts/${PART}${template.replaceAll('{}', PART)}\\.json$`),
  verbs,
}));

/** What handles a request, and the variable parts of its path: the account's sid first. Paths are taken literally. */
export function routeOf(method: string, path: string): { parts: string[]; handle: Handler } {
  for (const { pattern, verbs } of COMPILED) {
    const match = pattern.exec(path);
    if (!match) continue;
    const parts = match.slice(1).map(decoded);
    const handle = verbs[method as Verb];
    // The resource at the account's own path is `Accounts/{AC}.json`: a name with a slash in it never gets here.
    if (!handle) throw refuse('methodNotAllowed');
    return { parts, handle };
  }
  throw refuse('notFound', path);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function missing({ path }: ApiRequest): never {
  throw refuse('notFound', path);
}

function numberIn(request: ApiRequest) {
  return request.account.numbers.get(request.parts[0]!) ?? missing(request);
}

function applicationIn(request: ApiRequest) {
  return request.account.applications.get(request.parts[0]!) ?? missing(request);
}

function callIn(request: ApiRequest): CallRecord {
  return request.account.calls.get(request.parts[0]!) ?? missing(request);
}

function callRecordingIn(request: ApiRequest) {
  const { callSid } = callIn(request);
  return request.account.recordings.find(callSid, request.parts[1]!) ?? missing(request);
}

function roomBySid(request: ApiRequest): Room {
  return request.account.rooms.all.find(({ sid }) => sid === request.parts[0]) ?? missing(request);
}

/** Only of a conference that goes on: "returns no participants whose call or conference has ended". */
function seatIn(request: ApiRequest): { room: Room; seat: Seat } {
  const room = request.account.rooms.find(request.parts[0]!) ?? missing(request);
  const seat = seatOf(room, request.parts[1]!) ?? missing(request);
  const call = request.account.calls.get(seat.callSid);
  if (call && isOver(call.status)) missing(request);
  return { room, seat };
}
