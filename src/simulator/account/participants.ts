import { callbackOf, calledOf, callerOf } from './calls.js';
import type { Dialler, Instructions } from './dialler.js';
import type { Form } from './form.js';
import { refuse } from './refusals.js';
import type { Room, Seat } from './rooms.js';
import type { Account } from './state.js';

const CONFERENCE_SID = /^CF[0-9a-f]{32}$/;

/**
 * `POST Conferences/{CF|name}/Participants.json`: dials somebody, or an application, into a room.
 * https://www.twilio.com/docs/voice/api/conference-participant-resource
 */
export function createParticipant(
  account: Account,
  dialler: Dialler,
  sidOrName: string,
  path: string,
  form: Form,
): { room: Room; seat: Seat } {
  const { rooms, calls, ground } = account;
  const known = rooms.find(sidOrName);
  if (!known && CONFERENCE_SID.test(sidOrName)) throw refuse('notFound', path);
  if (known?.status === 'completed') throw refuse('conferenceEnded');
  if (!form.filled('To')) throw refuse('callWithoutTo');
  if (!form.filled('From')) throw refuse('callWithoutFrom');
  const label = labelOf(form, known);
  const maxParticipants = form.whole('MaxParticipants', 2, 250);
  const ringSeconds = form.whole('Timeout', 1, 600, 'callTimeout') ?? 60;
  const limitSeconds = form.whole('TimeLimit', 1, 86_400) ?? 14_400;
  const callback = callbackOf(account, form);
  const roomUrl = form.url('ConferenceStatusCallback', 'callStatusCallback', ground.privateUrls);
  const roomMethod = form.method('ConferenceStatusCallbackMethod', 'callMethod') ?? 'POST';
  const roomEvents = form.list('ConferenceStatusCallbackEvent');
  const { to, instructions } = calledInto(account, form.filled('To')!);
  const from = callerOf(account, form.filled('From')!, to);
  if (known && known.seats.size >= (maxParticipants ?? known.maxParticipants)) throw refuse('conferenceFull');

  const room = known ?? rooms.create(sidOrName);
  if (maxParticipants !== undefined) room.maxParticipants = maxParticipants;
  const events = roomEvents.length > 0 ? roomEvents : ['start', 'end'];
  if (roomUrl) room.callback ??= { url: roomUrl, method: roomMethod, events };
  const record = dialler.place({
    from,
    to,
    direction: 'outbound-api',
    ringForMs: ringSeconds * 1000,
    timeLimitMs: limitSeconds * 1000,
    ...(callback && { callback }),
    ...(instructions && { instructions }),
    onRinging: () => {
      seat.status = 'ringing';
    },
    onAnswered: () => rooms.connect(room, seat),
    onOver: () => rooms.leave(room, seat),
  });
  const seat = rooms.seat(room, {
    callSid: record.callSid,
    status: 'queued',
    ...(label !== undefined && { label }),
    muted: form.flag('Muted') ?? false,
    startsRoom: form.flag('StartConferenceOnEnter') ?? true,
    endsRoom: form.flag('EndConferenceOnExit') ?? false,
    coaching: form.flag('Coaching') ?? false,
    ...(form.filled('CallSidToCoach') !== undefined && { coached: form.filled('CallSidToCoach')! }),
    // The leg was dialled for the room alone.
    onOut: () => calls.get(record.callSid)?.stop?.('completed'),
  })!;
  return { room, seat };
}

/** `app:AP…?name=value` is an application: its VoiceUrl is what the leg does, and the parameters come with the request. */
function calledInto(account: Account, text: string): { to: string; instructions?: Instructions } {
  if (!text.startsWith('app:')) return { to: calledOf(account, text) };
  const [sid = '', query] = text.slice('app:'.length).split('?');
  const application = account.applications.get(sid);
  if (!application?.voiceUrl) throw refuse('participantApplication');
  const { voiceUrl: url, voiceMethod: method } = application;
  const parameters = Object.fromEntries(new URLSearchParams(query));
  return { to: text, instructions: { url, method, ...(query !== undefined && { parameters }) } };
}

function labelOf(form: Form, room: Room | undefined): string | undefined {
  const label = form.filled('Label');
  if (label === undefined) return undefined;
  const taken = [...(room?.seats.values() ?? [])].some((seat) => seat.label === label);
  if (label.length > 128 || /^CA[0-9a-f]{32}$/.test(label) || /\/|%2F/i.test(label)) throw refuse('participantLabel');
  if (taken) throw refuse('participantLabelTaken');
  return label;
}

/** `{CallSid}` in a path is the call's sid or the participant's label. */
export function seatOf(room: Room, callSidOrLabel: string): Seat | undefined {
  return room.seats.get(callSidOrLabel) ?? [...room.seats.values()].find(({ label }) => label === callSidOrLabel);
}
