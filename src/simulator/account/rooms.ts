import type { Form, Method } from './form.js';
import type { ConferenceJoin, ConferenceSeat } from './live-call.js';
import { refuse } from './refusals.js';
import { API_VERSION, type Ground, rfc2822 } from './state.js';

export type RoomEvent = 'start' | 'end' | 'join' | 'leave' | 'mute' | 'hold' | 'modify' | 'speaker' | 'announcement';

export interface RoomCallback {
  readonly url: string;
  readonly method: Method;
  readonly events: readonly string[];
}

/** Somebody in a room, or on the way to it. */
export interface Seat {
  readonly callSid: string;
  readonly label: string | undefined;
  readonly createdAt: Date;
  updatedAt: Date;
  status: 'queued' | 'connecting' | 'ringing' | 'connected';
  muted: boolean;
  hold: boolean;
  startsRoom: boolean;
  endsRoom: boolean;
  coaching: boolean;
  coached: string | undefined;
  onOut: (reason: string) => void;
}

export interface Room {
  readonly sid: string;
  readonly friendlyName: string;
  readonly createdAt: Date;
  updatedAt: Date;
  status: 'init' | 'in-progress' | 'completed';
  reason?: EndReason;
  endedBy?: string;
  readonly seats: Map<string, Seat>;
  maxParticipants: number;
  callback?: RoomCallback;
  sequence: number;
}

type EndReason =
  | 'conference-ended-via-api'
  | 'participant-with-end-conference-on-exit-left'
  | 'participant-with-end-conference-on-exit-kicked'
  | 'last-participant-left'
  | 'last-participant-kicked';

export interface SeatOrder {
  readonly callSid: string;
  readonly status: Seat['status'];
  readonly label?: string;
  readonly muted?: boolean;
  readonly startsRoom?: boolean;
  readonly endsRoom?: boolean;
  readonly coaching?: boolean;
  readonly coached?: string;
  onOut?(reason: string): void;
}

const LARGEST_ROOM = 250;

/**
 * Conferences. A room exists from its first participant on, starts with the second one (when one of them may start it),
 * and is over for good when the last one has left. https://www.twilio.com/docs/voice/api/conference-resource
 */
export class Rooms {
  readonly #ground: Ground;
  readonly #rooms = new Map<string, Room>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  get all(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  /** By its sid, or by the name of one that is not over. */
  find(sidOrName: string): Room | undefined {
    return this.#rooms.get(sidOrName) ?? this.open(sidOrName);
  }

  open(friendlyName: string): Room | undefined {
    return this.all.find((room) => room.friendlyName === friendlyName && room.status !== 'completed');
  }

  create(friendlyName: string): Room {
    const now = this.#ground.now();
    const room: Room = {
      sid: this.#ground.sid('CF'),
      friendlyName,
      createdAt: now,
      updatedAt: now,
      status: 'init',
      seats: new Map(),
      maxParticipants: LARGEST_ROOM,
      sequence: 1,
    };
    this.#rooms.set(room.sid, room);
    return room;
  }

  /** A caller comes in by `<Dial><Conference>`. Undefined when the room is full. */
  join(join: ConferenceJoin): ConferenceSeat | undefined {
    const room = this.open(join.friendlyName) ?? this.create(join.friendlyName);
    const { statusCallback: url, statusCallbackEvent } = join;
    const events = statusCallbackEvent?.split(/\s+/) ?? ['start', 'end'];
    if (url) room.callback ??= { url, method: join.statusCallbackMethod ?? 'POST', events };
    if (join.maxParticipants !== undefined) room.maxParticipants = join.maxParticipants;
    const seat = this.seat(room, {
      callSid: join.callSid,
      status: 'connecting',
      ...(join.label !== undefined && { label: join.label }),
      muted: join.muted ?? false,
      startsRoom: join.startConferenceOnEnter ?? true,
      endsRoom: join.endConferenceOnExit ?? false,
      onOut: (reason) => join.onOut?.(reason),
    });
    if (!seat) return undefined;
    this.connect(room, seat);
    return {
      conferenceSid: room.sid,
      get muted() {
        return seat.muted;
      },
      get hold() {
        return seat.hold;
      },
      leave: () => this.leave(room, seat),
    };
  }

  /** Takes a place, for somebody who may still have to be dialled. Undefined when there is none left. */
  seat(room: Room, order: SeatOrder): Seat | undefined {
    if (room.seats.size >= room.maxParticipants) return undefined;
    const now = this.#ground.now();
    const seat: Seat = {
      callSid: order.callSid,
      label: order.label,
      createdAt: now,
      updatedAt: now,
      status: order.status,
      muted: order.muted ?? false,
      hold: false,
      startsRoom: order.startsRoom ?? true,
      endsRoom: order.endsRoom ?? false,
      coaching: order.coaching ?? false,
      coached: order.coached,
      onOut: (reason) => order.onOut?.(reason),
    };
    room.seats.set(seat.callSid, seat);
    return seat;
  }

  /** Is in the room from now on, and heard there. */
  connect(room: Room, seat: Seat): void {
    if (room.status === 'completed' || seat.status === 'connected') return;
    seat.status = 'connected';
    this.#touch(room, seat);
    this.#tell(room, 'join', 'participant-join', seat);
    const inside = [...room.seats.values()].filter(({ status }) => status === 'connected');
    if (room.status === 'init' && inside.length > 1 && inside.some(({ startsRoom }) => startsRoom)) {
      room.status = 'in-progress';
      this.#tell(room, 'start', 'conference-start');
    }
  }

  /** Has hung up, went elsewhere, or never came. */
  leave(room: Room, seat: Seat, kicked = false): void {
    if (!room.seats.delete(seat.callSid)) return;
    this.#touch(room, seat);
    const how = kicked ? 'kicked' : 'left';
    if (seat.status === 'connected') this.#tell(room, 'leave', 'participant-leave', seat);
    if (seat.status === 'connected' && seat.endsRoom) {
      this.end(room, `participant-with-end-conference-on-exit-${how}`, seat.callSid);
    } else if (room.seats.size === 0) this.end(room, `last-participant-${how}`, seat.callSid);
  }

  /** Put out by the API: the verb ends; a leg that was only dialled for the room ends with it. */
  kick(room: Room, seat: Seat): void {
    this.leave(room, seat, true);
    seat.onOut('kicked');
  }

  end(room: Room, reason: EndReason, endedBy?: string): void {
    if (room.status === 'completed') return;
    room.status = 'completed';
    room.reason = reason;
    if (endedBy !== undefined) room.endedBy = endedBy;
    room.updatedAt = this.#ground.now();
    const left = [...room.seats.values()];
    room.seats.clear();
    for (const seat of left) this.#tell(room, 'leave', 'participant-leave', seat);
    this.#tell(room, 'end', 'conference-end');
    for (const seat of left) seat.onOut(reason);
  }

  /** `muted`, `hold`, `endConferenceOnExit`, coaching. */
  update(room: Room, seat: Seat, form: Form): void {
    const { privateUrls } = this.#ground;
    for (const name of ['HoldUrl', 'AnnounceUrl', 'WaitUrl']) form.url(name, 'callUrl', privateUrls);
    for (const name of ['HoldMethod', 'AnnounceMethod', 'WaitMethod']) form.method(name, 'callMethod');
    const [muted, hold] = [form.flag('Muted'), form.flag('Hold')];
    const before = { muted: seat.muted, hold: seat.hold };
    seat.muted = muted ?? seat.muted;
    seat.hold = hold ?? seat.hold;
    seat.endsRoom = form.flag('EndConferenceOnExit') ?? seat.endsRoom;
    seat.coaching = form.flag('Coaching') ?? seat.coaching;
    seat.coached = form.filled('CallSidToCoach') ?? seat.coached;
    this.#touch(room, seat);
    const { muted: isMuted, hold: isHeld } = seat;
    if (isMuted !== before.muted) this.#tell(room, 'mute', isMuted ? 'participant-mute' : 'participant-unmute', seat);
    if (isHeld !== before.hold) this.#tell(room, 'hold', isHeld ? 'participant-hold' : 'participant-unhold', seat);
  }

  /** `POST Conferences/{CF}.json`. */
  change(room: Room, form: Form): void {
    form.url('AnnounceUrl', 'callUrl', this.#ground.privateUrls);
    const status = form.choice('Status', ['completed'] as const, 'conferenceStatus');
    if (status === undefined) return;
    if (room.status === 'completed') throw refuse('conferenceEnded');
    this.end(room, 'conference-ended-via-api');
  }

  #touch(room: Room, seat: Seat): void {
    seat.updatedAt = this.#ground.now();
    room.updatedAt = seat.updatedAt;
  }

  #tell(room: Room, event: RoomEvent, name: string, seat?: Seat): void {
    const { callback } = room;
    if (!callback?.events.includes(event)) return;
    this.#ground.callbacks.send(room.sid, callback.url, callback.method, {
      ConferenceSid: room.sid,
      FriendlyName: room.friendlyName,
      AccountSid: this.#ground.accountSid,
      SequenceNumber: String(room.sequence),
      Timestamp: rfc2822(this.#ground.now()),
      StatusCallbackEvent: name,
      ...(seat && {
        CallSid: seat.callSid,
        Muted: String(seat.muted),
        Hold: String(seat.hold),
        Coaching: String(seat.coaching),
        EndConferenceOnExit: String(seat.endsRoom),
        StartConferenceOnEnter: String(seat.startsRoom),
        ...(seat.label !== undefined && { ParticipantLabel: seat.label }),
      }),
      ...(event === 'end' && {
        ...(room.reason !== undefined && { ReasonConferenceEnded: room.reason }),
        ...(room.endedBy !== undefined && { CallSidEndingConference: room.endedBy }),
      }),
    });
    room.sequence += 1;
  }

  resource(room: Room): { sid: string } & Record<string, unknown> {
    const uri = this.#ground.uri(`/Conferences/${room.sid}`);
    return {
      sid: room.sid,
      account_sid: this.#ground.accountSid,
      date_created: rfc2822(room.createdAt),
      date_updated: rfc2822(room.updatedAt),
      api_version: API_VERSION,
      friendly_name: room.friendlyName,
      region: 'us1',
      status: room.status,
      reason_conference_ended: room.reason ?? null,
      call_sid_ending_conference: room.endedBy ?? null,
      uri: `${uri}.json`,
      subresource_uris: { participants: `${uri}/Participants.json`, recordings: `${uri}/Recordings.json` },
    };
  }

  seatResource(room: Room, seat: Seat): { call_sid: string } & Record<string, unknown> {
    return {
      account_sid: this.#ground.accountSid,
      call_sid: seat.callSid,
      label: seat.label ?? null,
      conference_sid: room.sid,
      date_created: rfc2822(seat.createdAt),
      date_updated: rfc2822(seat.updatedAt),
      end_conference_on_exit: seat.endsRoom,
      muted: seat.muted,
      hold: seat.hold,
      status: seat.status,
      start_conference_on_enter: seat.startsRoom,
      coaching: seat.coaching,
      call_sid_to_coach: seat.coached ?? null,
      queue_time: '0',
      uri: this.#ground.uri(`/Conferences/${room.sid}/Participants/${seat.callSid}.json`),
    };
  }
}
